"""How the copy of one's data writes values: words for codes, days, numbers and money as people write them."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pkgutil import resolve_name
from types import FunctionType
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from crm.models import Complaint, Customer, CustomField, Event, Identifier, Task
from crm.models.custom_field import PREFIX
from crm.privacy.events_in_words import DAYS, DETAILS, LEFT_OUT, MONEY, event_in_words
from shop import formats
from shop.currency import currency_in_force

EDITED: dict[str, Any] = {"customer": Customer, "complaint": Complaint, "task": Task}
NO_MONEY = {"quantity", "counted", "to_keep", "to_next"}


def written(one: models.Field, value: Any, noun: str = "") -> str:
    """`noun`: of a field of an event, what the event is about."""
    if value is None or value in ("", [], {}):
        return ""
    if one.model is Event and one.name == "kind":
        return event_in_words(value)
    if one.choices:
        return str(dict(one.flatchoices).get(value, value))
    if isinstance(value, list):
        return ", ".join(written(getattr(one, "base_field", one), each) for each in value)
    if isinstance(value, dict):
        return _own_fields(value) if one.model is Customer else details(noun, value)
    if isinstance(value, Decimal):
        return _decimal(one, value)
    return in_words(f"{one.model._meta.label}.{one.name}", value) if isinstance(value, str) else plain(value)


def plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.day(timezone.localtime(value).date())
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, float):
        return formats.number(round(value, 2), 2)
    return formats.number(value) if isinstance(value, int) else str(value)


def in_words(key: str, code: Any) -> str:
    """`key` of config/words.py. What stands there for nothing is said as it is."""
    path = import_string(settings.WORDS).get(key)
    found = resolve_name(path) if path else {}
    if isinstance(found, FunctionType):
        return str(found(code))
    return str(dict(getattr(found, "choices", found)).get(code, code))


def language(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))


def details(noun: str, data: dict[str, Any]) -> str:
    """What an event says beside its kind."""
    said = {key: each for key, each in data.items() if key not in LEFT_OUT and each not in (None, "", [], {})}
    told = {key: detail(noun, key, each) for key, each in said.items()}
    return "; ".join(f"{DETAILS.get(key, key)}: {words}" for key, words in told.items() if words)


def detail(noun: str, key: str, value: Any) -> str:
    """One of the data of an event about `noun`, in words."""
    if key == "changes":
        return ", ".join(_change(noun, *change) for change in value.items() if change[0] not in LEFT_OUT)
    if isinstance(value, list):
        return ", ".join(in_words(f"{noun}.{key}", each) for each in value)
    if key in DAYS:
        return plain(parse_date(str(value)[:10]) or value)
    if key in MONEY:
        return _money(value)
    return plain(value) if isinstance(value, bool) else in_words(f"{noun}.{key}", value)


def _change(noun: str, name: str, values: list[Any]) -> str:
    """A field, what was in it and what came: Town – → Ludlow."""
    label, says = _edited(noun, name)
    return f"{label} {' → '.join('–' if each in (None, '') else says(each) for each in values)}"


def _edited(noun: str, name: str) -> tuple[str, Any]:
    """What a field is called, and how its values are said."""
    if name in Identifier.Kind.values:
        return str(Identifier.Kind(name).label), plain
    if name.startswith(PREFIX):
        own = CustomField.objects.filter(key=name.removeprefix(PREFIX)).first()
        return (own.label, own.words) if own else (name.removeprefix(PREFIX), plain)
    return _field_of(EDITED[noun], name) if noun in EDITED else (name, plain)


def _field_of(model: Any, name: str) -> tuple[str, Any]:
    try:
        one = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name, plain
    day = isinstance(one, models.DateField)
    return str(one.verbose_name), lambda value: written(one, (parse_date(str(value)[:10]) or value) if day else value)


def _own_fields(values: dict[str, Any]) -> str:
    own = {field.key: field for field in CustomField.objects.filter(key__in=values)}
    return "; ".join(f"{own[key].label}: {own[key].words(each)}" for key, each in values.items() if key in own)


def _decimal(one: models.Field, value: Decimal) -> str:
    if one.name in NO_MONEY:
        plainly = value.normalize()
        return formats.number(plainly, max(-int(plainly.as_tuple().exponent), 0))
    return formats.money(value, currency_in_force())


def _money(value: Any) -> str:
    try:
        return formats.money(Decimal(str(value)), currency_in_force())
    except InvalidOperation:
        return str(value)
