"""Orders over the API: in bulk and singly, 8 clients, two server processes; and how soon all that follows is done.

Half the orders are of customers who are known, half bring a new one; a rule gives points for those of the last four
months. Relay and worker (two processes) run all the while, as in production, and share the processors with the rest.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from bench import programme
from bench.database import database
from bench.processor import Meter
from bench.result import Result
from bench.servers import CLIENTS, WARM_UP, Address, Wire, relay_and_worker, two_processes
from crm.models import Order, Reaction
from shop.models import ApiKey

NAME = "bench_orders"
SECONDS, PER_REQUEST = 8.0, 250
LONGEST = 900.0
ANYTHING = {"API_PER_MINUTE": "10000000"}


def measure(options: Any) -> Iterator[Result]:
    with database(NAME):
        programme.fill()
        _secret, key = ApiKey.make(f"bench {timezone.now():%H%M%S}", ["orders.add"])
        connection.close()
        before = Order.objects.count()
        with two_processes(NAME, **ANYTHING) as (address, server), relay_and_worker(NAME):
            meter = Meter(server)
            sent = [_for_a_while(address, key, singly, WARM_UP)[0]]
            _follow_up()
            began = timezone.now()
            bulk, in_bulk = _rate(address, key, in_bulk_of, meter)
            bulk_costs = meter.said
            single, alone = _rate(address, key, singly, meter)
            sent += [bulk, single]
            took = _follow_up()
        lost = sum(sent) - (Order.objects.count() - before)
        followed = Reaction.objects.filter(done_at__gte=began)
        done, parked = followed.count(), Reaction.objects.filter(parked_at__isnull=False).count()
    yield Result("orders: a second in bulk", in_bulk, "/s", 300, f"{bulk:,} orders; {bulk_costs}", at_least=True)
    yield Result("orders: a second singly", alone, "/s", 40, f"{single:,} orders; {meter.said}", at_least=True)
    yield Result("orders: lost, or there twice", abs(lost), "", 0, f"{sum(sent):,} acknowledged")
    yield Result("orders: all reactions done after the last", took, "s", 60, f"{done:,} done, {parked} parked")


Send = Callable[[Wire, str, str, int], int]


def _rate(address: Address, key: str, send: Send, meter: Meter) -> tuple[int, float]:
    meter.start()
    sent, seconds = _for_a_while(address, key, send, SECONDS)
    meter.stop(sent)
    return sent, sent / seconds


def _for_a_while(address: Address, key: str, send: Send, seconds: float) -> tuple[int, float]:
    def client(number: int) -> int:
        wire, sent, requests = Wire(address), 0, 0
        run = f"{time.time_ns()}-{number}"
        while time.perf_counter() < until:
            sent += send(wire, key, run, requests)
            requests += 1
        wire.close()
        return sent

    began = time.perf_counter()
    until = began + seconds
    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, range(CLIENTS))), time.perf_counter() - began


def in_bulk_of(wire: Wire, key: str, run: str, number: int) -> int:
    orders = [_order(run, number * PER_REQUEST + n) for n in range(PER_REQUEST)]
    answer = _post(wire, key, "/api/v1/orders/bulk/", {"orders": orders})
    return sum(one["status"] == 201 for one in answer["results"])


def singly(wire: Wire, key: str, run: str, number: int) -> int:
    _post(wire, key, "/api/v1/orders/", _order(run, number))
    return 1


def _order(run: str, number: int) -> dict[str, Any]:
    buyer = f"{run}-{number // 2}@bench.example"
    return {
        "source": "bench",
        "reference": f"{run}-{number}",
        "placed_at": (timezone.now() - timedelta(days=number % 300)).isoformat(),
        "customer": {"email": buyer, "given_name": "Bench", "family_name": str(number // 2)},
        "total": "18.90",
        "lines": [{"sku": "A", "name": "Green tea", "quantity": 2, "unit_price": "9.45"}],
    }


def _post(wire: Wire, key: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content_Type": "application/json"}
    status, content = wire.post(path, json.dumps(body), **headers)
    if status not in (200, 201):
        raise RuntimeError(f"{status}: {content[:300]!r}")
    return json.loads(content)


def _follow_up() -> float:
    """Seconds until relay and worker have nothing left to do."""
    began = time.perf_counter()
    while Reaction.objects.filter(done_at=None, parked_at=None).exists():
        if time.perf_counter() - began > LONGEST:
            raise RuntimeError("relay and worker do not get done")
        time.sleep(0.1)
    return time.perf_counter() - began
