"""Eight people dismiss one flag at once: one of them did, and it is told once. Without the guard each of them did."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from analytics.models import Flag
from analytics.models.flag import FlagQuerySet
from crm.models import Event

THREADS = 8
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(step):
    """Everybody has looked before anybody writes."""
    gate = Barrier(THREADS)

    def one(number):
        try:
            mine = Flag.objects.get()
            gate.wait(300)
            return step(mine, number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


@pytest.mark.parametrize("guarded", [True, False])
def test_a_flag_dismissed_by_many_at_once_is_dismissed_by_one(guarded, ana, monkeypatch):
    since = date(2026, 5, 1)
    Flag.objects.create(customer=ana, state="at_risk", state_since=since, last_on=since, silent_days=31)
    if not guarded:
        monkeypatch.setattr(FlagQuerySet, "open", lambda rows: rows)

    won = at_once(lambda mine, number: mine.dismiss("false_alarm", actor=f"staff:{number}"))

    events = Event.objects.filter(kind="risk.dismissed")
    assert (won.count(True) == events.count() == 1) is guarded
    assert not guarded or events.get().actor == f"staff:{won.index(True)}"
