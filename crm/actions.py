"""What can be done to one customer or to many. The table is config/actions.py; card, list and command box read it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from crm.models import Customer
from shop.rights import RIGHTS


@dataclass(frozen=True)
class Action:
    """`form`: the address where it is done to one. `verb`, `undo`: dotted names of what does it and takes it back.

    `place` on the card: "head" for a button beside the name, "more" for the menu.
    `many`: the dotted name of a crm.bulk.moves.Move, which does it to many and can be taken back. `many_form`: the
    address that takes a selection instead, where something else does it. `takes`: exactly so many, 0 for any number.
    `in_list`: its button stands in a list; not where a page of its own asks. `in_bar`: in that of the customers;
    another list names those it shows. `key`: the letter that presses its button on the card.
    """

    name: str
    label: Any
    icon: str
    right: str
    form: Callable[[Customer], str] | None = None
    verb: str = ""
    undo: str = ""
    place: str = "more"
    many: str = ""
    many_form: Callable[[], str] | None = None
    takes: int = 0
    in_list: bool = True
    in_bar: bool = True
    key: str = ""

    @property
    def many_address(self) -> str:
        return self.many_form() if self.many_form else reverse("crm:bulk_new", args=[self.name])


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
        if action.form is None:
            continue
        if user.may(action.right):
            places[action.place].append(Offered(action, action.form(customer)))
        else:
            places["more"].append(Offered(action, "", _why_not(action)))
    return places


def offered_for_many(user: Any, names: Collection[str] = ()) -> list[Offered]:
    """In the order of the table: the buttons of the list for those who are picked, or these of them."""
    possible = [action for action in all_actions() if action.in_list and (action.many or action.many_form)]
    for_many = [action for action in possible if (action.name in names if names else action.in_bar)]
    return [
        Offered(action, action.many_address) if user.may(action.right) else Offered(action, "", _why_not(action))
        for action in for_many
    ]


def action_for_many(name: str) -> Action:
    """Raises Http404."""
    for action in all_actions():
        if action.name == name and action.many and action.in_list:
            return action
    raise Http404


def _why_not(action: Action) -> str:
    return _("Your role may not: %(right)s.") % {"right": RIGHTS[action.right]}
