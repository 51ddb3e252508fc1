"""Retention clocks: what would go is said before anything does, and then exactly that goes."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from crm.models import CardOpened, Message
from crm.privacy import clocks, jobs
from crm.privacy.kept import ACCESS_LOG, AUDIT, MAILS
from shop.models import AuditRow, Cancelled, Job, KeptAnswer, Setting
from tests import build

pytestmark = pytest.mark.django_db


def nothing(label, gone):
    pass


def days_ago(days):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def looked_at(ana, ben, sam):
    """Ana's card two years ago, Ben's yesterday."""
    for customer, days in ((ana, 730), (ben, 1)):
        at = days_ago(days)
        CardOpened.objects.create(customer=customer, actor=sam.actor, at=at, hour=at)
    return ana, ben


def opened():
    return list(CardOpened.objects.values_list("customer", flat=True))


def test_what_would_go_is_what_goes(looked_at):
    ana, ben = looked_at

    assert ACCESS_LOG.count() == 1
    assert [url for _words, url in ACCESS_LOG.first(10)] == [reverse("crm:customer", args=[ana.pk])]
    assert opened() == [ana.pk, ben.pk]

    assert ACCESS_LOG.run(nothing) == 1
    assert opened() == [ben.pk]
    assert ACCESS_LOG.count() == 0


def test_a_clock_without_a_time_takes_nothing(looked_at):
    Setting.put("privacy.access_log_days", 0)

    assert (ACCESS_LOG.count(), ACCESS_LOG.first(10), ACCESS_LOG.run(nothing)) == (0, [], 0)
    assert len(opened()) == 2


def test_what_a_clock_took_is_a_line_of_the_audit(looked_at):
    ACCESS_LOG.run(nothing)

    assert AuditRow.objects.get(kind="clock.ran").data == {"clock": "access_log", "count": 1}


def test_the_reason_of_a_clock_ends_with_its_part(looked_at):
    ACCESS_LOG.run(nothing)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CardOpened.objects.all().delete()


def test_lines_of_the_audit_go_when_their_time_is_over(sam):
    old = AuditRow(kind="staff.signed_in", actor=sam.actor, at=days_ago(1200))
    old.save(force_insert=True)
    AuditRow.write("staff.signed_out", by=sam)

    AUDIT.run(nothing)

    assert set(AuditRow.objects.values_list("kind", flat=True)) == {"staff.signed_out", "clock.ran"}


def test_texts_of_mails_are_emptied_and_the_mails_stay(ana):
    sent = {"state": "sent", "subject": "Welcome", "text": "t", "html": "h"}
    message = build.message(ana, sent_at=days_ago(100), **sent)

    assert MAILS.run(nothing) == 1

    message.refresh_from_db()
    assert (message.subject, message.text, message.html, message.state) == ("", "", "", "sent")


def test_it_goes_a_part_at_a_time(ana, monkeypatch):
    monkeypatch.setattr(clocks, "PART", 2)
    for _n in range(5):
        build.message(ana, sent_at=days_ago(100), state="sent", text="t")
    told = []

    assert MAILS.run(lambda label, gone: told.append(gone)) == 5
    assert told == [2, 4, 5]
    assert not Message.objects.exclude(text="").exists()


def test_what_was_done_before_a_cancel_stays_done(ana, monkeypatch):
    monkeypatch.setattr(clocks, "PART", 2)
    for _n in range(4):
        build.message(ana, sent_at=days_ago(100), state="sent", text="t")

    def stop(label, gone):
        raise Cancelled

    with pytest.raises(Cancelled):
        MAILS.run(stop)
    assert MAILS.count() == 2


def test_the_night_runs_those_of_days_once_and_leaves_the_others(looked_at):
    KeptAnswer.objects.create(
        client="till", key="k", request_digest=b"", status=200, content_type="", content="", at=days_ago(3)
    )
    night = timezone.localdate()
    job = jobs.nightly(night)
    assert jobs.nightly(night).pk == job.pk

    jobs.run_clocks(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.DONE, {"went": {"access_log": 1}})
    assert KeptAnswer.objects.exists()  # swept every hour, by its own task


def test_the_page_counts_and_changes_nothing(as_administrator, looked_at):
    page = as_administrator.get(reverse("crm:clocks"))

    over = {one["clock"].name: one["over"] for one in page.context["clocks"]}
    assert over["access_log"] == 1
    assert set(over) == {clock.name for clock in clocks.all_clocks()}
    assert len(opened()) == 2


def test_the_page_asks_as_often_whatever_there_is(as_administrator, looked_at, django_assert_max_num_queries):
    as_administrator.get(reverse("crm:clocks"))
    with django_assert_max_num_queries(12):
        as_administrator.get(reverse("crm:clocks"))
    for clock in clocks.all_clocks():
        with django_assert_max_num_queries(12):
            assert as_administrator.get(reverse("crm:clock", args=[clock.name])).status_code == 200


def test_a_run_is_asked_for_by_hand_and_written_down(as_administrator, ada):
    as_administrator.post(reverse("crm:clocks"))
    as_administrator.post(reverse("crm:clocks"))

    assert Job.objects.filter(kind=jobs.CLOCKS).count() == 1
    assert set(AuditRow.objects.values_list("kind", "actor")) == {("clocks.asked", ada.actor)}


def test_there_is_no_page_of_a_clock_nobody_knows(as_administrator):
    assert as_administrator.get(reverse("crm:clock", args=["nothing"])).status_code == 404


def told_by(*options):
    out = StringIO()
    call_command("clocks", *options, stdout=out)
    return out.getvalue()


def test_the_command_says_as_json_what_would_go_and_then_what_went(looked_at):
    dry = {one["clock"]: one for one in json.loads(told_by("--dry-run", "--json"))}
    assert (dry["access_log"]["rows"], dry["access_log"]["gone"]) == (1, False)
    assert len(opened()) == 2

    assert "access_log: 1 rows gone" in told_by("--clock", "access_log")
    assert len(opened()) == 1


def test_the_command_takes_nothing_that_a_person_decides_about():
    with pytest.raises(CommandError, match="only --dry-run"):
        told_by("--clock", "old_cards")


def test_copies_beside_the_cards_are_never_kept_longer_than_two_days():
    """What holds personal data without a customer who could be erased goes within 48 hours."""
    for clock in clocks.all_clocks():
        if clock.unit == "hours":
            assert clock.length <= 48, clock.name


@pytest.mark.parametrize("clock", clocks.all_clocks(), ids=lambda clock: clock.name)
def test_each_clock_finds_its_rows_in_the_order_in_which_they_go(clock):
    for part in clock.parts:
        rows = part.rows(timezone.now())
        assert rows.query.order_by
        assert part.blank is None or set(part.blank) <= {field.name for field in rows.model._meta.fields}
