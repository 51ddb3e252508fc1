"""What forecasts of totals missed: made of the records until an earlier day, beside the orders and the money that came.

Neither a season nor a change of habits is in a model of customers, so what it leaves to chance says too little of how
far a total will be missed. What such forecasts missed in this shop says more.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from analytics.grading.backtest import Backtest, NoFit, TooFew
from analytics.lifetime import gamma_gamma
from analytics.lifetime.purchases import Floats
from analytics.purchases.reading import Purchases
from analytics.purchases.summary import summarise

YEAR = 365
PARTS = 4  # of the records: it is looked ahead from the end of each but the last
SHORTEST = 14  # days
NEVER = 0  # the months that RFM looks at make no difference here
CHANCE = 1.2816  # deviations to either side that hold eight of ten
STUDENT = {1: 3.078, 2: 1.886, 3: 1.638}  # the same where the deviation is that of so few


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
    cuts = [first + (as_of - first + 1) * part // PARTS - 1 for part in range(1, PARTS)]
    found = [_total(purchases, cut, min(as_of - cut, YEAR)) for cut in cuts if as_of - cut >= SHORTEST]
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


def missed(pairs: list[tuple[float, float]]) -> Floats:
    """The logarithm of what came over what was foretold, shape (n,)."""
    told = np.array([pair for pair in pairs if min(pair) > 0], dtype=np.float64).reshape(-1, 2)
    found: Floats = np.log(told[:, 1] / told[:, 0])
    return found


def eight_of_ten(missed: Floats, chance: float) -> tuple[float, float]:
    """By which share of itself a total is missed at most, downwards and upwards, eight times in ten.

    missed: by such forecasts before; chance: the deviation of what is left to it, of totals like this one.
    """
    reach = CHANCE * chance
    if missed.size:
        usual = float(np.sqrt(np.mean(missed**2)))
        reach = float(np.hypot(reach, STUDENT.get(missed.size, CHANCE) * usual))
    return float(np.expm1(-reach)), float(np.expm1(reach))
