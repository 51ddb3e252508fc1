"""Who comes first of those who may stay away: by what is at stake, and half as much again where something is wrong.

What customers say changes no probability. It raises the rank of who was not content the last time they said so, and
of who has a complaint open.
"""

from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from analytics.models import Figures
from crm.models import Complaint
from feedback.figures.low_answers import LOW_LAST
from feedback.models import LastScores
from shop import at_once

RAISED = Decimal("1.5")
LOW = Exists(LastScores.objects.filter(LOW_LAST, customer=OuterRef("customer_id")))
COMPLAINS = Exists(Complaint.objects.open().filter(customer=OuterRef("customer_id")).order_by())
# Each is read along the index of what is at stake; together they are everybody once.
STREAMS = ((Decimal(1), Q(~LOW, ~COMPLAINS)), (RAISED, Q(LOW)), (RAISED, Q(COMPLAINS, ~LOW)))
AMOUNT: Any = Figures._meta.get_field("at_stake")


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
    """The first n of these, or the first n behind a place; in one statement."""
    enough = _enough(rows, n, behind)
    streams = [(raised, _stream(rows.filter(met), raised, behind, enough)[:n]) for raised, met in STREAMS]
    streams.append((RAISED, _stream(rows.filter(LOW | COMPLAINS, at_stake=None), RAISED, behind)[:n]))
    at_once.fetch([found for _raised, found in streams])
    ranked = [(_place(one, raised), one) for raised, found in streams for one in found]
    return sorted(ranked, key=lambda pair: pair[0], reverse=True)[:n]


def _enough(rows: QuerySet[Figures], n: int, behind: Place | None) -> Combinable:
    """What n of those who come now have at stake; nobody who has less is among the first n, unless raised."""
    if behind and behind.rank > 0:
        rows = rows.filter(at_stake__lt=behind.rank / RAISED)
    nth = rows.filter(at_stake__isnull=False).order_by(F("at_stake").desc(nulls_last=True)).values("at_stake")
    return Coalesce(Subquery(nth[n - 1 : n]), Decimal(0), output_field=AMOUNT)


def _stream(
    rows: QuerySet[Figures], raised: Decimal, behind: Place | None, enough: Combinable | None = None
) -> QuerySet[Figures]:
    """Raised, they are looked for no farther than they can matter: few of very many would be looked for to the end."""
    if behind:
        rows = rows.filter(_lower(behind.rank / raised, behind.customer))
    if enough is not None and raised > 1:
        rows = rows.filter(at_stake__gte=ExpressionWrapper(enough / raised, AMOUNT))
    return rows.order_by(F("at_stake").desc(nulls_last=True), F("customer_id").desc())


def _place(one: Figures, raised: Decimal) -> Place:
    return Place(UNKNOWN if one.at_stake is None else one.at_stake * raised, one.customer_id)


def _lower(at_stake: Decimal, customer: int) -> Q:
    if at_stake < 0:
        return Q(at_stake=None, customer__lt=customer)
    return Q(at_stake__lte=at_stake) & (Q(at_stake__lt=at_stake) | Q(at_stake=at_stake, customer__lt=customer))
