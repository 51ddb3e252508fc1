"""What the card itself lets one ask about a customer (config/facets.py lists them)."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.facets import Facet, staff_choices
from crm.models import Identifier
from crm.segments import few_texts
from shop import formats


def known_by(kind: str) -> Exists:
    return Exists(Identifier.objects.filter(customer=OuterRef("pk"), kind=kind))


def first_of(kind: str) -> Any:
    def expression() -> Subquery:
        first = Identifier.objects.filter(customer=OuterRef("pk"), kind=kind).order_by("pk")
        return Subquery(first.values("value")[:1])

    return expression


def reached_by(kind: str) -> Any:
    return lambda value: Q(**{f"reach__{kind}": value == "yes"})


def either(met: Q) -> Any:
    return Case(When(met, then=Value(True)), default=Value(False))


def written(field: str) -> Any:
    """Whether there is anything in a text."""

    def met(value: str) -> Q:
        return ~Q(**{field: ""}) if value == "yes" else Q(**{field: ""})

    return met


# ---- Birthdays ------------------------------------------------------------------------------------
SOON = {"today": 0, "in-7-days": 6, "in-30-days": 29}


def birthday_choices() -> list[tuple[str, Any]]:
    months = [(f"month-{n}", formats.month(date(2000, n, 1), long=True, year=False)) for n in range(1, 13)]
    return [("today", _("today")), ("in-7-days", _("within 7 days")), ("in-30-days", _("within 30 days")), *months]


def born(value: str) -> Q | None:
    """By month and day as one number, 1231 for the last of December."""
    if value == "-":
        return Q(birthday=None)
    if value.startswith("month-"):
        month = int(value.removeprefix("month-")) * 100
        return Q(ask_birthday__gte=month, ask_birthday__lt=month + 100)
    today = timezone.localdate()
    days = {today + timedelta(days=n) for n in range(SOON[value] + 1)}
    numbers = {day.month * 100 + day.day for day in days}
    if any((day.month, day.day) == (2, 28) and (day + timedelta(days=1)).day == 1 for day in days):
        numbers.add(229)  # a year without their day
    return Q(ask_birthday__in=sorted(numbers))


BIRTH_DAY = F("birthday__month") * 100 + F("birthday__day")


def text(name: str, label: Any, **options: Any) -> Facet:
    """A text of the card, asked about by its trigrams; of nothing there are none, so then by the column itself."""

    def empty(value: str) -> Q | None:
        return Q(**{name: ""}) if value == "-" else None

    options = {"column": False, "blank": True, "condition": empty, **options}
    return Facet(name, label, "text", F(name), asked=Lower(name), **options)


FIRST = [
    text("name", _("Customer"), order=Lower("name"), order_index="customer_by_name", blank=False),
    Facet("email", _("E-mail"), "text", first_of("email"), column=False, askable=False),
    Facet("phone", _("Phone"), "text", first_of("phone"), column=False, askable=False),
    Facet("has_email", _("Has an e-mail"), "yes_no", known_by("email"), column=False, condition=reached_by("email")),
    Facet("has_phone", _("Has a phone"), "yes_no", known_by("phone"), column=False, condition=reached_by("phone")),
    text("city", _("Town")),
    text("country", _("Country"), among=few_texts.among("country")),
    text("company", _("Company")),
    Facet(
        "language",
        _("Language"),
        "choice",
        F("language"),
        choices=settings.LANGUAGES,
        column=False,
        blank=True,
        condition=lambda value: Q(language="") if value == "-" else None,
    ),
    text("source", _("Source"), among=few_texts.among("source")),
    Facet(
        "birthday",
        _("Birthday"),
        "choice",
        F("birthday"),
        asked=BIRTH_DAY,
        choices=birthday_choices,
        blank=True,
        condition=born,
        shown_as="birthday",
        column=False,
    ),
    Facet(
        "has_about",
        _("Something about them"),
        "yes_no",
        either(~Q(about="")),
        column=False,
        condition=written("about"),
    ),
]
LAST = [
    Facet("owner", _("Owner"), "choice", F("owner_id"), choices=staff_choices, blank=True, people=True),
    Facet("created", _("Since"), "date", F("created_at"), moment=True, order_index="customer_newest", column=False),
    Facet(
        "left_out",
        _("Left out of figures"),
        "yes_no",
        either(Q(left_out_at__isnull=False)),
        column=False,
        condition=lambda value: Q(left_out_at__isnull=value == "no"),
    ),
]
