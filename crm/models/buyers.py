"""Whom many orders mean, asked at once: as KnownBy for each, where that is plain; the others one by one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from crm.models.customer import Customer
from crm.models.event import Event
from crm.models.identifier import Identifier
from crm.models.known_by import KnownBy, Mark
from shop.asking import ask

Kind = Identifier.Kind
Marks = tuple[Mark, ...]

_HOLDERS = """
SELECT mark.kind, mark.source, mark.normalised, identifier.id, identifier.customer_id
  FROM unnest(%(kinds)s::text[], %(sources)s::text[], %(values)s::text[]) AS mark (kind, source, normalised)
  JOIN crm_identifier AS identifier ON identifier.kind = mark.kind AND identifier.normalised = mark.normalised
   AND (mark.kind IN ('email', 'phone') OR identifier.source = mark.source)
"""
_TURN = """
SELECT pg_advisory_xact_lock(hashtextextended(key, 2))
  FROM (SELECT unnest(%(keys)s::text[]) AS key ORDER BY 1) AS sorted
"""
_HELD = """
SELECT id FROM crm_customer WHERE id = ANY (%(ids)s::bigint[]) AND merged_into_id IS NULL AND erased_at IS NULL
 ORDER BY id FOR KEY SHARE
"""


class Found(NamedTuple):
    customer_id: int
    by: int | None  # the identifier that led there
    new: bool


class Key(NamedTuple):
    kind: str
    source: str
    normalised: str


def key(mark: Mark) -> Key:
    return Key(mark.kind, mark.source if mark.kind in (Kind.EXTERNAL, Kind.CARD) else "", mark.normalised)


def find_or_create_many(buyers: Sequence[KnownBy], *, actor: str) -> list[Found]:
    """In the caller's transaction. Two at once for new customers take turns, as for one."""
    marks = {buyer: tuple(buyer.marks) for buyer in buyers}
    found = _known(marks)
    strangers = {buyer: its for buyer, its in marks.items() if buyer not in found}
    if strangers:
        _take_turns(strangers.values())
        found |= _known(strangers)
        found |= _made(strangers, found, actor)
    found |= {buyer: _one(buyer, actor) for buyer in marks if buyer not in found}
    return [found[buyer] for buyer in buyers]


def _one(buyer: KnownBy, actor: str) -> Found:
    customer = buyer.find_or_create(actor=actor)
    return Found(customer.pk, buyer.led_to(customer), False)


def _known(marks: dict[KnownBy, Marks]) -> dict[KnownBy, Found]:
    """Those of whom every mark is one customer's, and nobody else's."""
    holders = _holders({key(mark) for its in marks.values() for mark in its})
    found: dict[KnownBy, Found] = {}
    for buyer, its in marks.items():
        held = [holders.get(key(mark), []) for mark in its]
        customers = {customer for rows in held for _number, customer in rows}
        if len(customers) == 1 and all(len(rows) == 1 for rows in held):
            found[buyer] = Found(customers.pop(), held[0][0][0], False)
    here = {row[0] for row in ask(_HELD, {"ids": sorted({one.customer_id for one in found.values()})})}
    return {buyer: one for buyer, one in found.items() if one.customer_id in here}


def _holders(keys: set[Key]) -> dict[Key, list[tuple[int, int]]]:
    columns = list(zip(*sorted(keys), strict=True)) or [(), (), ()]
    rows = ask(_HOLDERS, dict(zip(("kinds", "sources", "values"), map(list, columns), strict=True)))
    held: dict[Key, list[tuple[int, int]]] = {}
    for kind, source, normalised, number, customer in rows:
        held.setdefault(Key(kind, source, normalised), []).append((number, customer))
    return held


def _take_turns(marks: Iterable[Marks]) -> None:
    """The same turns as KnownBy takes, in the same order."""
    keys = {f"identifier\n{mark.kind}\n{mark.source}\n{mark.normalised}" for its in marks for mark in its}
    with connection.cursor() as cursor:
        cursor.execute(_TURN, {"keys": sorted(keys)})


def _made(marks: dict[KnownBy, Marks], found: dict[KnownBy, Found], actor: str) -> dict[KnownBy, Found]:
    """Cards for those of whom nothing is known, not even by another of these orders."""
    left = {buyer: its for buyer, its in marks.items() if buyer not in found}
    known = _holders({key(mark) for its in left.values() for mark in its})
    people: dict[Marks, list[KnownBy]] = {}
    for buyer, its in left.items():
        people.setdefault(its, []).append(buyer)
    shared = Counter(key(mark) for its in people for mark in {key(mark): mark for mark in its}.values())
    new = {
        its: buyers
        for its, buyers in people.items()
        if all(mark.kind != Kind.CARD and key(mark) not in known and shared[key(mark)] == 1 for mark in its)
    }
    return _cards(new, actor)


def _cards(people: dict[Marks, list[KnownBy]], actor: str) -> dict[KnownBy, Found]:
    if not people:
        return {}
    firsts = [buyers[0] for buyers in people.values()]
    cards = Customer.objects.bulk_create(
        Customer(given_name=one.given_name, family_name=one.family_name, source=one.source) for one in firsts
    )
    numbers = Identifier.objects.bulk_create(
        Identifier(customer=card, kind=mark.kind, source=mark.source, value=mark.value, normalised=mark.normalised)
        for card, its in zip(cards, people, strict=True)
        for mark in its
    )
    Event.record_many("customer.created", [(card, None, {"source": card.source}) for card in cards], actor=actor)
    led = {number.customer_id: number.pk for number in reversed(numbers)}
    return {
        buyer: Found(card.pk, led[card.pk], True)
        for card, buyers in zip(cards, people.values(), strict=True)
        for buyer in buyers
    }
