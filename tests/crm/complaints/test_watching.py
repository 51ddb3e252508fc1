"""The watch: an owner hears once when a quarter of the time is left, and what is late is written down once."""

import smtplib

import pytest
from django.core import mail

from crm.complaints import watching
from crm.models import Complaint, Event
from shop.jobs import due as jobs_due
from shop.models import Job, Setting
from tests import build
from tests.crm.complaints.conftest import at


def work():
    """The relay looks, a worker watches, another sends."""
    for _task, _args in watching.due():
        watching.watch()
    for kind, [pk] in jobs_due():
        assert kind == watching.MAIL
        watching.mail_deadline(pk)


def late_events(complaint):
    return [
        event.data["deadline"]
        for event in Event.objects.filter(kind="complaint.late", subject_id=complaint.pk).order_by("pk")
    ]


def test_nothing_is_said_before_a_quarter_of_the_time_is_left(clock, ana, sam):
    build.complaint(ana, owner=sam, severity=1)
    clock.move_to(at("2026-12-09 11:29"))

    work()

    assert mail.outbox == []
    assert watching.due() == []


def test_the_owner_gets_one_mail_that_says_nothing_about_the_customer(clock, ana, sam, settings):
    settings.SITE_URL = "https://shop.example"
    complaint = build.complaint(ana, "Chipped cake stand", owner=sam, severity=1)
    clock.move_to(at("2026-12-09 11:30"))

    work()
    work()

    [letter] = mail.outbox
    assert letter.to == ["sam@shop.example"]
    assert letter.subject == f"Complaint {complaint.pk}: first answer by 09.12. 12:00"
    assert f"https://shop.example/complaints/{complaint.pk}/" in letter.body
    for secret in ("Ana", "Lindqvist", "cake", "ana@"):
        assert secret not in letter.subject + letter.body
    assert letter.extra_headers["Message-ID"] == f"<complaint.{complaint.pk}.answer.0@shop.example>"


def test_each_deadline_has_its_own_mail_and_its_own_lateness(clock, ana, sam):
    complaint = build.complaint(ana, owner=sam, severity=1)
    clock.move_to(at("2026-12-09 12:30"))
    work()
    complaint.refresh_from_db()
    complaint.acknowledge(actor="")
    clock.move_to(at("2026-12-10 12:00"))
    work()
    work()

    assert late_events(complaint) == ["answer", "solution"]
    assert [("first answer" in letter.subject) for letter in mail.outbox] == [True, False]


def test_a_mail_that_is_no_longer_true_is_not_sent(clock, ana, sam):
    complaint = build.complaint(ana, owner=sam, severity=1)
    clock.move_to(at("2026-12-09 11:30"))
    watching.watch()
    complaint.refresh_from_db()
    complaint.acknowledge(actor="")

    for _kind, [pk] in jobs_due():
        watching.mail_deadline(pk)

    assert mail.outbox == []


def test_while_the_customer_is_asked_nothing_is_late(clock, ana, sam):
    complaint = build.complaint(ana, owner=sam, severity=1)
    complaint.wait(actor="")
    clock.move_to(at("2026-12-20 12:00"))

    assert watching.due() == []


def test_without_an_owner_it_is_late_all_the_same(clock, ana):
    complaint = build.complaint(ana, severity=1)
    clock.move_to(at("2026-12-09 13:00"))

    work()

    assert late_events(complaint) == ["answer"]
    assert mail.outbox == []


@pytest.mark.parametrize("left", [False, True])
def test_what_nobody_looks_after_is_told_to_those_who_may_assign(clock, ana, sam, mira, ada, left):
    complaint = build.complaint(ana, owner=sam if left else None, severity=1)
    if left:
        sam.deactivate()
    clock.move_to(at("2026-12-09 11:45"))

    work()

    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([ada.email, mira.email])
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == 2
    assert all("Nobody looks after it" in letter.body for letter in mail.outbox)
    assert f"/complaints/{complaint.pk}/" in mail.outbox[0].body


def test_a_mail_server_that_is_away_is_tried_again(clock, ana, sam, monkeypatch):
    build.complaint(ana, owner=sam, severity=1)
    clock.move_to(at("2026-12-09 11:45"))

    def away(self, *args, **options):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", away)
        work()
    assert Job.objects.get().state == "queued"
    clock.move_to(at("2026-12-09 11:50"))
    work()

    assert len(mail.outbox) == 1


def test_the_mail_speaks_the_language_of_the_owner(clock, ana, sam):
    sam.language = "pl"
    sam.save()
    build.complaint(ana, owner=sam, severity=1)
    clock.move_to(at("2026-12-09 11:45"))

    work()

    assert "12:00" in mail.outbox[0].subject


@pytest.mark.parametrize(("days", "closed"), [(14, 1), (0, 0)])
def test_what_was_told_long_ago_closes_by_itself_when_the_shop_wants_it(clock, ana, days, closed):
    Setting.put("complaints.close_after_days", days)
    build.complaint(ana, stage="told")
    build.complaint(ana, stage="solved")
    clock.move_to(at("2026-12-24 10:00"))
    build.complaint(ana, stage="told")

    assert watching.close_the_told() == closed
    assert Complaint.objects.filter(stage="closed").count() == closed
