"""What happens between the plan and the mail, and between the mail and its reminder."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from crm.events.reactions import run_due
from crm.mail import sending
from crm.models import Consent, Message, Suppression
from feedback.inviting import planning, reminding
from feedback.models import Invitation
from shop.models import Setting
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_quiet_hours():
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)


def send_all():
    sending.send_due()
    run_due("feedback.reactions.hear_of_mails")


def closed(customer):
    complaint = build.complaint(customer)
    complaint.solve(actor="staff:1")
    complaint.tell(actor="staff:1")
    complaint.close(actor="staff:1")
    return complaint


def says_no(ana):
    Consent.say(ana, "email", "ana@people.example", {"feedback": "withdrawn"}, method="page", wording="", source="me")


MEANWHILE = {
    "order_refunded": ("order", lambda one: one.order.refund(Decimal("5.00"), actor="")),
    "order_cancelled": ("order", lambda one: one.order.cancel(actor="")),
    "complaint_reopened": ("complaint", lambda one: one.complaint.reopen(actor="staff:1")),
    "came_back": ("lapse", lambda one: build.order(one.customer, "9.00", at=-0.001)),
    "survey_over": ("order", lambda one: one.survey.archive(actor="")),
    "answered": ("order", lambda one: one.answer({"score": 9}, language="en")),
    "withdrawn": ("order", lambda one: says_no(one.customer)),
    "complained": ("order", lambda one: Suppression.note("ana@people.example", "complaint", cause="x")),
    "complaint_open": ("order", lambda one: build.complaint(one.customer)),
    "too_late": ("order", lambda one: Invitation.objects.update(expires_at=timezone.now())),
}


@pytest.mark.parametrize("why", MEANWHILE)
def test_what_changes_between_the_plan_and_the_mail_holds_it_back(ana, why):
    trigger, happens = MEANWHILE[why]
    about = {"complaint": closed(ana)} if trigger == "complaint" else {"order": build.order(ana, "40.00")}
    one = build.invitation(ana, build.survey("csat"), sent=False, trigger=trigger, **about)
    planning.plan_due()

    happens(one)
    send_all()

    one.refresh_from_db()
    assert not mail.outbox
    assert Message.objects.filter(template="survey_invitation", state="not_sent").count() == 1
    assert (one.state, one.why) == (("answered", "") if why == "answered" else ("not_sent", why))


def test_a_survey_paused_between_the_plan_and_the_mail_is_sent_when_it_goes_on(ana):
    survey = build.survey("csat")
    one = build.invitation(ana, survey, sent=False)
    planning.plan_due()

    survey.pause(actor="")
    send_all()
    assert (Message.objects.get().state, Message.objects.get().why) == ("queued", "stands_still")
    assert not mail.outbox

    survey.start(actor="")
    Message.objects.update(due_at=timezone.now())
    send_all()

    one.refresh_from_db()
    assert (one.state, len(mail.outbox)) == ("sent", 1)


@pytest.mark.parametrize("most", [0, 1, 2])
def test_nobody_is_reminded_more_often_than_the_survey_says(ana, most):
    survey = build.survey("nps", reminders=most, reminder_days=3)
    build.invitation(ana, survey, sent=False)
    planning.plan_due()
    send_all()

    for night in range(1, 30):
        reminding.remind(timezone.now() + timedelta(days=night, minutes=1))
        send_all()

    assert Message.objects.filter(template="survey_reminder").count() == most


@pytest.mark.parametrize("what", ["answered", "paused", "archived", "bounced", "withdrawn", "open complaint"])
def test_who_is_not_to_be_reminded_is_not(ana, what):
    survey = build.survey("nps")
    one = build.invitation(ana, survey, sent=False)
    planning.plan_due()
    send_all()
    {
        "answered": lambda: one.answer({"score": 9}, language="en"),
        "paused": lambda: survey.pause(actor=""),
        "archived": lambda: survey.archive(actor=""),
        "bounced": lambda: Message.objects.update(state="bounced", why="hard"),
        "withdrawn": lambda: says_no(ana),
        "open complaint": lambda: build.complaint(ana),
    }[what]()

    assert reminding.remind(timezone.now() + timedelta(days=6)) == 0
