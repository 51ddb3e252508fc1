"""Finding one person in what was typed about others: their name, their addresses, their numbers, as patterns."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

import phonenumbers
from django.db import connection

from crm.models import Customer, Identifier

ERASED = "‹erased›"
SHORTEST_NUMBER = 6  # a customer number like 1042 is a part of too much else
MOST = 60  # terms; more than anybody has
GAP = r"[\s().\-/]*"  # between the digits of a phone


def traces_of(cards: Iterable[int]) -> list[str]:
    """Patterns for PostgreSQL and Python alike; empty when nothing is known of the person."""
    terms: dict[str, None] = {}
    for customer in Customer.objects.filter(pk__in=list(cards)).order_by("pk"):
        terms |= dict.fromkeys(_names(customer))
    for identifier in Identifier.objects.filter(customer__in=list(cards)).order_by("pk"):
        terms |= dict.fromkeys(_marks(identifier))
    return list(terms)[:MOST]


def together(patterns: list[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def _names(customer: Customer) -> list[str]:
    """The whole name, in both orders; the family name alone when nobody else has it; the street."""
    given, family = customer.given_name.strip(), customer.family_name.strip()
    found = []
    if given and family:
        found += [_words(f"{given} {family}"), _words(f"{family} {given}"), _words(f"{family}, {given}")]
    elif len(given or family) >= 4 and " " in (given or family):
        found.append(_words(given or family))
    if len(family) >= 4 and not _shared(customer, family):
        found.append(_words(family))
    if len(customer.street.strip()) >= 6:
        found.append(_words(customer.street.strip()))
    return found


def _shared(customer: Customer, family: str) -> bool:
    """Whether anybody else is called so. Asked through the index of names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM crm_customer WHERE lower(name) LIKE %s AND id <> %s"
            " AND merged_into_id IS DISTINCT FROM %s AND erased_at IS NULL)",
            [f"%{_like(family.lower())}%", customer.pk, customer.pk],
        )
        return bool(cursor.fetchone()[0])


def _like(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _marks(identifier: Identifier) -> list[str]:
    if identifier.kind == Identifier.Kind.PHONE:
        return _phone(identifier.normalised)
    if identifier.kind == Identifier.Kind.EMAIL:
        texts = [identifier.value.strip(), identifier.normalised]
        return [_words(form) for text in texts for form in dict.fromkeys((text, quote(text), quote_plus(text)))]
    return [_words(identifier.value.strip())] if len(identifier.value.strip()) >= SHORTEST_NUMBER else []


def _phone(number: str) -> list[str]:
    """Its digits with whatever people write between them, with or without the country and the first zero."""
    try:
        parsed = phonenumbers.parse(number)
        country, rest = str(parsed.country_code), str(parsed.national_number)
    except phonenumbers.NumberParseException:
        country, rest = "", "".join(c for c in number if c.isdigit()).lstrip("0")
    if len(rest) < SHORTEST_NUMBER:
        return []
    in_front = rf"(?:\+?(?:00)?{country}{GAP})?(?:\(?0\)?{GAP})?" if country else ""
    return [rf"(?<![0-9]){in_front}{GAP.join(rest)}(?![0-9])"]


def _words(text: str) -> str:
    """The text on its own, not inside a longer word; any white space between its words."""
    inner = r"\s+".join(re.escape(word) for word in text.split())
    inner = inner.replace(r"\ ", " ")
    return rf"(?<![[:alnum:]]){inner}(?![[:alnum:]])"


def for_python(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("[[:alnum:]]", r"[^\W_]"), re.IGNORECASE)


def without(value: Any, pattern: re.Pattern[str]) -> Any:
    """A value of JSON with every trace in its texts replaced; keys and numbers stay."""
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, list):
        return [without(one, pattern) for one in value]
    if isinstance(value, dict):
        return {key: without(one, pattern) for key, one in value.items()}
    return value
