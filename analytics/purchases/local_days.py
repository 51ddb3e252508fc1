"""The shop's local day of many moments at once: days of 23 and 25 hours included."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MICROSECONDS = 1_000_000
DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal()
POSTGRES_EPOCH = 946_684_800  # seconds of 2000-01-01, from which PostgreSQL counts


def local_days(moments: Ints, zone: str) -> Ints:
    """Ordinals (date.toordinal) of PostgreSQL's binary timestamps: microseconds since 2000, UTC; shape (n,)."""
    if not moments.size:
        return np.zeros(0, dtype=np.int64)
    seconds = moments // MICROSECONDS + POSTGRES_EPOCH
    first, last = int(seconds.min()), int(seconds.max())
    changes, offsets = _offsets(zone, first // DAY, last // DAY + 1)
    if changes.size:
        seconds += offsets[np.searchsorted(changes, seconds, side="right")]
    else:
        seconds += offsets[0]
    return seconds // DAY + EPOCH


@lru_cache(maxsize=8)
def _offsets(zone: str, first: int, last: int) -> tuple[Ints, Ints]:
    """Moments (seconds since 1970) at which the zone's offset changes, and the offsets between them."""
    clock = ZoneInfo(zone)
    days = range(first, last + 1)
    seen = [_offset(clock, day * DAY) for day in days]
    changes = [
        _change_between(clock, (day - 1) * DAY, day * DAY)
        for day, before, after in zip(days[1:], seen, seen[1:], strict=False)
        if before != after
    ]
    offsets = [seen[0], *(_offset(clock, moment) for moment in changes)]
    return np.array(changes, dtype=np.int64), np.array(offsets, dtype=np.int64)


def _change_between(clock: ZoneInfo, low: int, high: int) -> int:
    before = _offset(clock, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(clock, middle) == before else (low, middle)
    return high


def _offset(clock: ZoneInfo, moment: int) -> int:
    # From the epoch by arithmetic: fromtimestamp refuses years that orders may have by mistake.
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)
    offset = utc.astimezone(clock).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def month_numbers(days: Any) -> Ints:
    """Ordinals → year * 12 + month - 1, as wide as they came."""
    first, last = int(days.min(initial=EPOCH)), int(days.max(initial=EPOCH))
    if days.size > last - first:  # looked up, when there are more rows than days
        return _month_numbers(np.arange(first, last + 1)).astype(days.dtype)[days - first]
    return _month_numbers(days).astype(days.dtype)


def _month_numbers(days: Ints) -> Ints:
    months = (days - EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months + 1970 * 12


def month_start(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def month_end(number: int) -> date:
    return month_start(number + 1) - timedelta(days=1)
