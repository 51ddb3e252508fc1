"""Many orders as another program tells them, taken in by a few statements; each as if it had come alone."""

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db import IntegrityError, transaction

from crm.models.buyers import find_or_create_many
from crm.models.event import Event
from crm.models.incoming import IncomingOrder, OrderDiffers
from crm.models.order import Order, OrderLine
from shop.asking import ask

# Of one transaction: it holds a lock for every mark of a new customer, and the server has room for some thousands.
AT_ONCE = 100
_THERE = """
SELECT o.source, o.reference FROM unnest(%(sources)s::text[], %(references)s::text[]) AS asked (source, reference)
  JOIN crm_order AS o USING (source, reference)
"""

Taken = tuple[Order, bool] | OrderDiffers


def accept_many(told: Sequence[IncomingOrder], *, actor: str) -> list[Taken]:
    """For each the order and whether it is new, or in what it differs from the one that is there."""
    waiting = iter(told)
    taken: list[Taken] = []
    while some := list(islice(waiting, AT_ONCE)):
        taken += _some(some, actor)
    return taken


def _some(told: list[IncomingOrder], actor: str) -> list[Taken]:
    """Whatever was told before, also among these, is compared one by one."""
    new = _new(told)
    try:
        with transaction.atomic():
            _place([told[at] for at in new], actor)
    except IntegrityError:  # somebody told one of them at the same moment
        new = []
        for one in told:
            one.order.pk = None
    placed = set(new)
    return [(one.order, True) if at in placed else _one(one, actor) for at, one in enumerate(told)]


def _one(told: IncomingOrder, actor: str) -> Taken:
    try:
        with transaction.atomic():
            return told.accept(actor=actor)
    except OrderDiffers as error:
        return error


def _new(told: list[IncomingOrder]) -> list[int]:
    """Where those stand that nobody told of: of two of one name, the first."""
    names = [(one.order.source, one.order.reference) for one in told]
    values = {"sources": [source for source, _ in names], "references": [reference for _, reference in names]}
    there = {(source, reference) for source, reference in ask(_THERE, values)}
    first = {name: at for at, name in reversed(list(enumerate(names)))}
    return [at for at, name in enumerate(names) if name not in there and first[name] == at]


def _place(told: list[IncomingOrder], actor: str) -> None:
    if not told:
        return
    found = find_or_create_many([one.buyer for one in told], actor=actor)
    for one, whose in zip(told, found, strict=True):
        one.order.customer_id, one.order.came_by = whose.customer_id, whose.by
    orders = Order.objects.bulk_create(one.order for one in told)
    OrderLine.objects.bulk_create(_lines(told))
    Event.record_many("order.placed", [(None, one, _said(one)) for one in orders], actor=actor)


def _lines(told: list[IncomingOrder]) -> Iterator[OrderLine]:
    for one in told:
        for position, line in enumerate(one.lines, 1):
            line.order_id, line.position = one.order.pk, position
            yield line


def _said(order: Order) -> dict[str, str]:
    return {"reference": order.reference, "total": str(order.total)}
