"""What a discount has cost and who has it: the figures of its page and of the list."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from crm.models import Customer
from loyalty.models import Assignment, Discount, Drawn, Grant, Redemption

PAGE = 50

_FIGURES = """
    SELECT d.id,
           (SELECT count(*) FROM loyalty_grant g WHERE g.discount_id = d.id AND g.withdrawn_at IS NULL),
           (SELECT count(*) FROM loyalty_grant g WHERE g.discount_id = d.id AND g.withdrawn_at IS NULL
               AND g.pending_until IS NULL AND (g.uses IS NULL OR g.taken < g.uses)
               AND (g.expires_at IS NULL OR g.expires_at > now())),
           used.uses, used.cost, used.held
      FROM loyalty_discount AS d
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE r.state = 'committed') AS uses,
                  coalesce(sum(r.amount - r.given_back) FILTER (WHERE r.state = 'committed'), 0) AS cost,
                  coalesce(sum(r.amount) FILTER (WHERE r.state = 'held'), 0) AS held
             FROM loyalty_discountversion AS v JOIN loyalty_redemption AS r ON r.version_id = v.id
            WHERE v.discount_id = d.id) AS used
     WHERE d.id = ANY (%s)
"""


@dataclass(frozen=True)
class Figures:
    """`open_`: given and still to be used."""

    given: int = 0
    open_: int = 0
    uses: int = 0
    cost: Decimal = Decimal(0)
    held: Decimal = Decimal(0)

    @property
    def each(self) -> Decimal | None:
        return self.cost / self.uses if self.uses else None


def figures(discounts: Any) -> dict[int, Figures]:
    """One query, however many discounts."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [[discount.pk for discount in discounts]])
        return {pk: Figures(*rest) for pk, *rest in cursor.fetchall()}


def who_has_it(discount: Discount, before: int | None = None, *, open_: bool = False) -> tuple[list[Grant], int | None]:
    """A page of grants, the newest first, and the number after which the next begins. `open_`: still to be used."""
    found = discount.grants.filter(pk__lt=before) if before else discount.grants.all()
    if open_:
        found = found.there().filter(
            Q(uses=None) | Q(taken__lt=F("uses")), Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        )
    cost: Any = Redemption.objects.filter(grant=OuterRef("pk"), state="committed").order_by().values("grant")
    cost = cost.annotate(sum=Sum(F("amount") - F("given_back"))).values("sum")
    rows: list[Any] = list(
        found.with_held()
        .select_related("customer", "issued_by", "version")
        .annotate(cost=Subquery(cost))
        .order_by("-pk")[: PAGE + 1]
    )
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def uses_of(discount: Discount, state: str, before: int | None = None) -> tuple[list[Redemption], int | None]:
    """A page of its uses, the newest first, and the number after which the next begins."""
    found = Redemption.objects.filter(version__in=discount.versions.all(), state=state)
    found = found.filter(pk__lt=before) if before else found
    rows = list(found.select_related("customer", "order", "grant").order_by("-pk")[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def have_and_used(assignment: Assignment) -> tuple[int, int]:
    """Of those it was given to: from whom it was not taken back, and who used it."""
    grants = Grant.objects.filter(assignment=assignment)
    return grants.filter(withdrawn_at=None).count(), grants.used().count()


def customers_of(assignment: Assignment, who: str, after: int | None = None) -> tuple[list[Customer], int | None]:
    """A page of who has it, used it, or was held back by lot; in the order of their cards."""
    rows: QuerySet[Any] = Grant.objects.filter(assignment=assignment, withdrawn_at=None)
    if who == "held_back":
        rows = Drawn.objects.filter(assignment=assignment, held_back=True)
    elif who == "used":
        rows = Grant.objects.filter(assignment=assignment).used()
    found = rows.filter(customer__gt=after or 0).select_related("customer").order_by("customer")[: PAGE + 1]
    customers = [row.customer for row in found]
    return customers[:PAGE], customers[PAGE - 1].pk if len(customers) > PAGE else None
