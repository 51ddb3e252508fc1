"""Sixteen people take the same step of a complaint at once: it is taken once. Without the guard it is taken often."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from crm.complaints.steps import Steps
from crm.models import Complaint, ComplaintPause, Event
from tests import build

THREADS = 16
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(complaint, step):
    """Everybody has looked before anybody writes."""
    gate = Barrier(THREADS)

    def one(_number):
        try:
            mine = Complaint.objects.get(pk=complaint.pk)
            gate.wait(300)
            return step(mine)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def happened(kind):
    return Event.objects.filter(kind=f"complaint.{kind}").count()


@pytest.mark.parametrize("guarded", [True, False])
def test_a_step_taken_by_many_at_once_happens_once(guarded, ana, monkeypatch):
    complaint = build.complaint(ana)
    if not guarded:
        monkeypatch.setattr(Steps, "_still", lambda self, stages: Complaint.objects.filter(pk=self.pk))

    taken = at_once(complaint, lambda mine: mine.acknowledge(actor=""))

    assert (taken.count(True) == happened("acknowledged") == 1) is guarded


def test_a_pause_ended_by_many_at_once_moves_the_deadline_once(ana):
    complaint = build.complaint(ana, stage="in_work")
    complaint.wait(actor="")

    taken = at_once(complaint, lambda mine: mine.resume(actor=""))

    assert taken.count(True) == happened("resumed") == 1
    assert ComplaintPause.objects.filter(ended_at__isnull=False).count() == 1


def test_reopened_by_many_at_once_it_is_reopened_once(ana):
    complaint = build.complaint(ana, stage="closed")

    taken = at_once(complaint, lambda mine: mine.reopen(actor=""))

    complaint.refresh_from_db()
    assert (taken.count(True), happened("reopened"), complaint.reopened) == (1, 1, 1)
