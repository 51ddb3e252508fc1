"""Settings an owner may change. Values are dated rows (shop.models.Setting); this says which there are."""

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS


@dataclass(frozen=True)
class Preference:
    """`kind`: text, email, integer, decimal, money, yes_no, choice, hours (of a day), closed_days, lines (of words),
    web (an https address, in which {code} may stand).

    `screen`: the settings page that shows it. `default`: a value, or a function of the values of the others.
    """

    name: str
    screen: str
    label: Any
    kind: str
    default: Any
    help: Any = ""
    choices: Callable[[], list[tuple[str, str]]] | None = None
    minimum: Any = None
    maximum: Any = None
    fixed_by_first_order: bool = False

    def to_json(self, value: Any) -> Any:
        return str(value) if isinstance(value, Decimal) else value

    def from_json(self, value: Any) -> Any:
        return Decimal(value) if self.kind in ("decimal", "money") else value

    def shown(self, value: Any) -> str:
        if self.kind == "yes_no":
            return str(_("yes") if value else _("no"))
        if self.choices:
            return str(dict(self.choices()).get(value, value))
        if self.kind == "hours":
            return str(value or _("closed"))
        return ", ".join(str(value).splitlines()) or "–"


@cache
def all_preferences() -> list[Preference]:
    return [preference for path in settings.PREFERENCES for preference in import_string(path)]


def preference(name: str) -> Preference:
    return next(p for p in all_preferences() if p.name == name)


def time_zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(zoneinfo.available_timezones()) if "/" in name or name == "UTC"]


def currencies() -> list[tuple[str, str]]:
    names = Locale.parse(get_language() or "en", sep="-").currencies
    return [(code, f"{code} · {names[code]}") for code in CURRENCIES]


def countries() -> list[tuple[str, str]]:
    """In the reader's language."""
    names = Locale.parse(get_language() or "en", sep="-").territories
    return sorted(((code, names[code]) for code in SUPPORTED_REGIONS if code in names), key=lambda pair: pair[1])


CURRENCIES = (
    "AUD BGN BRL CAD CHF CNY CZK DKK EUR GBP GEL HUF ILS INR JPY KWD KZT MXN NOK NZD PLN RON RSD SEK TRY UAH USD ZAR"
).split()

PREFERENCES = [
    Preference("shop.name", "shop", _("Name of the shop"), "text", "Regulars"),
    Preference("shop.address", "shop", _("Address"), "text", "", help=_("Shown at the foot of every mail.")),
    Preference(
        "shop.web_address",
        "shop",
        _("Address of the web shop"),
        "web",
        "",
        help=_(
            "With it, customers pass a link on instead of a code alone: the address with ?ref= and their code. "
            "Write {code} where your shop expects the code, if it stands elsewhere."
        ),
    ),
    Preference(
        "shop.currency",
        "shop",
        _("Currency"),
        "choice",
        "GBP",
        help=_("Fixed once the first order exists."),
        choices=currencies,
        fixed_by_first_order=True,
    ),
    Preference(
        "shop.time_zone",
        "shop",
        _("Time zone"),
        "choice",
        "Europe/London",
        help=_("Days and months are counted in it. Fixed once the first order exists."),
        choices=time_zones,
        fixed_by_first_order=True,
    ),
    Preference(
        "shop.phone_country",
        "shop",
        _("Country of phone numbers written without one"),
        "choice",
        "GB",
        choices=countries,
    ),
    *(
        Preference(
            f"hours.{name}",
            "hours",
            label,
            "hours",
            "" if name in ("saturday", "sunday") else "09:00–18:00",
            help=_("For example 09:00–13:00, 14:00–18:00; empty is closed.") if name == "monday" else "",
        )
        for name, label in (
            ("monday", _("Monday")),
            ("tuesday", _("Tuesday")),
            ("wednesday", _("Wednesday")),
            ("thursday", _("Thursday")),
            ("friday", _("Friday")),
            ("saturday", _("Saturday")),
            ("sunday", _("Sunday")),
        )
    ),
    Preference(
        "hours.closed",
        "hours",
        _("Closed days"),
        "closed_days",
        "",
        help=_("One a line, the day first: 25.12. Christmas (every year), 03.04.2026, or 24.12.–02.01. holidays."),
    ),
    Preference(
        "staff.second_factor",
        "access",
        _("Administrators sign in with a second factor"),
        "yes_no",
        False,
        help=_(
            "Whoever is one and has none switches it on before anything else, you among them. "
            "Everybody else may have one, on their profile."
        ),
    ),
    Preference(
        "outgoing.lan_hosts",
        "network",
        _("Machines in your own network that webhooks may reach"),
        "lines",
        "",
        help=_("One a line, as in the address of the webhook: a name or an IP address, with :port where it has one."),
    ),
]
