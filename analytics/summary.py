"""What the purchase days of each customer add up to: sums, gaps, and what the models ask for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.lifetime.purchases import Summary
from analytics.purchases import Purchases

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


NEVER_BEFORE = 0  # the ordinal before every day


@dataclass(frozen=True)
class Customers:
    """One row per buyer, in the order of `ids`; every array of shape (n,).

    Money in thousandths; days are ordinals; gaps in days, NaN where there is none; log_gaps: sum of ln(gap in
    weeks). `recent_*` count the months that RFM looks at. `repeat_spends`: repeat purchase days of value > 0,
    `repeat_spend`: their sum.
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

    def history(self, as_of: int) -> Summary:
        """x, t_x, T of the timing models. Who bought after the day of the figures is seen on their last day."""
        seen_until = np.maximum(as_of, self.last)
        return Summary.of(
            self.occasions - 1, (self.last - self.first) / 7.0, (seen_until - self.first) / 7.0, log_gaps=self.log_gaps
        )


def summarise(purchases: Purchases, recent_from: int) -> Customers:
    """recent_from: the first day (ordinal) of the months that RFM counts."""
    starts = purchases.starts
    size = np.diff(np.append(starts, purchases.day.size))
    ends = starts + size - 1
    recent = purchases.day >= recent_from
    spends = purchases.net > 0
    low, middle, high, log_gaps = _gaps(purchases, size)
    first_spend = purchases.net[starts]
    return Customers(
        ids=purchases.customers,
        orders=_sums(purchases.orders, starts),
        occasions=size,
        net=_sums(purchases.net, starts) - _given_back(purchases, NEVER_BEFORE),
        first=purchases.day[starts],
        second=np.where(size > 1, purchases.day[np.minimum(starts + 1, ends)], np.iinfo(np.int32).max),
        last=purchases.day[ends],
        last_net=purchases.net[ends],
        usual_gap=middle,
        gap_low=low,
        gap_high=high,
        recent_orders=_sums(purchases.orders * recent, starts),
        recent_net=_sums(purchases.net * recent, starts) - _given_back(purchases, recent_from),
        repeat_spends=_sums(spends.astype(np.int64), starts) - (first_spend > 0),
        repeat_spend=_sums(purchases.net, starts) - first_spend,
        log_gaps=log_gaps,
    )


def _given_back(purchases: Purchases, since: int) -> Ints:
    """Refunds without an order, per customer."""
    counted = np.where(purchases.given_back_day >= since, purchases.given_back, 0)
    sums = np.bincount(purchases.given_back_index, weights=counted, minlength=len(purchases))
    return np.rint(sums).astype(np.int64)


def _sums(values: Any, starts: Ints) -> Ints:
    return np.add.reduceat(values, starts) if starts.size else np.zeros(0, dtype=np.int64)


def _gaps(purchases: Purchases, size: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Lower quartile, median, upper quartile of each customer's gaps, and the sum of ln(gap in weeks)."""
    same = np.diff(purchases.index) == 0
    gaps = np.diff(purchases.day)[same]
    # Sorted within each customer at once: the customer's number above, the gap below.
    ordered = np.sort((purchases.index[1:][same] << 24) | gaps) & 0xFFFFFF
    count = size - 1
    offsets = np.cumsum(count) - count
    quartiles = [_quantile(ordered, offsets, count, share) for share in (0.25, 0.5, 0.75)]
    logs = np.log(np.arange(1, gaps.max(initial=0) + 1) / 7.0)[gaps - 1] if gaps.size else np.zeros(0)
    log_gaps = np.bincount(purchases.index[1:][same], weights=logs, minlength=size.size).astype(np.float64)
    return quartiles[0], quartiles[1], quartiles[2], log_gaps


def _quantile(ordered: Ints, offsets: Ints, count: Ints, share: float) -> Floats:
    """Between the two neighbours, as everybody does it; NaN without a gap."""
    found = np.full(count.size, np.nan)
    some = count > 0
    place = (count[some] - 1) * share
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, count[some] - 1)
    low, high = ordered[offsets[some] + below], ordered[offsets[some] + above]
    found[some] = low + (high - low) * (place - below)
    return found
