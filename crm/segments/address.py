"""How a question is written in an address, so that it can be read, kept as a bookmark and sent to a colleague.

?state=at_risk&state=overdue&city.not=Ludlow    all of these; any of the values of one filter; not in Ludlow
&match=any                                      any of these filters
&2.orders=5..&2.net=500..                       and a second group of filters, with `2.match=any` for any of it
&groups=any                                     or the second group
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.http import QueryDict

# What an address says beside its filters; no facet may have one of these names.
RESERVED = frozenset(
    {"q", "sort", "size", "after", "before", "edit", "match", "groups", "view", "columns", "all", "pick"}
)
KEY = re.compile(r"(?:([1-9])\.)?([a-z][a-z0-9_-]*)(\.not)?", re.ASCII)
MOST_FILTERS = 40


@dataclass(frozen=True)
class Filter:
    """One facet and the values asked for: any of them, or none of them."""

    name: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Group:
    number: int
    filters: tuple[Filter, ...] = ()
    any: bool = False

    @property
    def prefix(self) -> str:
        return "" if self.number == 1 else f"{self.number}."

    def key(self, name: str, negated: bool) -> str:
        return f"{self.prefix}{name}{'.not' if negated else ''}"


def read_groups(address: QueryDict) -> list[Group]:
    """The groups that have a filter, in their order; what is no filter at all is left out."""
    groups: dict[int, Group] = {}
    for key in address:
        values = tuple(dict.fromkeys(v for v in address.getlist(key) if v))
        if values and (found := read_key(key)):
            number, name, negated = found
            group = groups.get(number) or Group(
                number, any=address.get(f"{number}.match" if number > 1 else "match") == "any"
            )
            groups[number] = replace(group, filters=(*group.filters, Filter(name, values, negated)))
    return [groups[number] for number in sorted(groups)]


def read_key(key: str) -> tuple[int, str, bool] | None:
    """2.city.not → (2, "city", True). None: it is the name of something else."""
    found = KEY.fullmatch(key)
    if not found or found[2] in RESERVED:
        return None
    return int(found[1] or 1), found[2], bool(found[3])


def write_groups(groups: Iterable[Group], any_group: bool) -> Iterator[tuple[str, str]]:
    groups = [group for group in groups if group.filters]
    for group in groups:
        for one in group.filters:
            yield from ((group.key(one.name, one.negated), value) for value in one.values)
        if group.any and len(group.filters) > 1:
            yield f"{group.prefix}match", "any"
    if any_group and len(groups) > 1:
        yield "groups", "any"


def spelled_out(address: QueryDict) -> QueryDict | None:
    """A filter's form sends `orders.from=2&orders.to=5&orders.how=not`; the address says `orders.not=2..5`.

    None: there is nothing to spell out.
    """
    ends = re.compile(r"(?P<base>.+)\.(?:from|to|how)", re.ASCII)
    bases = {found["base"]: None for key in address if (found := ends.fullmatch(key)) and KEY.fullmatch(found["base"])}
    if not bases:
        return None
    plain = address.copy()
    for base in bases:
        lows, highs = plain.pop(f"{base}.from", []), plain.pop(f"{base}.to", [])
        how = (plain.pop(f"{base}.how", None) or [""])[-1]
        pairs = [(low.strip(), high.strip()) for low, high in zip(lows, highs, strict=False)]
        values = plain.pop(base, []) + [low if low == high else f"{low}..{high}" for low, high in pairs if low or high]
        plain.setlist(f"{base}.not" if how == "not" else base, [value for value in values if value.strip()])
    for key in [key for key in plain if not any(plain.getlist(key))]:
        del plain[key]
    return plain
