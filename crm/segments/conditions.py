"""Turns what the address says about a facet into a condition: `?orders=2..5&state=at_risk&state=overdue`.

Only facets of the table get here and every value is read by the facet's kind; what cannot be read is said.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Func, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.facets import Facet
from crm.segments.address import Filter
from shop import formats

UNKNOWN = "-"
LONGEST = 200
MOST_VALUES = 50
TRIGRAM = 3  # letters; of fewer there is none, but the beginning of a word has one
NUMBER = re.compile(r"-?\d{1,15}([.,]\d{1,3})?", re.ASCII)


class Unclear(Exception):
    """What was asked cannot be read; the text says so to the person who asked."""


class NotTrue(Func):
    """Everybody who does not meet it, also those of whom nothing is known: NOT would leave these out."""

    output_field = BooleanField()
    conditional = True
    template = "(%(expressions)s) IS NOT TRUE"

    def __init__(self, met: Q) -> None:
        super().__init__(ExpressionWrapper(met, output_field=BooleanField()))


def alias(facet: Facet) -> str:
    """Under which the facet's expression stands in the query."""
    return f"ask_{facet.name.replace('-', '_')}"


def condition(facet: Facet, asked: Filter, labels: dict[str, Any]) -> Q:
    """Any of the values, or none of them."""
    if len(asked.values) > MOST_VALUES:
        raise Unclear(_("%(what)s: too many values at once.") % {"what": facet.label})
    met = Q()
    for value in asked.values:
        met |= _unknown(facet) if value == UNKNOWN else _one_value(facet, value, labels)
    return Q(NotTrue(met)) if asked.negated else met


def _one_value(facet: Facet, text: str, labels: dict[str, Any]) -> Q:
    value = clean(facet, text)
    if facet.kind in ("choice", "yes_no"):
        if value not in labels:
            raise _not_read(facet, value)
        told = facet.condition(value) if facet.condition else None
        if told is not None:
            return told
    return READERS[facet.kind](facet, value, alias(facet))


def clean(facet: Facet, value: str) -> str:
    value = value.strip()
    if not value or len(value) > LONGEST or not value.isprintable():
        raise _not_read(facet, value)
    return value


def _not_read(facet: Facet, value: str) -> Unclear:
    shown = "".join(c for c in value if c.isprintable())[:40]
    says = {
        "number": _("%(what)s: “%(value)s” is not a number. Write 5, 2..5, 2.. or ..5."),
        "money": _("%(what)s: “%(value)s” is not an amount. Write 50, 20..50, 20.. or ..50."),
        "date": _("%(what)s: “%(value)s” is not a date. Write 2026-03-01, or 2026-03-01..2026-03-31."),
        "choice": _("%(what)s: “%(value)s” is not one of the choices."),
        "yes_no": _("%(what)s: “%(value)s” is neither yes nor no."),
        "text": _("%(what)s: “%(value)s” cannot be looked for."),
    }
    return Unclear(says[facet.kind] % {"what": facet.label, "value": shown})


def _unknown(facet: Facet) -> Q:
    told = facet.condition(UNKNOWN) if facet.condition and facet.may_be_unknown else None
    if told is not None:
        return told
    name = alias(facet)
    return Q(**{name: ""}) if facet.kind == "text" else Q(**{f"{name}__isnull": True})


def _text(facet: Facet, value: str, name: str) -> Q:
    told = facet.condition(value) if facet.condition else None
    if told is not None:
        return told
    if facet.asked is None:
        return Q(**{f"{name}__icontains": value})
    text = value.lower()
    if len(text) < TRIGRAM:
        return Q(**{f"{name}__startswith": text}) | Q(**{f"{name}__contains": f" {text}"})
    return Q(**{f"{name}__contains": text})


def _choice(facet: Facet, value: str, name: str) -> Q:
    return Q(**{name: value})


def _yes_no(facet: Facet, value: str, name: str) -> Q:
    return Q(**{name: value == "yes"})


def ends(facet: Facet, value: str, read: Callable[[str], Any]) -> tuple[Any, Any]:
    """2..5 is (2, 5), 2.. is (2, None), 5 is (5, 5)."""
    low, dots, high = value.partition("..")
    try:
        pair = (read(low) if low else None, read(high) if high else None) if dots else (read(low), read(low))
    except ValueError:
        raise _not_read(facet, value) from None
    if pair == (None, None):
        raise _not_read(facet, value)
    return pair


def as_number(text: str) -> Decimal:
    if not NUMBER.fullmatch(text.strip()):
        raise ValueError(text)
    return Decimal(text.strip().replace(",", "."))


def as_day(text: str) -> date:
    day = date.fromisoformat(text.strip())
    if not 1900 <= day.year <= 2200:
        raise ValueError(text)
    return day


def _number(facet: Facet, value: str, name: str) -> Q:
    return _between(name, *ends(facet, value, as_number))


def _date(facet: Facet, value: str, name: str) -> Q:
    first, last = ends(facet, value, as_day)
    if not facet.moment:
        return _between(name, first, last)
    met = Q(**{f"{name}__gte": _start(first)}) if first else Q()
    return met & Q(**{f"{name}__lt": _start(last + timedelta(days=1))}) if last else met


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _between(name: str, low: Any, high: Any) -> Q:
    met = Q(**{f"{name}__gte": low}) if low is not None else Q()
    return met & Q(**{f"{name}__lte": high}) if high is not None else met


READERS: dict[str, Callable[[Facet, str, str], Q]] = {
    "text": _text,
    "number": _number,
    "money": _number,
    "date": _date,
    "choice": _choice,
    "yes_no": _yes_no,
}


def worded(facet: Facet, value: str, labels: dict[str, Any]) -> str:
    """How a chip says a value: from 2 to 5, at least 2, since 1 Mar 2026."""
    if value == UNKNOWN:
        return pgettext("value", "not known")
    if facet.kind in ("choice", "yes_no"):
        return str(labels.get(value, value))
    if facet.kind == "text" or ".." not in value:
        return value if facet.kind == "text" else _one(facet, value)
    low, _dots, high = value.partition("..")
    if low and high:
        return _("%(low)s to %(high)s") % {"low": _one(facet, low), "high": _one(facet, high)}
    if facet.kind == "date":
        said = _("since %(day)s") if low else _("until %(day)s")
        return said % {"day": _one(facet, low or high)}
    said = _("at least %(n)s") if low else _("at most %(n)s")
    return said % {"n": _one(facet, low or high)}


def _one(facet: Facet, text: str) -> str:
    if facet.kind == "date":
        return formats.day(as_day(text))
    number = as_number(text)
    return formats.number(number, max(-int(number.as_tuple().exponent), 0))
