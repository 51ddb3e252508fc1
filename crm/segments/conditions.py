"""Turns what the address says about a facet into a condition: `?orders=2..5&state=at_risk&state=overdue`.

Only facets of the table get here and every value is read by the facet's kind; what cannot be read is said.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.facets import Facet
from shop import formats

UNKNOWN = "-"
LONGEST = 200
MOST_VALUES = 50
NUMBER = re.compile(r"-?\d{1,15}([.,]\d{1,3})?", re.ASCII)


class Unclear(Exception):
    """What was asked cannot be read; the text says so to the person who asked."""


def condition(facet: Facet, values: list[str], name: str) -> Q:
    """Any of the values; `name` is the alias under which the expression stands in the query."""
    if len(values) > MOST_VALUES:
        raise Unclear(_("%(what)s: too many values at once.") % {"what": facet.label})
    met = Q()
    for value in values:
        met |= _unknown(facet, name) if value == UNKNOWN else READERS[facet.kind](facet, clean(facet, value), name)
    return met


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


def _unknown(facet: Facet, name: str) -> Q:
    return Q(**{name: ""}) if facet.kind == "text" else Q(**{f"{name}__isnull": True})


def _text(facet: Facet, value: str, name: str) -> Q:
    return Q(**{f"{name}__icontains": value})


def _choice(facet: Facet, value: str, name: str) -> Q:
    if value not in {key for key, _label in facet.options()}:
        raise _not_read(facet, value)
    told = facet.condition(value) if facet.condition else None
    return Q(**{name: value}) if told is None else told


def _yes_no(facet: Facet, value: str, name: str) -> Q:
    if value not in ("yes", "no"):
        raise _not_read(facet, value)
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
        return _("not known")
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
