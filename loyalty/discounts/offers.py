"""The grants somebody could use now, as the pricing sees them: one query, however many there are."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from loyalty.discounts import codes as spelling
from loyalty.discounts.basket import Offer
from loyalty.discounts.buyer import Buyer
from loyalty.models import Grant, Redemption

MOST = 200
STILL_TOLD = timedelta(days=30)  # for so long is said that an offer is over


def offers_for(buyer: Buyer, *, codes: Iterable[str] = (), at: datetime, reference: str = "") -> list[Offer]:
    """`reference`: the order that is paid for; what it holds itself is not used up for it.

    Whose code it is not gets it as an offer that is not theirs. What waits for approval is not there for anybody.
    """
    entered = [spelling.plain(code) for code in codes]
    return [offer_of(grant, buyer) for grant in _grants(buyer, entered, at, reference)]


def _grants(buyer: Buyer, codes: list[str], at: datetime, reference: str) -> QuerySet[Any]:
    theirs = Q(customer=buyer.customer_id) if buyer.customer_id is not None else Q(pk=None)
    not_long_over = Q(expires_at=None) | Q(expires_at__gt=at - STILL_TOLD)
    found = Grant.objects.filter(theirs & not_long_over | Q(code__in=codes), withdrawn_at=None, pending_until=None)
    return (
        found.select_related("discount", "version", "budget")
        .annotate(own_hold=_held_for(reference), had=_had(buyer, reference))
        .order_by(F("expires_at").asc(nulls_last=True), "pk")[:MOST]
    )


def _held_for(reference: str) -> Any:
    """How many uses the order holds itself."""
    if not reference:
        return Value(0)
    return _count(Redemption.objects.filter(grant=OuterRef("pk"), state="held", reference=reference))


def _had(buyer: Buyer, reference: str) -> Any:
    """How often this person used what each may use only so often."""
    if not buyer.is_known:
        return Value(0)
    theirs = Redemption.objects.counted().by(buyer).filter(grant=OuterRef("pk"))
    if reference:
        theirs = theirs.exclude(state="held", reference=reference)
    return Case(When(uses_each=None, then=0), default=_count(theirs), output_field=IntegerField())


def _count(redemptions: QuerySet[Any]) -> Any:
    counted = redemptions.order_by().values("grant").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def offer_of(grant: Any, buyer: Buyer) -> Offer:
    version = grant.version
    each = grant.uses_each
    left = [
        None if grant.uses is None else grant.uses - grant.taken + grant.own_hold,
        None if each is None else each - grant.had,
    ]
    theirs = grant.customer_id in (None, buyer.customer_id) and (each is None or buyer.is_known)
    return Offer(
        id=grant.pk,
        version=version.pk,
        name=grant.discount.name,
        kind=version.kind,
        lane=version.lane,
        percent=version.percent,
        amount=version.amount,
        goods=version.goods,
        minimum=version.minimum,
        maximum=version.maximum,
        exclusive=version.exclusive,
        starts_at=grant.starts_at,
        expires_at=grant.expires_at,
        yours=theirs,
        for_anybody=grant.customer_id is None,
        paused=grant.discount.paused_at is not None,
        uses_left=min((n for n in left if n is not None), default=None),
        budget=grant.budget_id,
        budget_left=grant.budget.left if grant.budget else None,
    )
