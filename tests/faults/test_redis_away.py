"""Orders keep coming in while Redis is stopped, and while it hangs: no error, nothing lost, all done soon after.

REGULARS_OUTAGE=30 REGULARS_ORDERS=500 makes it the long proof.
"""

import json
import os
import statistics
from contextlib import ExitStack, contextmanager

import pytest
from django.db import connection

from crm.models import Note, Order, Reaction
from tests import build
from tests.faults.reactions import HELD_UP
from tests.faults.running import running_site, wait_until
from tests.faults.telling import tell, tell_evenly

OUTAGE = float(os.environ.get("REGULARS_OUTAGE", "3"))
ORDERS = int(os.environ.get("REGULARS_ORDERS", "90"))

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db, tmp_path):
    with running_site(tmp_path) as site:
        yield site


@contextmanager
def stopped(site):
    site.stop_redis()
    yield
    site.start_redis()


@contextmanager
def frozen(site):
    site.freeze_redis()
    yield
    site.thaw_redis()


@contextmanager
def held_up():
    """Whoever works on the order called F-slow waits until the end of this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [HELD_UP])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [HELD_UP])


def all_done():
    return not Reaction.objects.filter(done_at=None).exists()


@pytest.mark.parametrize("trouble", [stopped, frozen], ids=["stopped", "frozen"])
def test_orders_come_in_while_redis_is_away(site, trouble, record_property):
    key = build.api_key("webshop", "orders.add")
    wait_until(lambda: tell(site, key, "first")[0] in (201, 409), 300, "the web answers")
    tell_evenly(site, key, range(-24, 0), 1)
    wait_until(lambda: Note.objects.count() == 25, 300, "the worker works")
    with ExitStack() as meanwhile:
        with held_up():
            assert tell(site, key, "slow")[0] == 201
            wait_until(Reaction.objects.filter(done_at=None, attempts=1).exists, 300, "a task is under way")
            meanwhile.enter_context(trouble(site))
        wait_until(all_done, 300, "the task under way ends, and Redis cannot be told")
        answers = tell_evenly(site, key, range(ORDERS), OUTAGE)
        done_meanwhile = Note.objects.count()
    seconds = wait_until(all_done, 300, f"all reactions are done\n{site.logs()}")

    told = sorted(took for _status, took in answers)
    figures = {
        "p50": round(statistics.median(told), 3),
        "p99": round(told[int(len(told) * 0.99) - 1], 3),
        "slowest": round(told[-1], 3),
        "done_during": done_meanwhile - 26,
        "done_after_s": round(seconds, 1),
    }
    record_property("figures", json.dumps(figures))
    assert [status for status, _took in answers if status != 201] == []
    assert Order.objects.count() == ORDERS + 26
    assert Note.objects.count() == ORDERS + 26
    assert figures["p99"] < 10, figures  # of a busy machine; a web that waits for Redis takes the whole outage
