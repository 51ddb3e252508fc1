"""Who comes first of those who may stay away: by what is at stake, and half as much again where something is wrong.

What customers say changes no probability. It raises the rank of who was not content the last time they said so, and
of who has a complaint open.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any, TypeAlias

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from analytics.models import Flag, Scores
from analytics.models.flag import ENDED
from crm.models import Complaint
from feedback.figures.low_answers import LOW_LAST
from feedback.models import LastScores
from shop.prepared import Given, IsOneOf, Rows, prepared
from shop.typed import number_in

RAISED = Decimal("1.5")
ONE = Value(1)
LOW = LastScores.objects.filter(LOW_LAST, customer=OuterRef("customer_id")).values(one=ONE)[:1]
COMPLAINS = Complaint.objects.open().filter(customer=OuterRef("customer_id")).order_by().values(one=ONE)[:1]
# Looked up for each row; as EXISTS, all who were ever discontent would be gathered first.
WRONG = Coalesce(Subquery(LOW), Subquery(COMPLAINS))
AMOUNT: Any = Scores._meta.get_field("at_stake")
RANK = ExpressionWrapper(F("at_stake") * Case(When(wrong=1, then=RAISED), default=Decimal(1)), DecimalField())


ENDED_FLAG = Flag.objects.filter(
    closed_why__in=ENDED, customer=OuterRef("customer_id"), last_on__gte=OuterRef("last_on")
)


def watched(rows: Any) -> Any:
    """Without those whose flag was dismissed or expired in the same silence."""
    return rows.exclude(Exists(ENDED_FLAG))


@dataclass(frozen=True, order=True)
class Place:
    """Behind it comes who ranks lower."""

    rank: Decimal
    customer: int

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """12.5_77; a place that cannot be read is the beginning."""
        rank, _dash, pk = text.partition("_")
        try:
            value = Decimal(rank)
        except DecimalException:
            return None
        customer = number_in(pk)
        is_one = value.is_finite() and abs(value) < Decimal(10) ** 16
        return cls(value, customer) if is_one and customer is not None else None

    def __str__(self) -> str:
        return f"{self.rank}_{self.customer}"


UNKNOWN = Decimal(-1)  # without a model nobody's value at stake is known; with one, that of all on these lists
BEHIND_RANK: Any = Given(lambda place: place.rank, DecimalField())
BEHIND = Given(lambda place: place.customer, IntegerField())
List: TypeAlias = Callable[[Any], QuerySet[Scores]]
Placed: TypeAlias = tuple[Place, Scores]


def ranked(rows: List, n: int) -> Callable[[Any], Rows]:
    """The first n of a list, those whose flag we ended left out; put together once a process, as are the other two."""
    return prepared(lambda about: _ranked(rows(about), n).order_by("-rank", "-customer_id")[:n])


@dataclass(frozen=True)
class Paged:
    """A list about the shop, page by page, n on each."""

    first: Callable[[Any], Rows]
    next: Callable[[Any], Rows]
    rest: Callable[[Any], Rows]

    @classmethod
    def of(cls, rows: List, n: int) -> "Paged":
        return cls(
            first=ranked(rows, n),
            next=prepared(lambda place: _behind(rows(place), n)),
            rest=prepared(
                lambda place: (
                    watched(rows(place)).filter(at_stake=None, customer__lt=BEHIND).order_by("-customer_id")[:n]
                )
            ),
        )

    def page(self, behind: Place | None = None) -> list[Placed]:
        if behind is None:
            return placed(self.first(None)) or self._unranked(Place(UNKNOWN, LAST))
        return self._unranked(behind) if behind.rank < 0 else placed(self.next(behind))

    def _unranked(self, behind: Place) -> list[Placed]:
        return [(Place(UNKNOWN, one.pk), one) for one in self.rest(behind)]


LAST = 2**63 - 1


def placed(rows: Iterable[Any]) -> list[Placed]:
    return [(Place(one.rank, one.pk), one) for one in rows]


def _ranked(rows: Any, n: int, below: Any = None) -> Any:
    """Nobody is looked at who has so little at stake that being raised would not help. Who is left is found in an
    index alone, and their flags after that: asked in one, the table and all flags were read."""
    found = rows.filter(at_stake__gte=ExpressionWrapper(_enough(watched(rows), n, below) / RAISED, AMOUNT))
    if below is not None:
        found = found.filter(at_stake__lte=below)
    few = IsOneOf("customer_id", ArraySubquery(found.order_by().values("customer_id")))
    return watched(Scores.objects.filter(few)).annotate(wrong=WRONG).annotate(rank=RANK)


def _behind(rows: Any, n: int) -> Any:
    lower = Q(rank__lt=BEHIND_RANK) | Q(rank=BEHIND_RANK, customer__lt=BEHIND)
    rows = _ranked(rows, n, BEHIND_RANK).filter(lower)
    return rows.order_by("-rank", "-customer_id")[:n]


def _enough(rows: QuerySet[Scores], n: int, below: Any) -> Coalesce:
    """What the last of n has at stake who all come now, raised or not."""
    if below is not None:
        rows = rows.filter(at_stake__lt=ExpressionWrapper(below / RAISED, AMOUNT))
    nth = rows.filter(at_stake__isnull=False).order_by(F("at_stake").desc(nulls_last=True)).values("at_stake")
    return Coalesce(Subquery(nth[n - 1 : n]), Decimal(0), output_field=AMOUNT)
