"""Pricing a basket of 50 lines with 200 offers, and giving a discount to a whole shop beside one bare INSERT."""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from bench.database import shop
from bench.pages import user_of_the_bench
from bench.result import Result
from config.patience import PatientConnection
from crm.models import Customer
from loyalty.discounts import many
from loyalty.discounts.basket import LANES, Basket, Goods, Lane, Line, Offer
from loyalty.discounts.pricing import price
from loyalty.models import Assignment, Discount

LINES, OFFERS, TIMES, BAR_MS = 50, 200, 200, 20
MANY, BAR = 100_000, 60
AT = datetime(2026, 11, 22, tzinfo=UTC)

BARE = """
    INSERT INTO loyalty_grant (discount_id, version_id, assignment_id, customer_id, source, reason, created_at, uses,
                               taken, worth)
    SELECT %s, %s, %s, id, 'segment', '', now(), 1, 0, 0 FROM crm_customer WHERE merged_into_id IS NULL
     ORDER BY id
"""


def measure(options: argparse.Namespace) -> Iterator[Result]:
    yield _pricing()
    PatientConnection.SECONDS = 600  # as a worker waits, longer than a page
    with shop(options.customers):
        yield _giving()


def _pricing() -> Result:
    chance = random.Random(7)
    basket, offers = _basket(chance), [_offer(number, chance) for number in range(OFFERS)]
    took = sorted(_timed(lambda: price(basket, offers, at=AT)) for _ in range(TIMES))
    least = sorted(_timed(lambda: _adding_up(basket)) for _ in range(TIMES))[TIMES // 2]
    p95 = took[TIMES * 95 // 100] * 1000
    detail = f"median {took[TIMES // 2] * 1000:.1f} ms; {took[TIMES // 2] / least:.0f} times adding the lines up"
    return Result("pricing 50 lines with 200 offers, p95", p95, "ms", BAR_MS, detail)


def _adding_up(basket: Basket) -> Decimal:
    return sum((line.unit_price * line.quantity for line in basket.lines), Decimal(0))


def _basket(chance: random.Random) -> Basket:
    lines = (
        Line(f"S{n}", f"C{n % 7}", Decimal(chance.randint(1, 4)), Decimal(chance.randint(100, 9999)) / 100)
        for n in range(LINES)
    )
    return Basket(tuple(lines), Decimal("4.95"), "EUR")


def _offer(number: int, chance: random.Random) -> Offer:
    kind: Any = chance.choice(["percent", "amount", "free_item", "fixed_price", "free_shipping"])
    always: dict[str, Lane] = {"free_item": "item", "fixed_price": "item", "free_shipping": "shipping"}
    skus = frozenset(f"S{chance.randint(0, 60)}" for _ in range(chance.randint(0, 5)))
    categories = frozenset(f"C{chance.randint(0, 8)}" for _ in range(chance.randint(0, 2)))
    return Offer(
        id=number,
        version=number,
        name=f"Offer {number}",
        kind=kind,
        lane=always.get(kind) or chance.choice(LANES),
        percent=Decimal(chance.randint(1, 50)),
        amount=Decimal(chance.randint(1, 30)),
        goods=Goods(skus, categories),
        minimum=Decimal(chance.choice([0, 0, 50, 500])),
        exclusive=chance.random() < 0.1,
    )


def _timed(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _giving() -> Result:
    """To everybody, as a worker does it: lots, grants with codes, an event on every timeline; told for 100,000."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 60000")
    discount = Discount.make("Given by the bench", kind="percent", lane="order", percent=10)
    assignment = Assignment.objects.create(
        version=discount.version,
        whom="many",
        selection="all=1&question=",
        source="segment",
        state="running",
        asked_by=user_of_the_bench(),
        uses=1,
        with_codes=True,
        held_back_percent=10,
        complainers_too=True,
    )
    everybody = Customer.objects.present().count()
    bare = _bare(assignment)
    seconds = _timed(lambda: many.give(assignment))
    back = _timed(lambda: many.take_back(assignment, by=None))
    detail = f"{everybody:,} picked, {assignment.given:,} grants in {seconds:.1f} s; "
    detail += f"{seconds / bare:.1f} times a bare insert, {bare:.1f} s; undo {back:.1f} s"
    _forget(discount)
    return Result(f"a discount for {MANY:,} customers", seconds / everybody * MANY, "s", BAR, detail)


def _bare(assignment: Assignment) -> float:
    with transaction.atomic(), connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute(BARE, [assignment.version.discount_id, assignment.version_id, assignment.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - start
        transaction.set_rollback(True)
    return seconds


def _forget(discount: Discount) -> None:
    """The shop is kept between runs: what this one left goes, its events for a reason."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL regulars.reason = 'retention:bench'")
        cursor.execute(
            "DELETE FROM crm_event WHERE subject_type = 'loyalty.discount' AND subject_id = %s", [discount.pk]
        )
        for table in ("grant", "drawn"):
            cursor.execute(f"DELETE FROM loyalty_{table} WHERE discount_id = %s", [discount.pk])
        cursor.execute(
            "DELETE FROM loyalty_assignment WHERE version_id IN"
            " (SELECT id FROM loyalty_discountversion WHERE discount_id = %s)",
            [discount.pk],
        )
        cursor.execute("DELETE FROM loyalty_discountversion WHERE discount_id = %s", [discount.pk])
        cursor.execute("DELETE FROM loyalty_discount WHERE id = %s", [discount.pk])
