"""What forecasts of totals missed: made of the records until an earlier day, beside the orders and the money that came.

Neither a season nor a change of habits is in a model of customers, so what it leaves to chance says too little of how
far a total will be missed. What such forecasts missed in this shop says more.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from math import sqrt
from typing import Any

import numpy as np
from scipy.special import stdtrit

from analytics.grading.backtest import Backtest, NoFit, TooFew
from analytics.lifetime import gamma_gamma
from analytics.lifetime.purchases import Floats
from analytics.purchases.reading import Purchases
from analytics.purchases.summary import summarise

YEAR = 365
PARTS = 4  # of the records: it is looked ahead from the end of each but the last, to the end of every later one
SHORTEST = 14  # days
NEVER = 0  # the months that RFM looks at make no difference here
CHANCE = 1.2816  # deviations to either side that hold eight of ten
NINE_OF_TEN = 0.9  # the same, below the upper of the two


@dataclass(frozen=True)
class Total:
    """on: ordinal of the last day that was known; orders, value: foretold, and what came. Money in thousandths."""

    on: int
    days: int
    customers: int
    orders: tuple[float, float]
    value: tuple[float, float] | None

    def as_dict(self) -> dict[str, Any]:
        return {name: list(said) if isinstance(said, tuple) else said for name, said in asdict(self).items()}


def looked_back(purchases: Purchases, as_of: int) -> list[Total]:
    """The oldest first; none of a time too short, or of too few customers."""
    if not len(purchases):
        return []
    first = int(purchases.day.min())
    ends = [first + (as_of - first + 1) * part // PARTS - 1 for part in range(1, PARTS)] + [as_of]
    spans = [(cut, min(end, cut + YEAR)) for cut, end in combinations(ends, 2)]
    found = [_total(purchases, cut, end - cut) for cut, end in dict.fromkeys(spans) if end - cut >= SHORTEST]
    return [total for total in found if total]


def _total(purchases: Purchases, cut: int, days: int) -> Total | None:
    try:
        made = Backtest.of(purchases.index, purchases.day, cut, days)
    except (TooFew, NoFit):
        return None
    expected, came = made.expected(), float(made.past.bought.sum())
    if not came or not expected.sum() > 0:
        return None
    spend = _spend(purchases.until(cut))
    value = None
    if spend is not None:
        later = (purchases.day > cut) & (purchases.day <= cut + days) & np.isin(purchases.index, made.past.who)
        value = round(float(expected @ spend)), int(purchases.net[later].sum())
    return Total(cut, days, len(made.past.known), (round(float(expected.sum()), 1), came), value)


def _spend(known: Purchases) -> Floats | None:
    """Thousandths a purchase of each, as it was foretold then."""
    customers = summarise(known, NEVER)
    mean = customers.repeat_spend / np.maximum(customers.repeat_spends, 1)
    fit = gamma_gamma.fit(customers.repeat_spends, mean)
    return fit.model.expected_spend(customers.repeat_spends, mean) if fit.usable else None


@dataclass(frozen=True)
class Miss:
    """How far off a forecast was from one day to another: the logarithm of what came over what was foretold."""

    on: int
    until: int
    by: float

    @property
    def days(self) -> int:
        return self.until - self.on

    def shares(self, other: Miss) -> float:
        """Which part of the same days both were held against: how much one's miss says of the other's."""
        common = min(self.until, other.until) - max(self.on, other.on)
        return max(0, common) / sqrt(self.days * other.days)


def missed(back: list[Total], name: str) -> list[Miss]:
    """Of `orders`, or of `value`."""
    told = [(total, getattr(total, name)) for total in back]
    return [
        Miss(total.on, total.on + total.days, float(np.log(pair[1] / pair[0])))
        for total, pair in told
        if pair and min(pair) > 0
    ]


def eight_of_ten(misses: list[Miss], chance: float, days: int = YEAR) -> tuple[float, float]:
    """By which share of itself a total of so many days is missed at most, downwards and upwards, eight times in ten.

    chance: the deviation of what is left to it, of totals like this one. Forecasts over the same days miss alike, so
    that they count as one; and what drifts goes the farther the longer: by the root of the time.
    """
    reach = CHANCE * chance
    if misses:
        squares = [miss.by**2 * max(1.0, days / miss.days) for miss in misses]
        reach = float(np.hypot(reach, stdtrit(_independent(misses), NINE_OF_TEN) * sqrt(np.mean(squares))))
    return float(np.expm1(-reach)), float(np.expm1(reach))


def _independent(misses: list[Miss]) -> float:
    """How many that have nothing in common would tell the deviation as surely (Satterthwaite 1946)."""
    return float(len(misses) ** 2 / sum(one.shares(other) ** 2 for one in misses for other in misses))
