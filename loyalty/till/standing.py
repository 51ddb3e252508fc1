"""Where a customer stands in the tiers, for a preview: what is kept, until when, what is missing to the next."""

from typing import Any

from loyalty.models import Standing
from loyalty.programme.tiers import look


def standing_of(customer: Any) -> dict[str, Any] | None:
    """As it is from now on. A return never takes a tier away before its date."""
    look([customer.pk])
    row = Standing.objects.filter(customer=customer.pk).select_related("tier", "next_tier").first()
    if row is None:
        return None
    return {
        "name": row.tier.name if row.tier else None,
        "kept_until": row.kept_until and row.kept_until.isoformat(),
        "to_keep": None if row.to_keep is None else str(row.to_keep),
        "next": row.next_tier.name if row.next_tier else None,
        "to_next": None if row.to_next is None else str(row.to_next),
    }
