"""Workers of the web are killed while orders come in; whoever told one gets no answer and tells it again.

REGULARS_KILLS=50 REGULARS_ORDERS=2000 makes it the long proof.
"""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from django.utils import timezone

from crm.models import Event, Note, Order, Reaction
from tests import build
from tests.faults.running import running_site, wait_until
from tests.faults.telling import CLIENTS, tell

KILLS = int(os.environ.get("REGULARS_KILLS", "8"))
ORDERS = int(os.environ.get("REGULARS_ORDERS", "240"))
GIVES_UP = 200  # tries of one order

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db, tmp_path):
    with running_site(tmp_path) as site:
        yield site


def workers_of(site):
    """Of the web, without the process above them, which starts others in their place."""
    return psutil.Process(site.children[0].process.pid).children()


def tell_until_it_is_taken(site, key, number, told):
    """The statuses of each try, the last one with an order in it."""
    tries, at = [], timezone.now()
    for _ in range(GIVES_UP):
        tries.append(tell(site, key, number, at)[0])
        if tries[-1] in (200, 201):
            break
    told.append(number)
    return tries


def kill_evenly(site, told):
    """As the orders come in, one worker after the other, in the middle of whatever it does."""
    chance = random.Random(7)
    for number in range(KILLS):
        wait_until(lambda n=number: len(told) >= ORDERS * n // KILLS, 300, "the orders come in")
        wait_until(lambda: killed_one(site, chance), 300, "the web has a worker")


def killed_one(site, chance):
    try:
        chance.choice(workers_of(site)).kill()
    except (IndexError, psutil.NoSuchProcess):
        return False
    return True


def test_each_order_is_there_once_however_often_the_web_is_killed(site, record_property):
    key = build.api_key("webshop", "orders.add")
    wait_until(lambda: tell(site, key, "first")[0] in (200, 201, 409), 300, f"the web answers\n{site.logs()}")
    told: list[int] = []

    with ThreadPoolExecutor(1) as killer, ThreadPoolExecutor(CLIENTS) as tellers:
        killing = killer.submit(kill_evenly, site, told)
        tries = list(tellers.map(lambda n: tell_until_it_is_taken(site, key, n, told), range(ORDERS)))
        killing.result(300)

    assert {one[-1] for one in tries} <= {200, 201}
    refused = Counter(status for one in tries for status in one[:-1])
    record_property("figures", f"{KILLS} kills, {ORDERS} orders, told again after {dict(refused)}")
    assert not [status for status in refused if isinstance(status, int) and status != 503]
    expected = sorted(["F-first", *(f"F-{n}" for n in range(ORDERS))])
    assert sorted(Order.objects.values_list("reference", flat=True)) == expected
    placed = Event.objects.filter(kind="order.placed").values_list("data__reference", flat=True)
    assert sorted(placed) == expected
    wait_until(lambda: not Reaction.objects.filter(done_at=None).exists(), 300, f"all that follows\n{site.logs()}")
    assert sorted(Note.objects.values_list("body", flat=True)) == expected
