"""Finds people by anything they say on the phone: a name with typos, an e-mail, a phone, a card or an order number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Length, Lower

from crm.models import Customer, Identifier, Order
from crm.models.card_number import card_number, customer_of

ENOUGH = 12
MOST = 200
# A name with a smaller share of common trigrams is not the one that was meant.
LIKENESS = (0.45, 0.3)
COMPARED = 1000
NUMBERLIKE = re.compile(r"[\d\s()+./#-]*\d[\d\s()+./#-]*")
NUMBER_KINDS = (Identifier.Kind.EXTERNAL, Identifier.Kind.CARD)


@dataclass(frozen=True)
class Found:
    """A customer, by what they were found, and what of it was seen."""

    customer_id: int
    by: str
    seen: str = ""


def find(text: str, limit: int = ENOUGH) -> list[Found]:
    """At most `limit` people, the likeliest first, each once."""
    text = " ".join(text.split())
    if not text or not text.isprintable():
        return []
    once: dict[int, Found] = {}
    for found in _ways(text, limit):
        once.setdefault(found.customer_id, found)
        if len(once) == limit:
            break
    return list(once.values())


def find_ids(text: str) -> list[int]:
    return [found.customer_id for found in find(text, MOST)]


def _ways(text: str, limit: int) -> Iterator[Found]:
    """Each way is one query, and is tried only while there is room."""
    if "@" in text:
        yield from _by_identifier(Q(kind=Identifier.Kind.EMAIL, normalised__contains=text.lower()), "email", limit)
        return
    if NUMBERLIKE.fullmatch(text):
        yield from _by_number(text, limit)
        return
    yield from _by_name(text.lower(), limit)
    if " " not in text:
        yield from _by_identifier(Q(kind=Identifier.Kind.EMAIL, normalised__startswith=text.lower()), "email", limit)
        if any(c.isdigit() for c in text):
            exact = [*_by_identifier(_numbers(text), "number", limit), *_by_order(text, limit)]
            yield from exact
            if exact:
                return  # no name with a typo
    yield from _by_likeness(text.lower(), limit)


def _by_number(text: str, limit: int) -> Iterator[Found]:
    plain = text.replace(" ", "").removeprefix("#")
    yield from _by_our_card(text)
    yield from _by_order(plain, limit)
    yield from _by_identifier(_numbers(plain), "number", limit)
    spoken = phone_digits(text)
    if len(spoken) >= 3:
        yield from _by_identifier(Q(kind=Identifier.Kind.PHONE, normalised__contains=spoken), "phone", limit)


def _by_our_card(text: str) -> Iterator[Found]:
    if (pk := customer_of(text)) is not None:
        for customer in Customer.objects.filter(pk=pk, erased_at=None).only("merged_into_id"):
            yield Found(customer.merged_into_id or customer.pk, "number", card_number(pk))


def phone_digits(text: str) -> str:
    """The digits as they stand in E.164: without the zero, or the eight of eleven digits, that is dialled first."""
    digits = "".join(c for c in text if c.isdigit() and c.isascii())
    if text.lstrip().startswith("+"):
        return digits
    if len(digits) == 11 and digits.startswith("8"):
        return digits[1:]
    return digits.lstrip("0")


def _numbers(text: str) -> Q:
    return Q(kind__in=NUMBER_KINDS) & (Q(normalised__startswith=text) | Q(normalised__startswith=text.upper()))


def _by_identifier(met: Q, by: str, limit: int) -> Iterator[Found]:
    rows = Identifier.objects.filter(met).order_by(Length("normalised"), "normalised")
    for customer_id, value in rows.values_list(_whose(), "value")[:limit]:
        yield Found(customer_id, by, value)


def _by_order(text: str, limit: int) -> Iterator[Found]:
    met = Q(reference__startswith=text) | Q(reference__startswith=text.upper())
    rows = Order.objects.filter(met, customer__erased_at=None).order_by("reference")
    for customer_id, reference in rows.values_list(_whose(), "reference")[:limit]:
        yield Found(customer_id, "order", reference)


def _whose() -> Any:
    """The card that a merged card went into."""
    return Coalesce("customer__merged_into_id", "customer_id")


def _by_name(text: str, limit: int) -> Iterator[Found]:
    """Two letters have no trigram of their own, but the beginning of a word has."""
    met = Q(lower__contains=text) if len(text) >= 3 else Q(lower__startswith=text) | Q(lower__contains=f" {text}")
    yield from _people(_named().filter(met).order_by(Length("name"), "lower", "pk"), limit)


def _by_likeness(text: str, limit: int) -> Iterator[Found]:
    """Names with typos, every word of them like one of the name's; looser only when nobody is near.

    The threshold is of this transaction, so that the index may use it.
    """
    near: list[Found] = []
    with transaction.atomic(), connection.cursor() as cursor:
        for likeness in LIKENESS:
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(likeness)])
            near = list(_people(_alike(text), limit))
            if near:
                break
    yield from near


def _alike(text: str) -> QuerySet[Customer]:
    """Many have a common name: of those a thousand are compared, whoever comes first."""
    alike = _named()
    for word in [word for word in text.split() if len(word) >= 3][:4] or [text]:
        alike = alike.filter(lower__trigram_word_similar=word)
    few = Customer.objects.filter(pk__in=alike.order_by().values("pk")[:COMPARED])
    near = TrigramWordSimilarity(text, Lower("name"))
    return few.annotate(near=near).order_by("-near", Length("name"), "pk")


def _named() -> QuerySet[Customer]:
    return Customer.objects.present().alias(lower=Lower("name"))


def _people(customers: QuerySet[Customer], limit: int) -> Iterator[Found]:
    for pk in islice(customers.values_list("pk", flat=True)[:limit], limit):
        yield Found(pk, "name")
