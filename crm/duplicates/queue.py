"""The queue of pairs that may be one person, strongest first; a page begins where the last one ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from crm.models import Customer, Duplicate, Identifier, Order
from shop import formats
from shop.typed import number_in

SIZE = 25


@dataclass
class Pair:
    """One line of the queue."""

    duplicate: Duplicate
    orders: dict[int, int]
    known: dict[int, list[Identifier]]
    why: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.why = [_reason(reason, self.duplicate, self.known) for reason in self.duplicate.reasons]

    @property
    def sides(self) -> list[tuple[Customer, int, str]]:
        """(card, number of orders, what they are known by) of both."""
        cards = (self.duplicate.first, self.duplicate.second)
        return [(card, self.orders.get(card.pk, 0), _seen(self.known.get(card.pk, []))) for card in cards]


def page_of(after: str = "") -> tuple[list[Pair], str]:
    """The pairs, and where the next page begins."""
    found = list(_open(_place(after)).select_related("first", "second")[: SIZE + 1])
    following = f"{found[SIZE - 1].strength}-{found[SIZE - 1].pk}" if len(found) > SIZE else ""
    return _pairs(found[:SIZE]), following


def next_after(pair: Duplicate | None) -> Duplicate | None:
    """The pair that follows in the queue, or its beginning."""
    rest = _open((pair.strength, pair.pk) if pair else None).first()
    if rest or pair is None:
        return rest
    return _open(None).exclude(pk=pair.pk).first()


def _open(place: tuple[int, int] | None) -> Any:
    pairs = Duplicate.objects.open().order_by("-strength", "-pk")
    if place:
        strength, number = place
        pairs = pairs.filter(strength__lte=strength).filter(Q(strength__lt=strength) | Q(pk__lt=number))
    return pairs


def _place(after: str) -> tuple[int, int] | None:
    told, _dash, pk = after.partition("-")
    strength, number = number_in(told, digits=9), number_in(pk)
    return None if strength is None or number is None else (strength, number)


def _pairs(found: list[Duplicate]) -> list[Pair]:
    ids = {card for pair in found for card in (pair.first_id, pair.second_id)}
    orders = Order.objects.filter(customer__in=ids).order_by().values_list("customer").annotate(n=Count("pk"))
    known: dict[int, list[Identifier]] = {}
    for one in Identifier.objects.filter(customer__in=ids).order_by("kind", "pk"):
        known.setdefault(one.customer_id, []).append(one)
    counts = dict(orders)
    return [Pair(pair, counts, known) for pair in found]


def _reason(reason: str, pair: Duplicate, known: dict[int, list[Identifier]]) -> str:
    label = Duplicate.Reason(reason).label
    if reason == Duplicate.Reason.BIRTHDAY:
        born = pair.first.birthday
        return _("%(reason)s, %(day)s") % {"reason": label, "day": formats.day(born)} if born else str(label)
    first, second = known.get(pair.first_id, []), known.get(pair.second_id, [])
    theirs = _normalised(second, reason)
    value = next((one.value for one in first if one.kind == reason and one.normalised in theirs), "")
    return _("%(reason)s, %(value)s") % {"reason": label, "value": value} if value else str(label)


def _normalised(known: Iterable[Identifier], kind: str) -> set[str]:
    return {one.normalised for one in known if one.kind == kind}


def _seen(known: list[Identifier]) -> str:
    return " · ".join(one.value for one in known[:2])
