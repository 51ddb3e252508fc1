"""What the purchase days of each customer add up to: sums, gaps, and what the models ask for."""

from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.beside import Beside
from analytics.lifetime.purchases import Summary
from analytics.purchases.reading import Purchases

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


NEVER_BEFORE = 0  # the ordinal before every day


@dataclass(frozen=True)
class Customers:
    """One row per buyer, in the order of `ids`; every array of shape (n,).

    Money in thousandths; days are ordinals; gaps in days, NaN where there is none; log_gaps: sum of ln(gap in
    weeks). `recent_*` count the months that RFM looks at. `repeat_spends`: repeat purchase days of value > 0,
    `repeat_spend`: their sum, less what was given back without naming an order; none where that takes it all.
    """

    ids: Ints
    orders: Ints
    occasions: Ints
    net: Ints
    first: Ints
    second: Ints
    last: Ints
    last_net: Ints
    usual_gap: Floats
    gap_low: Floats
    gap_high: Floats
    recent_orders: Ints
    recent_net: Ints
    repeat_spends: Ints
    repeat_spend: Ints
    log_gaps: Floats

    def __len__(self) -> int:
        return self.ids.size

    def part(self, which: Any) -> "Customers":
        """Some of them: a slice, or a flag for each."""
        return Customers(*(getattr(self, column.name)[which] for column in fields(self)))

    @classmethod
    def together(cls, parts: "list[Customers]") -> "Customers":
        """Of different ones, in the order of their ids."""
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))

    def history(self, as_of: int) -> Summary:
        """x, t_x, T of the timing models. Who bought after the day of the figures is seen on their last day."""
        seen_until = np.maximum(as_of, self.last)
        return Summary.of(
            self.occasions - 1, (self.last - self.first) / 7.0, (seen_until - self.first) / 7.0, log_gaps=self.log_gaps
        )


def figures(customers: Customers) -> dict[str, Any]:
    """Columns of analytics.Figures by name, shape (n,). Days are ordinals, money thousandths."""
    return {
        "customer_id": customers.ids,
        "orders": customers.orders,
        "occasions": customers.occasions,
        "net": customers.net,
        "first_on": customers.first,
        "last_on": customers.last,
        "average_order": np.rint(customers.net / np.maximum(customers.orders, 1)),
        "last_spend": customers.last_net,
        "gaps": customers.occasions - 1,
        "usual_gap": customers.usual_gap,
        "gap_low": customers.gap_low,
        "gap_high": customers.gap_high,
    }


def known_before(customers: Customers, active_days: int) -> NDArray[np.bool_]:
    """First seen within A days of the shop's first order: nobody knows when they really came."""
    begins = int(customers.first.min()) if len(customers) else 0
    return customers.first < begins + active_days


PART = 50_000  # customers: what is worked out of them meanwhile takes little memory


def summarised(purchases: Purchases, recent_from: int, beside: Beside) -> Customers:
    """The same of many: one half of the parts is done beside the other."""
    parts = list(purchases.parts(PART))

    def some(first: int) -> list[Customers]:
        return [summarise(part, recent_from) for part in parts[first::2]]

    odd, even = beside.start(lambda: some(1)), some(0)
    both = [part for pair in zip_longest(even, odd()) for part in pair if part is not None]
    return Customers.together(both) if both else summarise(purchases, recent_from)


def summarise(purchases: Purchases, recent_from: int) -> Customers:
    """recent_from: the first day (ordinal) of the months that RFM counts."""
    starts = purchases.starts
    size = np.diff(starts, append=purchases.day.size)
    ends = starts + size - 1
    recent = purchases.day >= recent_from
    low, middle, high, log_gaps = _gaps(purchases, size)
    first_spend, all_spend = purchases.net[starts], _sums(purchases.net, starts)
    given_back = _given_back(purchases, NEVER_BEFORE)
    repeat_spend = np.maximum(all_spend - first_spend - given_back, 0)
    return Customers(
        ids=purchases.customers,
        orders=_sums(purchases.orders, starts),
        occasions=size,
        net=all_spend - given_back,
        first=purchases.day[starts].astype(np.int64),
        second=np.where(size > 1, purchases.day[np.minimum(starts + 1, ends)].astype(np.int64), np.iinfo(np.int32).max),
        last=purchases.day[ends].astype(np.int64),
        last_net=purchases.net[ends],
        usual_gap=middle,
        gap_low=low,
        gap_high=high,
        recent_orders=_sums(purchases.orders * recent, starts),
        recent_net=_sums(purchases.net * recent, starts) - _given_back(purchases, recent_from),
        repeat_spends=np.where(repeat_spend > 0, _sums(purchases.net > 0, starts) - (first_spend > 0), 0),
        repeat_spend=repeat_spend,
        log_gaps=log_gaps,
    )


def _given_back(purchases: Purchases, since: int) -> Ints:
    """Refunds without an order, per customer."""
    counted = np.where(purchases.given_back_day >= since, purchases.given_back, 0)
    sums = np.bincount(purchases.given_back_index, weights=counted, minlength=len(purchases))
    return np.rint(sums).astype(np.int64)


def _sums(values: Any, starts: Ints) -> Ints:
    return np.add.reduceat(values, starts, dtype=np.int64) if starts.size else np.zeros(0, dtype=np.int64)


def _gaps(purchases: Purchases, size: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Lower quartile, median, upper quartile of each customer's gaps, and the sum of ln(gap in weeks)."""
    same = np.flatnonzero(purchases.index[1:] == purchases.index[:-1])
    whose = purchases.index[same]
    gaps = purchases.day[same + 1] - purchases.day[same]
    logs = np.log(np.arange(1, gaps.max(initial=0) + 1) / 7.0)[gaps - 1] if gaps.size else np.zeros(0)
    log_gaps = np.bincount(whose, weights=logs, minlength=size.size).astype(np.float64)
    del logs  # of ten million orders each of these takes 64 MB
    # Sorted within each customer at once: the customer's number above, the gap below.
    ordered = whose.astype(np.int64)
    ordered <<= 24
    ordered |= gaps
    ordered.sort()
    ordered &= 0xFFFFFF
    quartiles = _quartiles(ordered, size - 1)
    return quartiles[0], quartiles[1], quartiles[2], log_gaps


def _quartiles(ordered: Ints, count: Ints) -> Floats:
    """Between the two neighbours, as everybody does it; NaN without a gap. Shape (3, customers)."""
    found = np.full((3, count.size), np.nan)
    some = np.flatnonzero(count)
    last = count[some] - 1
    offsets = np.cumsum(count)[some] - last - 1
    for row, share in zip(found, (0.25, 0.5, 0.75), strict=True):
        place = last * share
        below = place.astype(np.int64)
        low, high = ordered[offsets + below], ordered[offsets + np.minimum(below + 1, last)]
        row[some] = low + (high - low) * (place - below)
    return found
