"""What the page Grading says of totals: foretold of older records, beside what came."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from analytics.models import Generation
from shop import formats
from shop.currency import currency_in_force


@dataclass(frozen=True)
class Pair:
    """What was foretold, and what came."""

    foretold: str
    came: str
    missed: str

    @classmethod
    def of(cls, pair: list[float] | None, write: Any) -> "Pair | None":
        if not pair or not pair[1] > 0:
            return None
        foretold, came = pair
        share = formats.percent(foretold / came - 1)
        return cls(write(foretold), write(came), share if foretold < came else f"+{share}")


@dataclass(frozen=True)
class Total:
    day: date
    days: int
    customers: int
    url: str
    orders: Pair | None
    value: Pair | None


@dataclass(frozen=True)
class Totals:
    """`every`: of a large shop each n-th customer was looked at."""

    rows: list[Total]
    every: int

    @classmethod
    def of(cls, generation: Generation) -> "Totals | None":
        missed = generation.totals.get("worth", {}).get("missed", {})
        rows = [_row(one, missed["every"]) for one in missed.get("back", [])]
        return cls(rows, missed["every"]) if rows else None


def _row(said: dict[str, Any], every: int) -> Total:
    """Where everybody was looked at, the number opens them."""
    day = date.fromordinal(said["on"])
    return Total(
        day=day,
        days=said["days"],
        customers=said["customers"],
        url=f"{reverse('crm:customers')}?first_on=..{day}" if every == 1 else "",
        orders=Pair.of(said["orders"], formats.number),
        value=Pair.of(said["value"], _money),
    )


def _money(thousandths: float) -> str:
    return formats.money(thousandths / 1000, currency_in_force(), whole=True)
