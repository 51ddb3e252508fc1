"""A timeline of 10,000 entries against one of ten: the whole card, and a page from the middle of the timeline."""

import argparse
import statistics
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from bench.database import shop
from bench.pages import client_of_the_bench, ok, times_in_turn
from bench.result import Result
from crm.card import timeline
from crm.models import Customer, Event, Note, Order

SOURCE = "bench timeline"
FEW, MANY = 10, 10_000


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with override_settings(ROOT_URLCONF="bench.floor", DEBUG=False, ALLOWED_HOSTS=["*"]), shop(options.customers):
        client = client_of_the_bench()
        few, many = _person(FEW), _person(MANY)
        yield _ratio("card with 10,000 entries", client, few.get_absolute_url(), many.get_absolute_url())
        older = f"{many.get_absolute_url()}timeline/?before="
        second = timeline.page_of(many, {}).older
        yield _ratio("timeline from its middle", client, older + second, older + _half_way(many))


def _ratio(what: str, client: Client, base_url: str, url: str) -> Result:
    base, times = times_in_turn([lambda: ok(client, base_url), lambda: ok(client, url)])
    ratio = statistics.median(times) / statistics.median(base)
    return Result(what, ratio, "x", 1.2, f"{statistics.median(times):.1f} ms, {statistics.median(base):.1f} ms")


def _person(entries: int) -> Customer:
    """Kept between runs; a third orders, a third conversations, a third tasks."""
    customer, made = Customer.objects.get_or_create(given_name="Bench", family_name=f"of {entries}", source=SOURCE)
    if made:
        now = timezone.now()
        at = [now - timedelta(hours=n) for n in range(entries)]
        Order.objects.bulk_create(
            Order(customer=customer, source=SOURCE, reference=f"{entries}-{n}", placed_at=at[n], paid_at=at[n], total=9)
            for n in range(0, entries, 3)
        )
        Note.objects.bulk_create(
            Note(customer=customer, kind="call", body="Rang.", at=at[n]) for n in range(1, entries, 3)
        )
        Event.objects.bulk_create(
            Event(kind="task.done", customer=customer, at=at[n], data={"title": "Ring"}) for n in range(2, entries, 3)
        )
        _tidy()
    return customer


def _tidy() -> None:
    """What autovacuum does to rows that have been there for a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE crm_order, crm_note, crm_event")


def _half_way(customer: Customer) -> str:
    before = ""
    for _ in range(MANY // timeline.SIZE // 2):
        before = timeline.page_of(customer, {}, before=before).older
    return before
