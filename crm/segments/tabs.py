"""The saved views as tabs, in the order in which one member of staff arranged them."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from crm.facets import Facet
from crm.models import Segment, Tab
from crm.segments.question import Question

SHOWN = 12


# Asked everywhere and by everybody; they need no row.
STARTERS = [("owner", "owner=me", pgettext_lazy("customers", "Mine")), ("state", "state=at_risk", _("At risk"))]


@dataclass(frozen=True)
class View:
    """A saved view, or one that is always there, as one person sees it."""

    pk: str
    name: Any
    address: str
    segment: Segment | None = None
    tab: Tab | None = None
    mine: bool = False
    may_change: bool = False

    @property
    def pinned(self) -> bool:
        return bool(self.tab and self.tab.pinned_at)

    @property
    def first(self) -> bool:
        return bool(self.tab and self.tab.is_default)

    @property
    def columns(self) -> list[str] | None:
        """One's own choice goes before what was saved with the view."""
        if self.tab and self.tab.columns is not None:
            return self.tab.columns
        return self.segment.columns or None if self.segment else None

    def question(self, question: Question) -> Question:
        """What the view asks, of the same person."""
        address = self.segment.address if self.segment else self.address
        return Question.read(QueryDict(address), question.asker)  # type: ignore[arg-type]


def views_of(user: Any, facets: dict[str, Facet]) -> list[View]:
    """All customers first, what is always there, what is pinned, then the rest; two queries."""
    tabs = {tab.segment_id: tab for tab in Tab.objects.filter(user=user)}
    segments = Segment.objects.seen_by(user).select_related("owner")
    views = [_view(user, segment, tabs.get(segment.pk)) for segment in segments]
    everybody = View("all", pgettext("customers", "All"), "view=all", tab=tabs.get(None))
    always = [View(name, label, address) for name, address, label in STARTERS if name in facets]
    return [everybody, *always, *sorted(views, key=_place)]


def _view(user: Any, segment: Segment, tab: Tab | None) -> View:
    mine = segment.owner_id == user.pk
    return View(
        str(segment.pk), segment.name, f"view={segment.pk}", segment, tab, mine, segment.may_be_changed_by(user)
    )


def _place(view: View) -> tuple[bool, int, str, str]:
    position = view.tab.position if view.tab else 0
    return not view.pinned, position or 10_000, view.name.casefold(), view.pk


@transaction.atomic
def move(user: Any, segment: Segment, step: int) -> None:
    """One place to the left (-1) or to the right; the pinned stay before the others."""
    views = [view for view in views_of(user, {}) if view.segment]
    at = next(place for place, view in enumerate(views) if view.segment == segment)
    to = at + step
    if 0 <= to < len(views) and views[to].pinned == views[at].pinned:
        views[at], views[to] = views[to], views[at]
    for place, view in enumerate(views, 1):
        tab = view.tab or Tab.of(user, view.segment)
        if tab.position != place:
            tab.position = place
            tab.save(update_fields=["position"])


def opened(views: list[View], question: Question) -> View | None:
    """The view one came to, or one that is always there and asks the same."""
    if question.view:
        return next((view for view in views if view.pk == question.view), None)
    here = question.saved_address()
    return next((view for view in views if not view.segment and view.question(question).saved_address() == here), None)


def shown_and_rest(views: list[View], here: View | None) -> tuple[list[View], list[View]]:
    """So many stand as tabs, with the one that is open; the others are in a menu."""
    shown, rest = views[:SHOWN], views[SHOWN:]
    if here in rest:
        rest.remove(here)
        rest.insert(0, shown.pop())
        shown.append(here)
    return shown, rest


def default_columns(facets: dict[str, Facet]) -> list[str]:
    return [facet.name for facet in facets.values() if facet.column and facet.name != "name"]


def columns(view: View | None, facets: dict[str, Facet]) -> list[Facet]:
    chosen = view.columns if view and view.columns is not None else default_columns(facets)
    return [facets[name] for name in chosen if name in facets and name != "name"]
