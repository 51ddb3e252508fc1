"""Which mails there are. The table is config/mails.py: each room adds its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class Later(NamedTuple):
    """Not now: it is asked about again then."""

    until: datetime
    why: str


@dataclass(frozen=True)
class Mail:
    """One sort of mail. Its first texts are templates/mail/texts/NAME.LANGUAGE.txt.

    `placeholders`: beside those of every mail; name -> what it stands for.
    `mint`: dotted name of function(message) -> {placeholder: value}, called at each attempt: links with secrets.
    `still_true`: dotted name of function(messages) -> {primary key: reason}, of those that are no longer wanted;
    instead of a reason `Later`, of those that have to wait.
    `samples`: what a preview shows for its placeholders; a day is written as the text's language writes it.
    `reminding`: about something that was sent already, so the days between two of the kind do not hold it up.
    """

    name: str
    label: Any
    purpose: str
    placeholders: dict[str, Any] = field(default_factory=dict)
    mint: str = ""
    still_true: str = ""
    samples: dict[str, str | date] = field(default_factory=dict)
    reminding: bool = False


# Known for every mail to a customer.
ALWAYS = {
    "first_name": _("given name"),
    "name": _("whole name"),
    "shop": _("name of the shop"),
    "shop_address": _("address of the shop"),
}


@cache
def mails() -> dict[str, Mail]:
    return {mail.name: mail for mail in import_string(settings.MAILS)}


def mail_named(name: str) -> Mail:
    return mails()[name]


def labelled(name: str) -> Any:
    known = mails().get(name)
    return known.label if known else name


def minted(mail: Mail, message: Any) -> dict[str, str]:
    call: Callable[[Any], dict[str, str]] | None = import_string(mail.mint) if mail.mint else None
    return call(message) if call else {}


def no_longer_true(mail: Mail, messages: list[Any]) -> dict[int, str | Later]:
    if not mail.still_true:
        return {}
    found: dict[int, str | Later] = import_string(mail.still_true)(messages)
    return found
