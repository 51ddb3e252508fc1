"""The addresses of a room, looked up by their first word: `customers/7/` is not held against every pattern there is."""

from functools import cached_property
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver, include
from django.urls.resolvers import RoutePattern

ANY = "<"  # a pattern that begins with a value, or is no plain route: it is tried for every word


def room(urls: str) -> "Room":
    """As `path("", include(urls))`, in the same order."""
    module, app, namespace = include(urls)
    return Room(RoutePattern("", is_endpoint=False), module, app_name=app, namespace=namespace)


class Room(URLResolver):
    def resolve(self, path: Any) -> ResolverMatch:
        word = str(path).partition("/")[0]
        return self._shelves.get(word, self._shelves[ANY]).resolve(path)

    @cached_property
    def _shelves(self) -> dict[str, URLResolver]:
        found = [(entry, _first_words(entry)) for entry in self.url_patterns]
        known = {ANY}.union(*(words for _entry, words in found))
        return {word: self._holding([entry for entry, words in found if {word, ANY} & words]) for word in known}

    def _holding(self, entries: list[URLPattern | URLResolver]) -> URLResolver:
        return URLResolver(self.pattern, entries, app_name=self.app_name, namespace=self.namespace)


def _first_words(entry: URLPattern | URLResolver) -> set[str]:
    if not isinstance(entry.pattern, RoutePattern):
        return {ANY}
    route = str(entry.pattern)
    if not route and isinstance(entry, URLResolver):
        return set().union(*(_first_words(inner) for inner in entry.url_patterns))
    word = route.partition("/")[0]
    return {ANY} if "<" in word or ("/" not in route and isinstance(entry, URLResolver)) else {word}
