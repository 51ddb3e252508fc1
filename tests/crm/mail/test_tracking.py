"""What a provider tells: through its own webhook, as it would post it."""

import base64
import json

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Event, Message, Suppression
from tests import build

ADDRESS = "/mail/webhooks/postmark/"
SECRET = "regulars:a-long-secret"


@pytest.fixture
def provider(settings):
    settings.EMAIL_PROVIDER = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "POSTMARK_SERVER_TOKEN": "x"}


def tell(secret=SECRET, address=ADDRESS, **said):
    proof = {"authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"} if secret else {}
    client = Client(headers=proof, raise_request_exception=False)
    return client.post(address, json.dumps(said), content_type="application/json").status_code


def bounce(message, kind="HardBounce", number=1):
    return tell(
        RecordType="Bounce",
        Type=kind,
        ID=number,
        MessageID=message.provider_id,
        Email=message.address,
        BouncedAt="2026-11-01T10:00:00Z",
        Metadata={"message": str(message.pk)},
    )


def sent_to(customer, **fields):
    return build.message(customer, state="sent", provider_id=f"p-{customer.pk}", **fields)


def test_a_hard_bounce_is_on_the_mail_on_the_timeline_and_ends_writing_to_the_address(provider, ana):
    message = sent_to(ana)

    assert bounce(message) == 200

    message.refresh_from_db()
    assert (message.state, message.why) == ("bounced", "hard")
    assert Event.objects.get(kind="message.bounced").customer == ana
    assert Suppression.objects.get().address == "ana@people.example"
    assert Message.queue(ana, "service", "preferences_link", "later").why == "bounced"


def test_the_same_bounce_told_twice_counts_once(provider, ana):
    message = sent_to(ana)

    assert [bounce(message, "SoftBounce", 5) for _time in range(4)] == [200] * 4

    assert not Suppression.objects.exists()
    assert Event.objects.filter(kind="message.bounced").count() == 1


def test_the_third_soft_bounce_ends_it(provider, ana):
    for number in range(3):
        message = sent_to(ana)
        now = timezone.now().isoformat()
        tell(
            RecordType="Bounce",
            Type="SoftBounce",
            ID=number,
            MessageID=f"m-{number}",
            Email=message.address,
            BouncedAt=now,
        )
        assert Suppression.objects.exists() is (number == 2)


def test_a_complaint_ends_it_at_once(provider, ana):
    message = sent_to(ana)

    tell(RecordType="SpamComplaint", Type="SpamComplaint", ID=1, MessageID=message.provider_id, Email=message.address)

    message.refresh_from_db()
    assert (message.state, message.why) == ("bounced", "complaint")
    assert Suppression.objects.get().reason == "complained"


def test_a_delivery_and_an_opening_change_nothing(provider, ana):
    message = sent_to(ana)

    assert tell(RecordType="Delivery", MessageID=message.provider_id, Recipient=message.address) == 200

    message.refresh_from_db()
    assert message.state == "sent"


def test_nobody_else_is_believed(provider, ana, settings):
    message = sent_to(ana)
    said = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 1, "Email": message.address}

    assert tell(secret="regulars:guess", **said) == 400
    assert tell(secret="", **said) == 400
    assert tell(address="/mail/webhooks/mailgun/", **said) == 404
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x"}
    assert tell(secret="", **said) == 404
    settings.EMAIL_PROVIDER = ""
    assert tell(**said) == 404

    message.refresh_from_db()
    assert message.state == "sent"
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "{", '{"RecordType": 7}', '{"RecordType": "Bounce", "Metadata": []}'])
def test_nonsense_breaks_nothing(body, provider, db):
    proof = {"authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}
    client = Client(headers=proof, raise_request_exception=False)

    assert client.post(ADDRESS, body, content_type="application/json").status_code in (200, 400)
