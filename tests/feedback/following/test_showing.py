"""What answers show on the card, its timeline, Today and the page of thanks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.events.reactions import run_due
from crm.panels import panels
from loyalty.models import ReferralCode
from shop.models import Setting
from tests import build
from tests.loyalty.programme import making

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_quiet_hours():
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)


def page(client, address):
    return client.get(address).content.decode()


def test_the_card_has_the_answer_and_what_became_of_it(ana, as_manager, mira):
    build.response(ana, build.survey("nps"), 3, "The parcel came late.")
    run_due("feedback.reactions.follow_answers")

    card = page(as_manager, ana.get_absolute_url())

    assert "3 of 10" in card
    assert "The parcel came late." in card
    assert "not closed yet" in card
    assert page(as_manager, reverse("crm:timeline", args=[ana.pk]) + "?show=feedback").count("Answered") == 1
    today = page(as_manager, reverse("crm:today"))
    assert "Low scores to answer" in today


def test_support_sees_the_score_without_who_wrote_which_words(ana, as_support):
    build.response(ana, build.survey("nps"), 9, "Lovely people.")

    card = page(as_support, ana.get_absolute_url())

    assert "9 of 10" in card
    assert "Lovely people." not in card


def test_a_change_is_on_the_timeline_with_what_it_was(ana, as_manager):
    response = build.response(ana, build.survey("nps"), 9)
    response.change({"score": 7, "comment": ""}, actor="")

    timeline = page(as_manager, reverse("crm:timeline", args=[ana.pk]))

    assert "Answer changed" in timeline
    assert "before 9" in timeline


def test_the_button_says_why_when_it_cannot_be_pressed(ana, as_support):
    address = reverse("feedback:invite_button", args=[ana.pk])
    assert "aria-disabled" not in page(as_support, address)

    build.complaint(ana)

    shown = page(as_support, address)
    assert "aria-disabled" in shown
    assert "A complaint is open" in shown


def test_who_is_happy_is_asked_for_a_review_and_others_are_not(ana, ben):
    survey = build.survey("nps", review_url="https://reviews.example/shop")
    happy, unhappy = build.response(ana, survey, 10), build.response(ben, survey, 3)

    assert [one.template for one in panels("thanks", None, happy)["thanks"]] == ["feedback/following/_review.html"]
    assert panels("thanks", None, unhappy) == {}


def test_promoters_get_a_code_for_their_friends_where_inviting_brings_points(ana):

    making.rule(referral_inviter=100)
    response = build.response(ana, build.survey("nps"), 10)
    run_due("loyalty.reactions.give_promoters_a_code")

    assert ReferralCode.objects.filter(customer=ana).count() == 1
    assert "loyalty/me/_invitation.html" in [one.template for one in panels("thanks", None, response)["thanks"]]


def test_the_code_stands_on_the_first_page_of_thanks_however_late_the_reaction(ana):
    making.rule(referral_inviter=100)
    response = build.response(ana, build.survey("nps"), 9)

    [shown] = [one.context["code"] for one in panels("thanks", None, response)["thanks"]]
    assert not ReferralCode.objects.exists(), "looking writes nothing"
    run_due("loyalty.reactions.give_promoters_a_code")

    assert ReferralCode.objects.get(customer=ana).code == shown
    assert [one.context["code"] for one in panels("thanks", None, response)["thanks"]] == [shown]


def test_who_becomes_a_promoter_by_a_change_gets_the_code_too(ana):
    making.rule(referral_inviter=100)
    response = build.response(ana, build.survey("nps"), 5)
    assert panels("thanks", None, response) == {}

    response.change({"score": 10, "comment": ""}, actor="")
    run_due("loyalty.reactions.give_promoters_a_code")

    assert ReferralCode.objects.get().customer == ana


def test_a_test_answer_promises_no_code(ana):
    making.rule(referral_inviter=100)
    trial = build.invitation(ana, build.survey("nps"), test=True).answer({"score": 10}, language="en")

    assert panels("thanks", None, trial) == {}


def test_the_card_asks_no_more_with_answers_than_without(ana, as_manager, mira):
    as_manager.get(ana.get_absolute_url())
    with CaptureQueriesContext(connection) as before:
        as_manager.get(ana.get_absolute_url())
    survey = build.survey("nps")
    for score in (3, 9, 10):
        build.response(ana, survey, score, "Words.")
    run_due("feedback.reactions.follow_answers")

    with CaptureQueriesContext(connection) as after:
        card = page(as_manager, ana.get_absolute_url())

    assert "10 of 10" in card
    assert len(after) == len(before) <= 12


def test_with_the_address_of_the_web_shop_thanks_give_a_link_and_nothing_to_scan(ana):
    making.rule(referral_inviter=100)
    Setting.put("shop.web_address", "https://shop.example/", by=None)
    response = build.response(ana, build.survey("nps"), 9)

    [told] = [one.context for one in panels("thanks", None, response)["thanks"]]

    assert (told["link"], told["qr"]) == (f"https://shop.example/?ref={told['code']}", "")
