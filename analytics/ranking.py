"""Who comes first of those who may stay away: by what is at stake, and half as much again where something is wrong.

What customers say changes no probability. It raises the rank of who was not content the last time they said so, and
of who has a complaint open.
"""

from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from django.db.models import Case, DecimalField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from analytics.models import Figures
from crm.models import Complaint
from feedback.figures.low_answers import LOW_LAST
from feedback.models import LastScores

RAISED = Decimal("1.5")
ONE = Value(1)
LOW = LastScores.objects.filter(LOW_LAST, customer=OuterRef("customer_id")).values(one=ONE)[:1]
COMPLAINS = Complaint.objects.open().filter(customer=OuterRef("customer_id")).order_by().values(one=ONE)[:1]
# Looked up for each row; as EXISTS, all who were ever discontent would be gathered first.
WRONG = Coalesce(Subquery(LOW), Subquery(COMPLAINS))
AMOUNT: Any = Figures._meta.get_field("at_stake")
RANK = ExpressionWrapper(F("at_stake") * Case(When(wrong=1, then=RAISED), default=Decimal(1)), DecimalField())


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
        is_one = value.is_finite() and abs(value) < Decimal(10) ** 16 and pk.isascii() and pk.isdigit()
        return cls(value, int(pk)) if is_one and len(pk) <= 18 else None

    def __str__(self) -> str:
        return f"{self.rank}_{self.customer}"


UNKNOWN = Decimal(-1)  # without a model nobody's value at stake is known; with one, that of all on these lists


def first(rows: QuerySet[Figures], n: int, behind: Place | None = None) -> list[tuple[Place, Figures]]:
    """The first n of these, or the first n behind a place."""
    found = [] if behind and behind.rank < 0 else [(Place(one.rank, one.pk), one) for one in _ranked(rows, n, behind)]
    if found or (behind and behind.rank >= 0):
        return found
    return [(Place(UNKNOWN, one.pk), one) for one in _unranked(rows, n, behind)]


def _ranked(rows: QuerySet[Figures], n: int, behind: Place | None) -> Any:
    """Nobody is looked at who has so little at stake that being raised would not help."""
    least = ExpressionWrapper(_enough(rows, n, behind) / RAISED, AMOUNT)
    rows = rows.filter(at_stake__gte=least).annotate(wrong=WRONG).annotate(rank=RANK)
    if behind:
        lower = Q(rank__lt=behind.rank) | Q(rank=behind.rank, customer__lt=behind.customer)
        rows = rows.filter(lower, at_stake__lte=behind.rank)
    return rows.order_by("-rank", "-customer_id")[:n]


def _enough(rows: QuerySet[Figures], n: int, behind: Place | None) -> Coalesce:
    """What the last of n has at stake who all come now, raised or not."""
    if behind:
        rows = rows.filter(at_stake__lt=behind.rank / RAISED)
    nth = rows.filter(at_stake__isnull=False).order_by(F("at_stake").desc(nulls_last=True)).values("at_stake")
    return Coalesce(Subquery(nth[n - 1 : n]), Decimal(0), output_field=AMOUNT)


def _unranked(rows: QuerySet[Figures], n: int, behind: Place | None) -> QuerySet[Figures]:
    rows = rows.filter(at_stake=None)
    if behind:
        rows = rows.filter(customer__lt=behind.customer)
    return rows.order_by("-customer_id")[:n]
