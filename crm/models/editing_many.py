"""Many cards found or made, and edited, by a few statements; each as if it had come alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction

from crm.models.buyers import find_or_create_many
from crm.models.customer import Customer
from crm.models.event import Event
from crm.models.incoming_many import AT_ONCE
from crm.models.known_by import KnownBy


@dataclass
class Told:
    """`fields`: what is set on the card; what is not there stays."""

    known: KnownBy
    fields: dict[str, Any]


def upsert(told: Sequence[Told], *, actor: str) -> Iterator[tuple[int, bool]]:
    """For each the number of the customer, and whether the card is new."""
    waiting = iter(told)
    while some := list(islice(waiting, AT_ONCE)):
        yield from _some(some, actor)


@transaction.atomic
def _some(told: list[Told], actor: str) -> list[tuple[int, bool]]:
    found = find_or_create_many([one.known for one in told], actor=actor)
    fields: dict[int, dict[str, Any]] = {}
    for one, card in zip(told, found, strict=True):  # the later of two counts
        fields.setdefault(card.customer_id, {}).update(one.fields)
    _edit(fields, actor)
    return [(card.customer_id, card.new) for card in found]


def _edit(fields: dict[int, dict[str, Any]], actor: str) -> None:
    """Only what is different is written, and told of."""
    cards = Customer.objects.filter(pk__in=fields).select_related("owner").order_by("pk")
    edited = [(card, card.put(fields[card.pk])) for card in cards.select_for_update(of=("self",))]
    changed = [(card, changes) for card, changes in edited if changes]
    names = sorted({name for _card, changes in changed for name in changes})
    if names:
        Customer.objects.bulk_update([card for card, _changes in changed], names)
        Event.record_many("customer.edited", [(card, None, {"changes": said}) for card, said in changed], actor=actor)
