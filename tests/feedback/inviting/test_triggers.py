"""What brings an invitation about, and what takes it back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.events.reactions import run_due
from crm.models import Complaint, Event
from feedback.inviting import triggers
from feedback.models import Invitation
from tests import build

pytestmark = pytest.mark.django_db


def placed(customer, at=0):
    order = build.order(customer, "40.00", at=at)
    event = Event.record("order.placed", customer=customer, order=order, **order_data(order))
    return order, event


def order_data(order):
    from crm.events.kinds import KINDS

    return dict.fromkeys(KINDS["order.placed"].keys, "")


def closed(complaint):
    complaint.solve(actor="staff:1")
    complaint.tell(actor="staff:1")
    complaint.close(actor="staff:1")
    return Event.objects.filter(kind="complaint.closed").latest("pk")


def test_an_order_asks_once_so_many_days_later(ana):
    survey = build.survey("csat", trigger="order", delay_days=5)
    order, event = placed(ana)

    triggers.after_orders([event])
    triggers.after_orders([event])

    (asked,) = Invitation.objects.all()
    assert (asked.customer, asked.order, asked.survey, asked.trigger) == (ana, order, survey, "order")
    assert asked.due_at - order.placed_at == timedelta(days=5)
    assert asked.state == "waiting"


def test_an_order_of_long_ago_and_a_survey_that_stands_still_ask_nobody(ana):
    build.survey("csat", trigger="order", delay_days=5)
    build.survey("ces", trigger="order").pause(actor="")
    _order, event = placed(ana, at=60)

    triggers.after_orders([event])

    assert not Invitation.objects.exists()


@pytest.mark.parametrize(("what", "why"), [("refund", "order_refunded"), ("cancel", "order_cancelled")])
def test_money_given_back_takes_the_question_back(ana, what, why):
    build.survey("csat", trigger="order")
    order, event = placed(ana)
    triggers.after_orders([event])

    order.refund(Decimal("5.00"), actor="") if what == "refund" else order.cancel(actor="")
    run_due("feedback.reactions.withdraw_of_orders")

    assert Invitation.objects.values_list("state", "why").get() == ("not_sent", why)


def test_a_closed_complaint_is_asked_about_unless_it_is_opened_again(ana):
    build.survey("ces", trigger="complaint", delay_days=3)
    complaint = build.complaint(ana)
    triggers.after_complaints([closed(complaint)])

    complaint.reopen(actor="staff:1")
    run_due("feedback.reactions.withdraw_of_complaints")

    assert Invitation.objects.values_list("state", "why").get() == ("not_sent", "complaint_reopened")


def test_closed_again_it_is_asked_about_once(ana):
    build.survey("ces", trigger="complaint")
    complaint = build.complaint(ana)
    first = closed(complaint)
    triggers.after_complaints([first])
    complaint.reopen(actor="staff:1")
    run_due("feedback.reactions.withdraw_of_complaints")

    triggers.after_complaints([closed(Complaint.objects.get())])
    triggers.after_complaints([first])

    assert sorted(Invitation.objects.values_list("state", flat=True)) == ["not_sent", "waiting"]


def test_only_who_is_likely_lost_is_asked_why(ana, ben):
    build.survey("exit", trigger="lapse", delay_days=0)
    said = {"silent_days": 90, "usual_days": 30}
    events = [
        Event.record("risk.raised", customer=ana, state="at_risk", **said),
        Event.record("risk.raised", customer=ben, state="likely_lost", **said),
    ]

    triggers.when_lapsed(events)

    assert [one.customer for one in Invitation.objects.all()] == [ben]


def test_every_few_months_asks_a_share_each_night_and_nobody_twice(ana, ben, cleo):
    build.survey("nps", trigger="every", every_months=1, delay_days=0)
    now = timezone.now()
    for name in range(44):
        build.order(build.customer(f"C {name}"), at=5)

    nights = [triggers.every_few_months(now.date() + timedelta(days=n), now) for n in (0, 0, 1)]

    # 45 who bought within a year, in 30 nights: ben bought longer ago, cleo never.
    assert nights == [2, 0, 2]
    assert not Invitation.objects.filter(customer__in=[ben, cleo]).exists()
    assert Invitation.objects.values("customer").distinct().count() == 4
