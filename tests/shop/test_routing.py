"""Looked up by its first word, an address leads where it led when every pattern was tried in turn."""

import pytest
from django.urls import Resolver404, include, path
from django.urls.resolvers import RegexPattern, URLResolver

from config.urls import urlpatterns
from shop.routing import Room

ROOMS = [entry for entry in urlpatterns if isinstance(entry, Room)]
ADDRESSES = [
    *(
        "",
        "customers/",
        "customers/new/",
        "customers/7/",
        "customers/tags/",
        "customers/7/tags/",
        "customers/7/answers/",
    ),
    *("login/", "livez", "healthz", "f/secret/", "f/secret/opened/", "me/open/secret/answer/"),
    *("till/holds/7/commit/",),
    *("retention/", "at-risk/", "settings/", "settings/tags/", "feedback/surveys/7/ways/qr.svg", "orders/7/return/"),
    *("nothing/", "customers/x/", "customers", "f/", "f/a/b/c/", "<int:pk>/", "<", "customers//"),
]


def plainly(entry):
    return URLResolver(entry.pattern, entry.urlconf_name, app_name=entry.app_name, namespace=entry.namespace)


def found(resolver, address):
    try:
        match = resolver.resolve(address)
    except Resolver404:
        return None
    return match.func, match.kwargs, match.route, match.view_name, match.namespaces


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.app_name)
def test_an_address_leads_where_it_did(room):
    for address in ADDRESSES:
        assert found(room, address) == found(plainly(room), address), address


def test_some_of_them_lead_somewhere():
    assert sum(found(room, address) is not None for room in ROOMS for address in ADDRESSES) >= 15


def test_what_begins_with_a_value_or_is_no_plain_route_is_always_tried():
    def view(request, **_said):
        return None

    inner = [path("<slug:anything>/", view, name="any"), path("", include([path("b/", view, name="b")]))]
    room = Room(RegexPattern(""), [path("a/", view, name="a"), *inner])

    assert [found(room, address)[3] for address in ("a/", "b/", "c/")] == ["a", "any", "any"]
    assert found(room, "c/d/") is None
