"""Where a member of staff can go, and how it is drawn in the navigation."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string

from shop.at_once import fetch


@dataclass(frozen=True)
class Place:
    """One entry: its label, view, icon, and the right one needs to see it.

    `count`: how much waits there, and whether it is late. It reads `question`, which is asked with those of the others.
    """

    label: Any
    view: str
    icon: str
    right: str = ""
    key: str = ""
    second: bool = False
    end: bool = False
    also: tuple[str, ...] = ()
    count: Callable[[Any], tuple[int, bool]] | None = None
    question: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class SettingsPlace:
    """One entry of the settings' index: a screen of preferences, or a page of its own."""

    label: Any
    lead: Any
    icon: str
    right: str = "settings.edit"
    screen: str = ""
    view: str = ""
    note: Any = ""  # what a change on the screen brings about, said before
    group: Any = ""


def in_group(label: Any, *places: SettingsPlace) -> list[SettingsPlace]:
    return [replace(place, group=label) for place in places]


@dataclass(frozen=True)
class Link:
    label: Any
    url: str
    icon: str
    key: str
    second: bool
    here: bool
    count: int = 0
    late: bool = False


@dataclass
class Navigation:
    """The places of one request, and the addresses that the frame itself uses."""

    home: str = "/"
    find: str = ""
    profile: str = ""
    logout: str = ""
    language: str = ""
    main: list[Link] = field(default_factory=list)
    end: list[Link] = field(default_factory=list)

    @property
    def key(self) -> tuple[Any, ...]:
        """Two requests with the same key draw the same navigation."""
        return (self.find, *((link.url, link.here, link.count, link.late) for link in self.all))

    @property
    def more(self) -> list[Link]:
        return [link for link in self.main if link.second] + self.end

    @property
    def all(self) -> list[Link]:
        return self.main + self.end


@cache
def address(view: str) -> str:
    """Where a view lives; empty while it has not been built."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def back(request: HttpRequest, *, otherwise: str) -> HttpResponseRedirect:
    """To where the button was pressed, when that is a page of ours."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(came_from if ours else otherwise)


def navigation_for(request: HttpRequest) -> Navigation:
    nav = Navigation(
        find=address("crm:find"),
        profile=address("shop:profile"),
        logout=address("shop:logout"),
        language=address("shop:language"),
    )
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return nav

    places = [place for place in import_string(settings.NAVIGATION) if not place.right or user.may(place.right)]
    fetch(place.question(user) for place in places if place.question)
    for place in places:
        if url := address(place.view):
            (nav.end if place.end else nav.main).append(_link(place, url, request))
    return nav


def _link(place: Place, url: str, request: HttpRequest) -> Link:
    match = request.resolver_match
    view = match.view_name if match else ""
    here = view == place.view or view in place.also
    count, late = place.count(request.user) if place.count else (0, False)
    return Link(place.label, url, place.icon, place.key, place.second, here, count, late)
