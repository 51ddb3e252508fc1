"""What rooms show on the card and on Today. The table is config/panels.py."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from shop import at_once


@dataclass(frozen=True)
class Panel:
    """A template and what it needs. Zones of the card: theirs (right), who (left), under_head; of Today: main, side."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    zone: str = "theirs"
    order: int = 0


@dataclass(frozen=True)
class NextStep:
    """One sentence about what to do now and why. Of several the heaviest is shown.

    The action is a link, or a form when it `posts`.
    """

    text: Any
    weight: int
    action_url: str = ""
    action_label: Any = ""
    why: Any = ""
    posts: bool = False


def asked(place: str) -> list[Callable[..., Any]]:
    return [import_string(path) for path in import_string(settings.PANELS).get(place, [])]


def ask(place: str, about: Any, user: Any, *more: at_once.Question) -> None:
    """Everything that the panels of a place will want to know about a customer or for a request, in one statement.

    On the customer's own page there is no user, and nothing needs a right.
    """
    questions = list(more)
    for path, right in import_string(settings.QUESTIONS)[place].items():
        if not right or user.may(right):
            asked = import_string(path)(about)
            questions += asked if isinstance(asked, tuple) else [asked]
    at_once.fetch(questions)


def panels(place: str, *about: Any) -> dict[str, list[Panel]]:
    """The panels of a place by zone, in their order. `about`: the request, on the card also the customer."""
    zones: dict[str, list[Panel]] = {}
    found = [panel for function in asked(place) if (panel := function(*about))]
    for panel in sorted(found, key=lambda panel: panel.order):
        zones.setdefault(panel.zone, []).append(panel)
    return zones


def next_step(place: str, *about: Any) -> NextStep | None:
    found = [step for function in asked(place) if (step := function(*about))]
    return max(found, key=lambda step: step.weight, default=None)
