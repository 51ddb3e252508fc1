"""Workers that deliver at the same time send each attempt once. The guard is taken away too."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock, local

import pytest
from django.db import connections

from crm.models import Delivery, Event
from crm.webhooks import delivering
from shop.outgoing.client import Answer
from tests.crm.webhooks.receiving import webhook

pytestmark = pytest.mark.django_db(transaction=True)
UNGUARDED = delivering._CLAIM.replace("FOR UPDATE SKIP LOCKED", "").replace(
    "AND (delivery.lease_until IS NULL OR delivery.lease_until < %(now)s)", ""
)


def at_once(workers, do):
    gate = Barrier(workers)

    def one(_number):
        try:
            gate.wait(300)
            return do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(workers)))


@pytest.mark.parametrize(("guarded", "workers"), [(True, 8), pytest.param(False, 2, marks=pytest.mark.slow)])
def test_parallel_workers_send_each_attempt_once(guarded, workers, monkeypatch):
    """Without the guard two are enough; more of them would lock each other out before they could send."""
    sent, lock, all_have_claimed = Counter(), Lock(), Barrier(workers)

    def post(url, body, headers, **_):
        with lock:
            sent[headers["webhook-id"]] += 1
        return Answer(status=200)

    def claim_together(lines):
        """Nobody notes anything before everybody has claimed once."""
        try:
            return claim(lines)
        finally:
            if not getattr(first, "over", False):
                first.over = True
                all_have_claimed.wait(300)

    first, claim = local(), delivering.claim
    monkeypatch.setattr(delivering, "post", post)
    monkeypatch.setattr(delivering, "claim", claim_together)
    if not guarded:
        monkeypatch.setattr(delivering, "_CLAIM", UNGUARDED)
    for number in range(4):
        webhook(9, name=f"w{number}")
    for number in range(10):
        Event.record("order.cancelled", reference=f"R{number}")
    Delivery.objects.update(body="{}")  # so that claiming is one statement

    at_once(workers, delivering.deliver_due)

    if guarded:
        assert set(sent.values()) == {1}
        assert len(sent) == 40
        assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 1)}
    else:
        assert max(sent.values()) > 1
