"""What can be done to a customer. The table is config/actions.py; the card shows what it lists."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from crm.models import Customer
from shop.rights import RIGHTS


@dataclass(frozen=True)
class Action:
    """`form` is the address where it is done, `verb` and `undo` the dotted names of what does it and takes it back.

    `place`: "head" for a button beside the name, "more" for the menu.
    """

    name: str
    label: Any
    icon: str
    right: str
    form: Callable[[Customer], str]
    verb: str
    undo: str = ""
    place: str = "more"


@dataclass(frozen=True)
class Offered:
    """An action as one member of staff sees it on one card; not allowed, it is shown with the reason."""

    action: Action
    url: str
    why_not: str = ""


@cache
def all_actions() -> tuple[Action, ...]:
    return tuple(import_string(settings.ACTIONS))


def offered(user: Any, customer: Customer) -> dict[str, list[Offered]]:
    """By place. The head has no room for reasons: what is not allowed moves into the menu."""
    places: dict[str, list[Offered]] = {"head": [], "more": []}
    for action in all_actions():
        if user.may(action.right):
            places[action.place].append(Offered(action, action.form(customer)))
        else:
            needs = RIGHTS[action.right]
            places["more"].append(Offered(action, "", _("Your role may not: %(right)s.") % {"right": needs}))
    return places
