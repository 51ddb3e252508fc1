"""Who of a segment would get a discount, and who is left out and why. Asked of many at once, in the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from loyalty.discounts import limits
from loyalty.models import Assignment, Drawn

# Looked for in this order; each customer is left out for one reason.
REASONS = ("has_it", "held_back_before", "complaint_open", "customer_limit")

WHY: dict[str, Callable[[int], str]] = {
    "has_it": lambda n: ngettext("%(n)s has it and has not used it", "%(n)s have it and have not used it", n),
    "held_back_before": lambda n: ngettext(
        "%(n)s was held back from it before", "%(n)s were held back from it before", n
    ),
    "complaint_open": lambda n: ngettext("%(n)s has an open complaint", "%(n)s have an open complaint", n),
    "customer_limit": lambda n: ngettext(
        "%(n)s has had as much as you may give in 90 days", "%(n)s have had as much as you may give in 90 days", n
    ),
}
WHY_MORE: dict[str, Any] = {
    "has_it": _("They keep what they have."),
    "held_back_before": _("By lot, and for good: only so the comparison stays honest."),
    "complaint_open": _("Solve it first."),
    "customer_limit": _("They are free again when the older discounts are 90 days old."),
}

_SORTED = """
    SELECT wanted.id,
           CASE WHEN EXISTS (SELECT FROM loyalty_grant g WHERE g.customer_id = wanted.id
                                AND g.discount_id = %(discount)s AND g.withdrawn_at IS NULL
                                AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
                                AND (g.uses IS NULL OR g.taken < g.uses)) THEN 'has_it'
                WHEN drawn.held_back THEN 'held_back_before'
                WHEN %(no_complainers)s AND EXISTS (SELECT FROM crm_complaint c WHERE c.customer_id = wanted.id
                                AND c.closed_at IS NULL) THEN 'complaint_open'
                WHEN %(limit)s::numeric IS NOT NULL AND %(worth)s + coalesce(
                     (SELECT sum(g.worth) FROM loyalty_grant g WHERE g.customer_id = wanted.id
                         AND g.issued_by_id IS NOT NULL AND g.withdrawn_at IS NULL AND g.created_at >= %(since)s), 0)
                     > %(limit)s THEN 'customer_limit'
                ELSE '' END,
           drawn.id IS NULL
      FROM unnest(%(ids)s::bigint[]) AS wanted (id)
      LEFT JOIN loyalty_drawn AS drawn ON drawn.customer_id = wanted.id AND drawn.discount_id = %(discount)s
     ORDER BY wanted.id
"""


@dataclass
class Candidates:
    """`limit`: what one customer may have in 90 days from whoever gives it; None for no limit."""

    discount: int
    ids: list[int]
    worth: Decimal = Decimal(0)
    limit: Decimal | None = None
    complainers_too: bool = False

    @classmethod
    def of(cls, assignment: Assignment, selection: Any) -> "Candidates":
        """What somebody else approved is no longer limited."""
        allowed = limits.of(assignment.asked_by) if not assignment.decided_by_id else None
        return cls(
            assignment.version.discount_id,
            list(selection.customers.order_by("pk").values_list("pk", flat=True)),
            assignment.worth,
            allowed["customer"] if allowed else None,
            assignment.complainers_too,
        )

    @property
    def picked(self) -> int:
        return len(self.ids)

    @cached_property
    def sorted(self) -> list[tuple[int, str, bool]]:
        """(customer, why left out or "", never drawn)."""
        now = timezone.now()
        values: dict[str, Any] = {
            "ids": self.ids,
            "discount": self.discount,
            "now": now,
            "since": now - timedelta(days=limits.CUSTOMER_DAYS),
            "worth": self.worth,
            "limit": self.limit,
            "no_complainers": not self.complainers_too,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SORTED, values)
            return cursor.fetchall()

    @cached_property
    def fit(self) -> list[int]:
        return [pk for pk, why, _new in self.sorted if not why]

    def never_drawn(self) -> list[int]:
        return [pk for pk, why, new in self.sorted if not why and new]

    def left_out(self) -> dict[str, int]:
        counts = dict.fromkeys(REASONS, 0)
        for _pk, why, _new in self.sorted:
            if why:
                counts[why] += 1
        return {why: n for why, n in counts.items() if n}

    def to_give(self) -> list[int]:
        """Whoever fits and was not held back by the lots that were just drawn."""
        held = set(Drawn.objects.filter(discount=self.discount, held_back=True).values_list("customer_id", flat=True))
        return [pk for pk in self.fit if pk not in held]
