"""Consent on the card: beside each address, changed as the customer said it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.contact.budget import may_contact
from crm.models import Consent, Event, Suppression
from shop.models import Setting
from tests import build

EMAIL = "ana@people.example"
pytestmark = pytest.mark.usefixtures("london")


@pytest.fixture
def address(ana):
    return ana.identifiers.get(kind="email")


@pytest.fixture
def form(ana, address):
    return f"/customers/{ana.pk}/contacts/{address.pk}/consent/"


def shown(client, customer):
    return client.get(customer.get_absolute_url()).content.decode()


def test_the_card_says_beside_each_address_what_is_allowed_how_and_by_whom(as_sam, sam, ana):
    Consent.say(ana, "email", EMAIL, {"offers": "given"}, method="phone", wording="Gladly.", by=sam.actor)
    Consent.say(ana, "email", EMAIL, {"points": "withdrawn"}, method="link")

    html = shown(as_sam, ana)

    assert "Surveys, Offers" in html
    assert '<span class="visually-hidden">Not allowed:</span> Points' in html
    assert "by phone, Sam Ashby" in html
    assert "Gladly." in html
    assert "by the link in a mail" in html
    assert "yes, having ordered" in html


def test_a_phone_about_which_nobody_said_anything_says_so(as_sam, ana):
    assert "No consent yet" in shown(as_sam, ana)


def test_staff_write_down_what_the_customer_said(as_sam, sam, ana, form):
    answer = as_sam.post(
        form, {"offers": "yes", "points": "no", "method": "phone", "wording": "Offers yes, points no."}
    )

    assert answer.status_code == 302
    held = Consent.objects.current("email", EMAIL)
    assert {purpose: row.state for purpose, row in held.items()} == {"offers": "given", "points": "refused"}
    assert (held["offers"].by, held["offers"].method, held["offers"].wording) == (
        sam.actor,
        "phone",
        "Offers yes, points no.",
    )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"offers": "yes", "method": "phone"}, "Write them down."),
        ({"offers": "yes", "method": "phone", "wording": "  "}, "Write them down."),
        ({"method": "phone", "wording": "Yes."}, "Choose what the customer wants"),
        ({"offers": "yes", "wording": "Yes."}, "This field is required."),
        ({"offers": "yes", "method": "import", "wording": "Yes."}, "Select a valid choice."),
        ({"offers": "given", "method": "phone", "wording": "Yes."}, ""),
    ],
)
def test_a_yes_needs_the_way_it_was_said_and_the_words(as_sam, ana, form, said, sentence):
    answer = as_sam.post(form, said)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Consent.objects.exists()


def test_a_no_needs_no_words(as_sam, ana, form):
    as_sam.post(form, {"offers": "no", "method": "in_person"})

    assert Consent.objects.get().state == "refused"


def test_an_address_of_another_card_is_not_reached_through_this_one(as_sam, ana, ben):
    other = ben.identifiers.get(kind="email")

    assert as_sam.post(f"/customers/{ana.pk}/contacts/{other.pk}/consent/", {"offers": "no"}).status_code == 404
    assert as_sam.post(f"/customers/{ana.pk}/contacts/{other.pk}/release/", {"why": "x"}).status_code == 404


def test_words_of_customers_are_escaped(as_sam, ana):
    Consent.say(ana, "email", EMAIL, {"offers": "given"}, method="phone", wording="<script>alert(1)</script>")

    html = shown(as_sam, ana)

    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_suppressed_address_is_struck_out_with_the_reason_and_staff_can_lift_it(as_sam, ana, address):
    Suppression.note(EMAIL, "hard")
    html = shown(as_sam, ana)
    assert "channel--invalid" in html
    assert "Nothing goes here: the address does not exist" in html

    as_sam.post(f"/customers/{ana.pk}/contacts/{address.pk}/release/", {"why": "She rang: the mailbox was full."})

    assert "channel--invalid" not in shown(as_sam, ana)
    assert may_contact(ana, "service").allowed
    assert Event.objects.get(kind="address.released").data["why"] == "She rang: the mailbox was full."


def test_what_was_called_spam_is_not_lifted(as_sam, ana, address):
    Suppression.note(EMAIL, "complaint")

    assert "It works again" not in shown(as_sam, ana)
    as_sam.post(f"/customers/{ana.pk}/contacts/{address.pk}/release/", {"why": "please"})
    assert may_contact(ana, "service").why == "complained"


def test_the_timeline_tells_of_consent_pauses_and_addresses(as_sam, ana, sam, address):
    Consent.say(
        ana, "email", EMAIL, {"offers": "given", "birthday": "given"}, method="phone", wording="Yes.", by=sam.actor
    )
    Consent.say(ana, "email", EMAIL, {"offers": "withdrawn"}, method="link")
    Suppression.note(EMAIL, "hard")

    html = as_sam.get(f"/customers/{ana.pk}/timeline/?show=consent").content.decode()

    assert html.index("Address suppressed") < html.index("Consent withdrawn") < html.index("Consent given")
    assert "Offers, Birthday" in html


def test_the_card_asks_as_often_for_seven_addresses_as_for_two(as_sam, ana):
    shown(as_sam, ana)
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown(as_sam, ana)
    for n in range(5):
        build.identifier(ana, "email", f"ana{n}@people.example")
    with CaptureQueriesContext(connection) as many:
        shown(as_sam, ana)

    assert len(many) == len(few)


def test_the_settings_have_a_screen_of_their_own(client, ada):
    client.force_login(ada)
    html = client.get("/settings/contact/").content.decode()
    assert "Quiet hours begin at" in html

    values = {
        "contact-feedback_by_default": "on",
        "contact-survey_days": "10",
        "contact-marketing_days": "7",
        "contact-marketing_most": "4",
        "contact-all_most": "5",
        "contact-quiet_from": "21",
        "contact-quiet_until": "8",
    }
    assert client.post("/settings/contact/", values).status_code == 302
    assert client.post("/settings/contact/", {**values, "contact-quiet_from": "24"}).status_code == 422

    assert (Setting.get("contact.survey_days"), Setting.get("contact.points_by_default")) == (10, False)
