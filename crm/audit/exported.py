"""What an export was asked for, in words: the audit keeps the question as an address, and columns by their names."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.audit.words import ASKED, DONE
from crm.facets import Facet, all_facets
from crm.segments.address import Filter, Group, read_groups
from crm.segments.conditions import worded
from crm.segments.question import ME
from shop import formats
from shop.at_once import once_a_page
from shop.audit import DEEDS
from shop.typed import number_in

_PART = re.compile(rf"(?:^|, )({'|'.join(ASKED)})=")


@dataclass(frozen=True)
class Known:
    """The facets of the shop as it is today, and the choices of those that were asked about."""

    facets: dict[str, Facet]
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    def choices(self, facet: Facet) -> dict[str, Any]:
        if facet.name not in self.options:
            me = {ME: _("me")} if facet.people else {}
            self.options[facet.name] = me | dict(facet.options() if facet.kind in ("choice", "yes_no") else {})
        return self.options[facet.name]


@once_a_page
def _known() -> Known:
    return Known(all_facets())


def column(name: str) -> str:
    facet = _known().facets.get(name)
    return str(facet.label) if facet else name


def filters(address: str) -> str:
    """?state=at_risk&city.not=Ludlow as it is kept → “State: at risk, and City not: Ludlow”."""
    asked, known = QueryDict(address), _known()
    groups = [_group(group, known) for group in read_groups(asked)]
    joined = f"; {_('or')} " if asked.get("groups") == "any" else f"; {_('and')} "
    parts = [_("Search: %(words)s") % {"words": asked["q"]}] if "q" in asked else []
    parts += [joined.join(groups)] if groups else []
    if (picked := number_in(asked.get("pick", ""))) is not None:
        parts.append(ngettext("%d chosen by hand", "%d chosen by hand", picked) % picked)
    return "; ".join(parts) or _("everybody")


def _group(group: Group, known: Known) -> str:
    return (f", {_('or')} " if group.any else f", {_('and')} ").join(_filter(one, known) for one in group.filters)


def _filter(one: Filter, known: Known) -> str:
    facet = known.facets.get(one.name)
    label = str(facet.label) if facet else one.name
    values = ", ".join(_value(facet, value, known) for value in one.values)
    return f"{label} {_('not')}: {values}" if one.negated else f"{label}: {values}"


def _value(facet: Facet | None, value: str, known: Known) -> str:
    """A facet that is gone, and a value that it no longer reads, are said as they were kept."""
    try:
        return worded(facet, value, known.choices(facet)) if facet else value
    except ValueError:
        return value


def audit(asked: str, who: Callable[[str], str]) -> str:
    """The same of an export of the audit itself: `kind=card.opened, since=2026-03-01`. `who`: names an actor."""
    _empty, *parts = _PART.split(asked)
    if not parts:
        return _("everything")
    said = zip(parts[::2], parts[1::2], strict=True)
    return ", ".join(f"{ASKED[name]}: {_of_the_audit(name, value, who)}" for name, value in said)


def _of_the_audit(name: str, value: str, who: Callable[[str], str]) -> str:
    if name == "who":
        return who(value)
    if name == "kind":
        return str(DEEDS[value].label if value in DEEDS else DONE.get(value, value))
    day = parse_date(value) if name in ("since", "until") else None
    return formats.day(day) if day else value
