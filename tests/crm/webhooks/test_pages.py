"""The pages of webhooks: made with a secret that is shown once, changed, paused, tested, sent again."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Delivery, Event, Webhook
from crm.webhooks import delivering
from crm.webhooks.forms import OFFERED
from crm.webhooks.words import REFUSED, TROUBLE, why_not
from shop.outgoing.client import Answer
from shop.rights import ROLES
from tests.crm.webhooks.receiving import webhook

pytestmark = pytest.mark.django_db
TOLD = {"name": "Webshop", "url": "https://shop.example/hooks", "kinds": ["order.placed", "order.refunded"]}


def url(name, *numbers):
    return reverse(f"crm:{name}", args=numbers)


def test_a_webhook_is_made_and_its_secret_shown_once(as_administrator):
    page = as_administrator.post(url("webhook_new"), TOLD)

    made = Webhook.objects.get()
    (secret,) = made.live_secrets()
    assert secret in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert (made.name, made.kinds, made.personal) == ("Webshop", TOLD["kinds"], False)
    assert secret not in as_administrator.get(url("webhook", made.pk)).content.decode()
    assert Event.objects.get(kind="webhook.changed").data == {"webhook": made.pk, "what": "made"}


@pytest.mark.parametrize(
    "address", ["http://shop.example/", "https://127.1/", "https://u:p@shop.example/", "https://shop.example:22/", "x"]
)
def test_an_address_that_may_not_be_reached_is_refused_with_a_reason(as_administrator, address):
    page = as_administrator.post(url("webhook_new"), {**TOLD, "url": address})

    assert page.status_code == 422
    assert any(str(said) in page.context["form"].errors["url"] for said in REFUSED.values())
    assert not Webhook.objects.exists()


def test_a_kind_there_is_not_is_refused_and_everything_swallows_the_rest(as_administrator):
    assert as_administrator.post(url("webhook_new"), {**TOLD, "kinds": ["order.eaten"]}).status_code == 422
    assert as_administrator.post(url("webhook_new"), {**TOLD, "kinds": []}).status_code == 422

    as_administrator.post(url("webhook_new"), {**TOLD, "kinds": ["*", "order.placed"]})

    assert Webhook.objects.get().kinds == ["*"]


def test_all_kinds_but_those_about_webhooks_are_offered(as_administrator):
    page = as_administrator.get(url("webhook_new")).content.decode()

    assert all(f'value="{kind}"' in page for kind in OFFERED)
    assert "webhook.changed" not in page


def test_it_is_changed_paused_resumed_and_removed_and_each_is_noted(as_administrator, ada):
    hook, _ = webhook(9)
    for name in ("webhook_pause", "webhook_resume", "webhook_test", "webhook_secret"):
        assert as_administrator.post(url(name, hook.pk)).status_code in (200, 302)
    as_administrator.post(url("webhook_edit", hook.pk), {**TOLD, "name": "Books"})
    as_administrator.post(url("webhook_edit", hook.pk), {**TOLD, "name": "Books"})
    as_administrator.post(url("webhook_secret", hook.pk), {"do": "end_former"})
    as_administrator.post(url("webhook_removal", hook.pk))

    noted = Event.objects.filter(kind="webhook.changed").order_by("pk")
    assert [event.data["what"] for event in noted] == [
        "made", "paused", "resumed", "tested", "secret_changed", "changed", "former_secret_ended", "removed",
    ]  # fmt: skip
    assert {event.actor for event in noted[1:]} == {ada.actor}
    assert not Webhook.objects.exists()


def failed(hook, count=1, ago=timedelta(0)):
    at = timezone.now() - ago
    events = [Event.record("order.cancelled", reference=f"R{n}") for n in range(count)]
    Delivery.objects.filter(event__in=events).update(state="failed", trouble="timeout", ended_at=at, attempts=16)


def test_what_failed_since_a_day_goes_once_more(as_administrator):
    hook, _ = webhook(9)
    failed(hook, 2, timedelta(days=1))
    failed(hook, 1, timedelta(days=20))

    week_ago = (timezone.now() - timedelta(days=7)).date()
    as_administrator.post(url("webhook_replay", hook.pk), {"since": week_ago.isoformat()})

    assert hook.deliveries.filter(state="waiting", attempts=0).count() == 2
    assert hook.deliveries.filter(state="failed").count() == 1
    assert as_administrator.post(url("webhook_replay", hook.pk), {"since": "2026-02-30"}).status_code == 422


def test_one_message_is_read_with_its_answers_and_sent_again(as_administrator):
    hook, _ = webhook(9)
    Event.record("order.cancelled", reference="R<1>")
    (delivery,) = delivering.claim(1)
    delivering.note(delivery, Answer(status=410, text="<b>gone</b>"), timezone.now())

    page = as_administrator.get(url("delivery", hook.pk, delivery.pk)).content.decode()
    assert "&lt;b&gt;gone&lt;/b&gt;" in page
    assert str(delivery) in page

    as_administrator.post(url("delivery_replay", hook.pk, delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 0)


def test_a_message_of_another_webhook_is_not_found(as_administrator):
    hook, other = webhook(9)[0], webhook(9, name="other")[0]
    Event.record("order.cancelled", reference="R1")

    address = url("delivery", hook.pk, other.deliveries.get().pk)

    assert as_administrator.get(address).status_code == 404


def test_a_page_asks_as_much_for_fifty_messages_as_for_one(as_administrator):
    hook, _ = webhook(9)

    def questions():
        with CaptureQueriesContext(connection) as asked:
            assert as_administrator.get(url("webhook", hook.pk), {"list": "failed"}).status_code == 200
        return len(asked)

    failed(hook)
    questions()
    one = questions()
    failed(hook, 60)

    assert questions() == one
    page = as_administrator.get(url("webhook", hook.pk))
    rest = as_administrator.get(url("webhook", hook.pk), {"before": page.context["page"].following})
    assert (len(page.context["page"].rows), len(rest.context["page"].rows)) == (25, 25)


def test_everything_that_can_go_wrong_has_a_sentence():
    said = {f"refused_{why}" for why in REFUSED} | {"timeout", "connection", "tls", "malformed", "secret", "late"}

    assert said <= set(TROUBLE)
    assert str(why_not("", 500)) == "Answered with 500."


def test_erasing_a_customer_empties_what_was_sent_about_them(ana, ada):
    from crm.privacy.erasing import erase

    webhook(9, personal=True)
    Event.record("task.created", customer=ana, title="Ring zqanaqz", due_on=None)
    (delivery,) = [one for one in delivering.claim(16) if one.event.kind == "task.created"]
    delivering.note(delivery, Answer(status=500, text="zqanaqz who?"), timezone.now())
    assert "zqanaqz" in Delivery.objects.get(pk=delivery.pk).body

    erase(ana, why="asked", by=ada)

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM crm_delivery UNION ALL SELECT answer FROM crm_deliveryattempt")
        assert "zqanaqz" not in str(cursor.fetchall())
    Delivery.objects.update(due_at=timezone.now())
    (again,) = [one for one in delivering.claim(16) if one.pk == delivery.pk]
    assert json.loads(again.body)["data"]["details"]["title"] != "Ring zqanaqz"


def test_on_the_page_too_what_people_typed_needs_the_right_to_export_customers(as_administrator, monkeypatch):
    monkeypatch.setitem(ROLES, "administrator", ROLES["administrator"] - {"customers.export"})

    shown = as_administrator.get(url("webhook_new")).content.decode()
    as_administrator.post(url("webhook_new"), {**TOLD, "personal": "on"})
    made = Webhook.objects.get()
    Webhook.objects.update(personal=True)
    refused = as_administrator.post(url("webhook_edit", made.pk), {**TOLD, "url": "https://else.example/"})

    assert "Only who may export customers" in shown
    assert not made.personal
    assert refused.status_code == 403
    assert Webhook.objects.get().url == TOLD["url"]
