"""Mails that follow a complaint, where they are switched on."""

import pytest
from django.core import mail as outbox

from crm.events import reactions
from crm.mail import sending
from crm.models import Message
from shop.models import Setting
from tests import build


@pytest.fixture
def switched_on(db):
    Setting.put("mail.complaint_received", True)
    Setting.put("mail.complaint_solved", True)


def follow():
    reactions.run_due("crm.mail.complaints.tell_received")
    reactions.run_due("crm.mail.complaints.tell_solved")


def test_nobody_is_written_to_while_it_is_switched_off(ana):
    build.complaint(ana)

    follow()

    assert not Message.objects.exists()


def test_who_complained_hears_that_it_came_in_and_what_was_done(switched_on, ana):
    complaint = build.complaint(ana)
    follow()
    sending.send_due()
    complaint.acknowledge(actor="")
    complaint.solve(actor="", cause="Packing", outcome="A new stand is on its way.")
    follow()
    sending.send_due()

    received, solved = outbox.outbox
    assert received.subject == f"We have your complaint ({complaint.pk})"
    assert "You will hear from us by" in received.body
    assert "A new stand is on its way." in solved.body


def test_a_complaint_that_was_answered_meanwhile_needs_no_word_that_it_came_in(switched_on, ana):
    complaint = build.complaint(ana)
    follow()
    complaint.acknowledge(actor="")

    sending.send_due()

    assert outbox.outbox == []
    assert Message.objects.get().why == "no_longer_true"
