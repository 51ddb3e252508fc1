"""Who is in a rehearsal, page by page: those it changes most first."""

from django.db.models import Q

from loyalty.models import Rehearsal, RehearsedCustomer
from shop.typed import number_in

PAGE = 50
WHO = {"gain": Q(difference__gt=0), "lose": Q(difference__lt=0), "same": Q(difference=0)}


def rehearsed(found: Rehearsal, who: str, after: str) -> tuple[list[RehearsedCustomer], str]:
    """By keyset: how much it is for them, then the card. A place that cannot be read is the beginning."""
    rows = RehearsedCustomer.objects.filter(WHO[who], rehearsal=found).select_related("customer")
    told, _comma, number = after.partition(",")
    much, card = number_in(told), number_in(number)
    if much is not None and card is not None:
        rows = rows.filter(_behind(-much if who == "lose" else much, card, rising=who == "lose"))
    order = ("difference", "customer_id") if who == "lose" else ("-difference", "-customer_id")
    listed = list(rows.order_by(*order)[: PAGE + 1])
    last = listed[PAGE - 1] if len(listed) > PAGE else None
    return listed[:PAGE], f"{abs(last.difference)},{last.customer_id}" if last else ""


def _behind(difference: int, card: int, *, rising: bool) -> Q:
    if rising:
        return Q(difference__gte=difference) & (Q(difference__gt=difference) | Q(customer__gt=card))
    return Q(difference__lte=difference) & (Q(difference__lt=difference) | Q(customer__lt=card))
