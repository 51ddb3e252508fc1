"""How many customers stand in each cell of RFM, and how many moved: counted once a full run, read by every page."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q, Sum

from analytics.models import Generation, RfmPeriod, Scores

HORIZONS = (7, 30, 90)  # days over which moves are told


def count(generation: Generation) -> None:
    """Into the totals: cells as [r, f, group, customers, spent, worth], moves as [from, to, *n by horizon]; since
    when groups are noted."""
    noted = RfmPeriod.objects.aggregate(since=Min("began_on"))["since"]
    found = {"cells": _cells(), "moves": _moves(generation), "since": noted and noted.isoformat()}
    generation.totals = {**generation.totals, "rfm": found}
    Generation.objects.filter(pk=generation.pk).update(totals=generation.totals)


def _cells() -> list[list[Any]]:
    """Money in thousandths; what they are worth in a year is None while no model says it."""
    cells = Scores.objects.values("r", "f", "rfm").order_by("-r", "f")
    counted = cells.annotate(n=Count("pk"), spent=Sum("customer__figures__net"), worth=Sum("value_365"))
    return [
        [row["r"], row["f"], row["rfm"], row["n"], _thousandths(row["spent"]), _thousandths(row["worth"])]
        for row in counted
    ]


def _moves(generation: Generation) -> list[list[Any]]:
    since = {days: generation.as_of - timedelta(days=days) for days in HORIZONS}
    here = RfmPeriod.objects.open().filter(began_on__gt=since[max(HORIZONS)], customer__scores__isnull=False)
    within = {f"n{days}": Count("pk", filter=Q(began_on__gt=day)) for days, day in since.items()}
    pairs: Any = here.values("left_behind", "group").order_by("left_behind", "group").annotate(**within)
    return [[row["left_behind"], row["group"], *(row[f"n{days}"] for days in HORIZONS)] for row in pairs]


def _thousandths(amount: Any) -> int | None:
    return None if amount is None else int(amount * 1000)
