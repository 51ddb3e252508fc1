"""Redemptions over HTTP: 8 clients, two server processes of the kind that production runs, the whole ledger.

A redemption is a sale that is paid with points, `POST /till/sales/`: the key is checked and counted, the basket priced,
points are taken from their lots, the order with its line, its event and four reactions is written, and so are checkout,
entry, allocation and the answer that a repeated request gets; all in one transaction. Beside it stand the same sale as
two requests (held, then committed), the least that could be asked of the same server (the same door, and the answer is
the one row that is written), and the bare statement without any server. Clients, servers and PostgreSQL share the CPUs.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import connection
from django.utils import timezone

from bench.database import database, url
from bench.processor import Meter
from bench.result import Result
from bench.servers import CLIENTS, WARM_UP, Address, Wire, two_processes
from crm.models import Customer
from loyalty.models import Account, EarningRule
from loyalty.points.checking import check
from shop.models import ApiKey

SECONDS = 4.0
SERVING = {"DJANGO_SETTINGS_MODULE": "bench.serving", "API_PER_MINUTE": "10000000"}
NAME = "bench_till"
MANY_LOTS = 1_000
# There and back, so that the ledger still adds up afterwards; two of these are two statements and two commits.
BARE = "UPDATE loyalty_account SET available = available + %s WHERE id = %s AND available >= 1"


def measure(options: Any) -> Iterator[Result]:
    with database(NAME):
        own, hot, many = _fill()
        _secret, key = ApiKey.make(f"bench {timezone.now():%H%M%S}", ["till.use"])
        connection.close()
        with two_processes(NAME, **SERVING) as (address, server):
            shop, meter = Shop(address, key), Meter(server)
            shop.rate(at_once, own, WARM_UP)
            spread, costs = shop.rate(at_once, own, meter=meter), meter.said
            heat = shop.rate(at_once, [hot])
            lots, one_lot = shop.rate(at_once, [many]), shop.rate(at_once, [hot])
            held, floor = shop.rate(held_first, own), shop.rate(nothing, own, meter=meter)
        bare, bare_hot = _bare([*own]), _bare([hot] * CLIENTS)
        wrong = check().count
    detail = f"{costs}; the least request {floor:.0f}/s, {meter.said}; bare statement {bare / spread:,.0f} x as many"
    yield Result("till: redemptions a second, 8 clients", spread, "/s", 100, detail, at_least=True)
    detail = f"bare statement {bare_hot:,.0f}/s, {bare_hot / heat:,.0f} x as many"
    yield Result("till: the same on one account", heat, "/s", 40, detail, at_least=True)
    one_lot = (heat + one_lot) / 2
    detail = f"all on one account: {one_lot:.0f}/s with one lot, {lots:.0f}/s with {MANY_LOTS:,}"
    yield Result("till: an account of 1,000 lots against one of 1", one_lot / lots, "x", 1.3, detail)
    yield Result("till: held first, then paid: two requests", spread / held, "x", 3, f"{held:.0f}/s")
    yield Result("till: differences in the ledger afterwards", wrong, "", 0)


def _fill() -> tuple[list[int], int, int]:
    """Customers: one a client, one for all of them, and one for all whose points came in a thousand lots."""
    if EarningRule.in_force_at() is None:
        EarningRule.objects.create().publish(timezone.now())
    mark = timezone.now().strftime("%H%M%S")
    ids = [Customer.objects.create(given_name=f"Bench {mark}", family_name=str(n)).pk for n in range(CLIENTS + 2)]
    for pk in ids:
        lots = MANY_LOTS if pk == ids[-1] else 1
        account = Account.of(Customer.objects.get(pk=pk))
        for lot in range(lots):
            account.earn(10_000_000 // lots, reason="gift", key=f"{mark}:{lot}", kind="bonus")
    return ids[:CLIENTS], ids[-2], ids[-1]


Sell = Callable[["Till", int, str], None]


class Shop:
    def __init__(self, address: Address, key: str) -> None:
        self.address, self.key = address, key

    def rate(self, sell: Sell, customers: Sequence[int], seconds: float = SECONDS, meter: Meter | None = None) -> float:
        """Sales that were paid, a second: all clients together, each with a connection of its own."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            tills = [Till(self, customers[n % len(customers)], f"{time.time_ns()}-{n}") for n in range(CLIENTS)]
            list(pool.map(lambda till: till.work(sell, 1.0), tills))
            if meter:
                meter.start()
            began = time.perf_counter()
            sold = sum(pool.map(lambda till: till.work(sell, seconds), tills))
            rate = sold / (time.perf_counter() - began)
            if meter:
                meter.stop(sold)
            return rate


class Till:
    """One client."""

    def __init__(self, shop: Shop, customer: int, run: str) -> None:
        self.wire = Wire(shop.address)
        self.key, self.run, self.sold = shop.key, run, 0
        self.body = {"customer": {"id": customer}, "use_points": 5}
        self.body |= {"lines": [{"sku": "A", "name": "Green tea", "quantity": 2, "unit_price": "9.45"}]}

    def work(self, sell: Sell, seconds: float) -> int:
        before, until = self.sold, time.perf_counter() + seconds
        while time.perf_counter() < until:
            sell(self, self.sold, f"{self.run}-{self.sold}")
            self.sold += 1
        return self.sold - before

    def post(self, path: str, body: dict[str, Any], once: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key}", "Content_Type": "application/json", "Idempotency_Key": once}
        status, content = self.wire.post(path, json.dumps(body), **headers)
        if status not in (200, 201):
            raise RuntimeError(f"{status}: {content[:300]!r}")
        return json.loads(content)


def at_once(till: Till, number: int, reference: str) -> None:
    till.post("/api/v1/till/sales/", {**till.body, "reference": reference}, reference)


def held_first(till: Till, number: int, reference: str) -> None:
    hold = till.post("/api/v1/till/holds/", {**till.body, "reference": reference}, f"h{reference}")["hold"]
    till.post(f"/api/v1/till/holds/{hold}/commit/", {}, f"c{reference}")


def nothing(till: Till, number: int, reference: str) -> None:
    till.post("/bench/floor/answers/", till.body, f"n{reference}")


def _bare(customers: list[int]) -> float:
    """The least that could be done: the one conditional statement and a commit, from as many clients."""
    ids = [Account.objects.get(customer=pk).pk for pk in customers]
    connection.close()

    def spend(account: int) -> int:
        done, until = 0, time.perf_counter() + SECONDS / 2
        with psycopg.connect(url(NAME)) as own:
            while time.perf_counter() < until:
                for by in (-1, 1):
                    own.execute(BARE, [by, account])
                    own.commit()
                done += 2
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(spend, ids)) / (SECONDS / 2)
