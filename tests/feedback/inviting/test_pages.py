"""Sending a survey from a card, and the list of who waits."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Message
from feedback.inviting import planning
from feedback.models import Invitation
from shop.models import Setting
from tests import build

pytestmark = pytest.mark.django_db
KEY = "0" * 32


@pytest.fixture(autouse=True)
def _no_quiet_hours():
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)


def test_sent_from_the_card_twice_it_is_one_mail_that_waits_a_minute(ana, as_support):
    survey = build.survey("nps")
    address = reverse("feedback:invite_one", args=[ana.pk])
    assert survey.name in as_support.get(address).content.decode()

    for _time in range(2):
        assert as_support.post(address, {"survey": survey.pk, "key": KEY}).status_code == 302

    asked, message = Invitation.objects.get(), Message.objects.get()
    assert (asked.trigger, asked.message) == ("hand", message)
    assert message.due_at > timezone.now()
    as_support.post(reverse("feedback:invitation_taken_back", args=[asked.pk]))
    asked.refresh_from_db()
    message.refresh_from_db()
    assert (asked.state, asked.why, message.state) == ("not_sent", "taken_back", "not_sent")


def test_who_may_not_be_asked_is_not_and_the_page_says_why(ana, as_support):
    survey = build.survey("nps")
    build.complaint(ana)

    answer = as_support.post(reverse("feedback:invite_one", args=[ana.pk]), {"survey": survey.pk, "key": KEY})

    assert answer.status_code == 422
    assert "A complaint is open" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_the_list_counts_who_waits_by_reason(ana, ben, cleo, as_manager):
    survey = build.survey("nps")
    for who in (ana, ben, cleo):
        build.invitation(who, survey, sent=False)
    build.complaint(ben)
    survey.pause(actor="")
    planning.plan_due()
    Invitation.objects.filter(customer=cleo).update(state="not_sent", why="refused")

    waiting = as_manager.get(reverse("feedback:waiting")).content.decode()
    not_sent = as_manager.get(reverse("feedback:waiting"), {"list": "not_sent", "why": "refused"}).content.decode()

    assert "The survey is paused." in waiting
    assert "Ana Lindqvist" in waiting
    assert "The customer said no to it." in not_sent
    assert "Cleo Marczak" in not_sent


def test_the_list_asks_as_often_for_one_as_for_fifty(as_manager, django_assert_max_num_queries):
    survey = build.survey("nps")
    for n in range(51):
        build.invitation(build.customer(f"C {n}"), survey, sent=False)

    with django_assert_max_num_queries(12):
        page = as_manager.get(reverse("feedback:waiting")).content.decode()

    assert "after=" in page
