"""Invitations that are due: a mail, another day with its reason, or not sent with its reason."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from crm.events.reactions import run_due
from crm.mail import sending
from crm.models import ContactSlot, Event, Message, Suppression
from feedback.inviting import planning, reminding
from feedback.inviting.reasons import why_not
from feedback.models import Invitation, InvitationToken
from shop.models import Setting
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_quiet_hours():
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)


def asked(customer, survey, **fields):
    return build.invitation(customer, survey, sent=False, **fields)


def send_all():
    planning.plan_due()
    sending.send_due()
    run_due("feedback.reactions.hear_of_mails")


def fresh(invitation):
    return Invitation.objects.get(pk=invitation.pk)


def test_what_is_due_becomes_a_mail_that_leaves(ana):
    one = asked(ana, build.survey("nps"), trigger="order")

    send_all()

    one = fresh(one)
    assert (one.state, one.why) == ("sent", "")
    assert one.expires_at - one.sent_at == timedelta(days=30)
    assert Event.objects.get(kind="invitation.sent").data["kind"] == "nps"
    assert ["/f/" in sent.body for sent in mail.outbox] == [True]
    assert InvitationToken.objects.get().invitation == one


def test_done_twice_it_is_one_mail(ana):
    asked(ana, build.survey("nps"))

    planning.plan_due()
    planning.plan_due()
    planning.plan(list(Invitation.objects.all()))

    assert Message.objects.count() == 1


def test_of_two_surveys_one_goes_and_the_other_says_from_when(ana):
    first = asked(ana, build.survey("nps"), trigger="order")
    second = asked(ana, build.survey("csat"), trigger="order")

    send_all()
    assert fresh(second).why == "another_first"
    Invitation.objects.filter(pk=second.pk).update(
        due_at=timezone.now(), expires_at=timezone.now() + timedelta(days=60)
    )
    send_all()

    assert fresh(first).state == "sent"
    second = fresh(second)
    assert (second.state, second.why) == ("waiting", "too_soon")
    assert timedelta(days=29) < second.due_at - timezone.now() < timedelta(days=31)
    assert "asked again on" in why_not(second.why, second.due_at)
    assert ContactSlot.objects.count() == 1


def test_who_may_not_be_written_to_is_not_sent_and_says_why(ana, cleo):
    survey = build.survey("nps")
    Suppression.note("ana@people.example", "complaint", cause="x")
    build.order(cleo)
    build.complaint(cleo)
    rows = [asked(ana, survey), asked(cleo, survey), asked(build.customer("Dan"), survey)]

    planning.plan_due()

    assert [(fresh(row).state, fresh(row).why) for row in rows] == [
        ("not_sent", "complained"),
        ("not_sent", "complaint_open"),
        ("not_sent", "no_address"),
    ]
    assert not Message.objects.exists()


def test_an_evening_waits_for_the_morning(ana):
    Setting.put("shop.time_zone", "UTC")
    Setting.put("contact.quiet_from", timezone.now().hour)
    Setting.put("contact.quiet_until", (timezone.now().hour + 2) % 24)
    one = asked(ana, build.survey("nps"))

    planning.plan_due()

    one = fresh(one)
    assert (one.state, one.why) == ("waiting", "quiet_hours")
    assert one.due_at > timezone.now()


def test_a_paused_survey_waits_and_one_put_away_is_not_sent(ana, ben):
    paused, over = build.survey("nps"), build.survey("csat")
    waits, dropped = asked(ana, paused), asked(ben, over)
    paused.pause(actor="")
    over.archive(actor="")

    planning.plan_due()

    assert (fresh(waits).state, fresh(waits).why) == ("waiting", "survey_paused")
    assert (fresh(dropped).state, fresh(dropped).why) == ("not_sent", "survey_over")


def test_refunded_between_the_plan_and_the_mail_it_does_not_go(ana):
    order = build.order(ana)
    one = asked(ana, build.survey("csat"), trigger="order", order=order)
    planning.plan_due()

    type(order).objects.filter(pk=order.pk).update(refunded="1.000")
    sending.send_due()
    run_due("feedback.reactions.hear_of_mails")

    assert (fresh(one).state, fresh(one).why) == ("not_sent", "order_refunded")
    assert Message.objects.get().state == "not_sent"
    assert not mail.outbox


def test_a_send_by_hand_can_be_taken_back_for_a_minute(ana):
    one = asked(ana, build.survey("nps"), trigger="hand", batch="hand:1")
    planning.plan_now(one)

    taken = Message.objects.filter(batch="hand:1").take_back()
    run_due("feedback.reactions.hear_of_mails")

    assert taken == 1
    assert (fresh(one).state, fresh(one).why) == ("not_sent", "taken_back")


def test_who_does_not_answer_is_reminded_once(ana):
    survey = build.survey("nps", reminders=1, reminder_days=5)
    one = asked(ana, survey, trigger="order")
    send_all()

    later = timezone.now() + timedelta(days=5, minutes=1)
    counts = [reminding.remind(), reminding.remind(later), reminding.remind(later + timedelta(days=9))]
    sending.send_due()
    run_due("feedback.reactions.hear_of_mails")

    assert counts == [0, 1, 0]
    assert sorted(Message.objects.values_list("template", "state")) == [
        ("survey_invitation", "sent"),
        ("survey_reminder", "sent"),
    ]
    assert InvitationToken.objects.filter(invitation=one).count() == 2
    assert Event.objects.filter(kind="invitation.sent").count() == 1


def test_an_answer_before_the_reminder_leaves_drops_it(ana):
    one = asked(ana, build.survey("nps"), trigger="order")
    send_all()
    reminding.remind(timezone.now() + timedelta(days=6))

    fresh(one).answer({"score": 9}, language="en")
    sending.send_due()

    assert Message.objects.get(template="survey_reminder").why == "no_longer_true"


def test_a_mail_that_staff_send_after_all_is_sent(ana):
    one = asked(ana, build.survey("nps"), trigger="order")
    planning.plan_due()
    Message.objects.all().take_back()
    run_due("feedback.reactions.hear_of_mails")

    Message.objects.get().try_again()
    sending.send_due()
    run_due("feedback.reactions.hear_of_mails")

    assert fresh(one).state == "sent"


def test_the_query_count_does_not_grow_with_the_invitations(django_assert_max_num_queries):
    survey = build.survey("nps")
    for n in range(50):
        asked(build.customer(f"C {n}", email=f"c{n}@people.example"), survey)

    with django_assert_max_num_queries(35):
        planning.plan_some()
