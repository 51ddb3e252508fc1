"""How a first purchase goes on, day by day: who buys on day N, on day N or later, and after how long they come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analytics.definition import Definition
from analytics.metrics import history, triangle
from analytics.models import AskedFigures, Generation
from analytics.purchases.local_days import MICROSECONDS, POSTGRES_EPOCH
from analytics.purchases.moments import moments_of
from analytics.purchases.reading import Purchases, steered

Ints = NDArray[np.int64]

VERSION = 1  # of what is kept: another one makes everything be worked out anew
WIDTHS = (0, 3, 15)  # days before and after day N that count as day N
STEPS = {0: 1, 3: 7, 15: 30}  # N goes so far each time, so that neighbours do not share a day
LONGEST = 365
ROLLING = (1, 7, 30, 60, 90, 180, 360)
DAY = 24 * 3600 * MICROSECONDS


@dataclass(frozen=True)
class Curves:
    """day_n, rolling: (N, customers who bought, customers who could be seen that long), N ascending."""

    day_n: list[tuple[int, int, int]]
    rolling: list[tuple[int, int, int]]


def curves(generation: Generation, width: int, *, elapsed: bool) -> Curves:
    """Of customers who surely came new. elapsed: N × 24 hours from the first purchase, instead of calendar days."""
    question = f"curves:{VERSION}:{width}:{'elapsed' if elapsed else 'calendar'}"
    known = AskedFigures.known(generation, [question])
    if question not in known:
        known = {question: _counted(generation, width, elapsed=elapsed)}
        AskedFigures.keep(generation, known)
    found = known[question]
    return Curves([tuple(row) for row in found["day_n"]], [tuple(row) for row in found["rolling"]])


def _counted(generation: Generation, width: int, *, elapsed: bool) -> dict[str, Any]:
    bought, seen = np.zeros(LONGEST + 1, dtype=np.int64), np.zeros(LONGEST + 1, dtype=np.int64)
    rolling = {after: np.zeros(2, dtype=np.int64) for after in ROLLING}
    as_of, new_from = generation.as_of.toordinal(), _known_until(generation)
    with history.one_moment(), steered():
        for part in history.parts():
            first = part.day[part.starts] if len(part) else part.day
            new = first >= new_from
            if not new.any():
                continue
            who, offset, age = _by_hours(generation, part) if elapsed else _by_days(part, as_of)
            mine = new[who]
            found = day_n(who[mine], offset[mine], np.where(new, age, 0), width)
            bought, seen = bought + found[0], seen + found[1]
            last = part.day[np.append(part.starts[1:], part.day.size) - 1]
            for after, counts in rolling.items():
                counts += triangle.rolling_by_day(first[new], last[new], as_of, after)
    days = [n for n in range(STEPS[width], LONGEST + 1, STEPS[width]) if seen[n]]
    return {
        "day_n": [[n, int(bought[n]), int(seen[n])] for n in days],
        "rolling": [[after, int(k), int(n)] for after, (k, n) in rolling.items() if n],
    }


def _known_until(generation: Generation) -> int:
    begins = generation.history_from
    return begins.toordinal() + generation.active_days if begins else 0


def _by_days(part: Purchases, as_of: int) -> tuple[Ints, Ints, Ints]:
    """Customer and days since their first purchase of each later purchase day; the complete days each was seen."""
    first = part.day[part.starts]
    offset = part.day - first[part.index]
    later = (offset > 0) & (part.day < as_of)
    return part.index[later], offset[later], np.maximum(as_of - first, 0)


def _by_hours(generation: Generation, part: Purchases) -> tuple[Ints, Ints, Ints]:
    """The same in steps of 24 hours from each one's own first purchase."""
    definition = Definition.from_dict(generation.settings)
    until = _microseconds(generation, definition.zone)
    who, moment = moments_of(part.customers, definition)
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    first = np.full(len(part), until, dtype=np.int64)
    first[who[starts]] = moment[starts]
    offset = (moment - first[who]) // DAY
    later = (offset > 0) & (moment < until)
    return who[later], offset[later], np.maximum(until - first, 0) // DAY


def _microseconds(generation: Generation, zone: str) -> int:
    """The midnight with which the day of the figures begins, as PostgreSQL counts."""
    midnight = datetime.combine(generation.as_of, datetime.min.time(), ZoneInfo(zone))
    return (round(midnight.timestamp()) - POSTGRES_EPOCH) * MICROSECONDS


def day_n(who: Ints, offset: Ints, age: Ints, width: int, longest: int = LONGEST) -> tuple[Ints, Ints]:
    """Customers who bought on day N ± width, and those for whom these days are over; N = 0 … longest.

    who, offset: purchases after the first, sorted, offset in days since the first, > 0; age: days each customer was
    seen, shape (customers,). Day 0, the first purchase itself, is left empty.
    """
    complete_to = age - 1 - width
    end = np.minimum(offset + width, complete_to[who])
    begin = np.maximum(offset - width, 1)
    again = np.flatnonzero(np.diff(who) == 0) + 1
    begin[again] = np.maximum(begin[again], offset[again - 1] + width + 1)  # a customer counts once for one N
    end = np.minimum(end, longest)
    some = begin <= end
    bought = np.cumsum(_count(begin[some], longest) - _count(end[some] + 1, longest))
    seen = np.cumsum(_count(np.clip(complete_to[complete_to >= 1], 0, longest), longest)[::-1])[::-1]
    return bought[: longest + 1], np.append(0, seen[1 : longest + 1])


def _count(days: Ints, longest: int) -> Ints:
    return np.bincount(days, minlength=longest + 2).astype(np.int64)
