"""Why an offer is not applied: one code each, in the order in which they are looked for."""

from datetime import datetime

from loyalty.discounts.basket import Offer, Refused

NOT_YOURS = "not_yours"
NEEDS_APPROVAL = "needs_approval"
PAUSED = "paused"
NOT_STARTED = "not_started"
EXPIRED = "expired"
USED_UP = "used_up"
BUDGET_EMPTY = "budget_empty"
EXCLUDED_ITEMS = "excluded_items"
BELOW_MINIMUM = "below_minimum"
BEATEN_BY = "beaten_by"
EXCLUSIVE_CONFLICT = "exclusive_conflict"


def refused_at_once(offer: Offer, at: datetime) -> Refused | None:
    """What can be said without looking at the basket. An offer ends with the moment at which it expires."""
    if not offer.yours:
        return Refused(offer, NOT_YOURS)
    if not offer.approved:
        return Refused(offer, NEEDS_APPROVAL)
    if offer.paused:
        return Refused(offer, PAUSED)
    if offer.starts_at and at < offer.starts_at:
        return Refused(offer, NOT_STARTED, at=offer.starts_at)
    if offer.expires_at and at >= offer.expires_at:
        return Refused(offer, EXPIRED, at=offer.expires_at)
    if offer.uses_left is not None and offer.uses_left <= 0:
        return Refused(offer, USED_UP)
    return None
