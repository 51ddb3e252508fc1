"""Two models in one forecast: one in which customers leave, one in which nobody does.

Each alone is wrong in its own direction: where leaving is possible too many are given up for lost, where it is not
too few. A share of each, chosen by what an earlier forecast of both missed, is closer than either (Bates & Granger
1969; Wolpert 1992). Both losses are convex, so on what it was chosen from a blend is never worse than the first.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from . import nbd
from .nbd import Nbd
from .purchases import DAYS_IN_WEEK, Floats, Ints, Summary

HORIZON, YEAR = 90, 365  # days: silence is foretold for the first, purchases for the second
FEWEST = 60  # customers to choose from, and of those ten who came back and ten who did not
FEWEST_EACH = 10
WORTH = 2.0  # of log-likelihood, that a share of one must bring
HALVINGS = 40


@dataclass(frozen=True)
class Past:
    """What was known of each customer until a day, and what they bought in the `horizon` days after; shape (n,).

    who: the numbers of those who had bought by then.
    """

    known: Summary
    bought: Floats
    who: Ints
    horizon: int

    @classmethod
    def at(cls, customer: ArrayLike, day: ArrayLike, cut: int, horizon: int) -> Past:
        """customer: ascending whole numbers, day: their purchase days in order, shape (rows,)."""
        customer, day = np.asarray(customer, dtype=np.int64), np.asarray(day, dtype=np.int64)
        before = day <= cut
        who, number = np.unique(customer[before], return_inverse=True)
        later = (day > cut) & (day <= cut + horizon) & np.isin(customer, who)
        bought = np.bincount(np.searchsorted(who, customer[later]), minlength=who.size).astype(np.float64)
        return cls(Summary.of_purchase_days(number, day[before], cut), bought, who, horizon)

    @property
    def weeks(self) -> float:
        return self.horizon / DAYS_IN_WEEK

    @property
    def silent(self) -> Any:
        """Who did not come back in that time."""
        return self.bought == 0

    @property
    def tells_enough(self) -> bool:
        silent = int(self.silent.sum())
        return len(self.known) >= FEWEST and FEWEST_EACH <= silent <= len(self.known) - FEWEST_EACH


@dataclass(frozen=True)
class Shares:
    """How much of a forecast the model has in which nobody leaves: of purchases, and of silence; r, alpha: its own.

    over: the days over which that of purchases was learned.
    """

    r: float
    alpha: float
    of_purchases: float
    of_silence: float
    learned_on: int
    over: int = HORIZON

    @property
    def staying(self) -> Nbd:
        return Nbd(self.r, self.alpha)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        return cls(**stored)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Blend:
    """Answers as its model does; only purchases and silence ahead are blended."""

    name: ClassVar[str] = "blend"
    model: Any
    shares: Shares

    def p_alive(self, rows: Summary) -> Floats:
        found: Floats = self.model.p_alive(rows)
        return found

    def rhythm(self, rows: Summary) -> Floats:
        found: Floats = self.model.rhythm(rows)
        return found

    def silence_at_rhythm(self, rows: Summary, threshold: float) -> Floats:
        found: Floats = self.model.silence_at_rhythm(rows, threshold)
        return found

    def silence_at_p_alive(self, rows: Summary, threshold: float) -> Floats:
        found: Floats = self.model.silence_at_p_alive(rows, threshold)
        return found

    def expected_if_alive(self, rows: Summary, horizon: float) -> Floats:
        found: Floats = self.model.expected_if_alive(rows, horizon)
        return found

    def expected_purchases(self, rows: Summary, horizon: float) -> Floats:
        """Purchases in the next `horizon` weeks, shape (n,)."""
        return self.blended(self.model.expected_purchases(rows, horizon), rows, horizon)

    def blended(self, expected: Floats, rows: Summary, horizon: float) -> Floats:
        """The same, where what the model itself expects is known already."""
        share = self.shares.of_purchases
        return (1 - share) * expected + share * self.shares.staying.expected_purchases(rows, horizon)

    def p_silent(self, rows: Summary, horizon: float) -> Floats:
        """P(no purchase in the next `horizon` weeks), shape (n,)."""
        share, silent = self.shares.of_silence, self.model.p_silent(rows, horizon)
        found: Floats = (1 - share) * silent + share * self.shares.staying.p_silent(rows, horizon)
        return found


def earlier_cut(first: int, as_of: int, horizon: int) -> int:
    """The last day that leaves so long to see what became of the forecast, or half of what is on record."""
    return as_of - min(horizon, (as_of - first + 1) // 2)


def learned(
    customer: ArrayLike, day: ArrayLike, as_of: int, fit: Any, horizon: int = HORIZON, year: int | None = None
) -> Shares | None:
    """By forecasts made earlier. fit(known) gives the model that leaves; None where there is too little to tell.

    The share of purchases is learned over `year` days where they differ from the horizon, and the records reach back
    so far: what is right for a quarter says too little of a year, as nobody ever leaves the model of those who stay.
    """
    customer, day = np.asarray(customer, dtype=np.int64), np.asarray(day, dtype=np.int64)
    now = Summary.of_purchase_days(np.unique(customer, return_inverse=True)[1], day, as_of)
    today = nbd.fit(now) if len(now) else None
    if today is None or not today.usable:
        return None
    cut, first = earlier_cut(int(day.min()), as_of, horizon), earlier_cut(int(day.min()), as_of, year or horizon)
    soon = _learned_at(cut, customer, day, as_of, fit)
    if soon is None:
        return None
    late = soon if first == cut else _learned_at(first, customer, day, as_of, fit)
    of_purchases, over = (late[0], as_of - first) if late else (soon[0], as_of - cut)
    return Shares(today.model.r, today.model.alpha, round(of_purchases, 6), round(soon[1], 6), as_of, over)


def _learned_at(cut: int, customer: Ints, day: Ints, as_of: int, fit: Any) -> tuple[float, float] | None:
    """The shares of purchases and of silence, by what came since a forecast of that day."""
    past = Past.at(customer, day, cut, as_of - cut)
    if not past.tells_enough:
        return None
    leaving, staying = fit(past.known), nbd.fit(past.known)
    if not (leaving.usable and staying.usable):
        return None
    return shares_of(past, leaving.model, staying.model)


def shares_of(past: Past, leaving: Any, staying: Any) -> tuple[float, float]:
    """The shares with the least loss: Poisson's of the purchases, the logarithm's of the silence."""
    rows, weeks = past.known, past.weeks
    purchases = leaving.expected_purchases(rows, weeks), staying.expected_purchases(rows, weeks)
    silence = leaving.p_silent(rows, weeks), staying.p_silent(rows, weeks)
    return _share(purchases, past.bought, _poisson), _share(silence, past.silent, _logarithm)


def _share(forecasts: tuple[Floats, Floats], seen: Any, slope: Any) -> float:
    """Where the loss no longer falls: it is convex, so its slope changes sign once."""
    leaving, staying = forecasts

    def downhill(share: float) -> bool:
        between = np.clip((1 - share) * leaving + share * staying, 1e-9, None)
        return float((staying - leaving) @ slope(between, seen)) + WORTH < 0

    low, high = 0.0, 1.0
    if not downhill(low):
        return 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if downhill(middle) else (low, middle)
    return low


def _poisson(expected: Floats, bought: Floats) -> Floats:
    return 1 - bought / expected


def _logarithm(chance: Floats, silent: Any) -> Floats:
    chance = np.minimum(chance, 1 - 1e-9)
    return np.where(silent, -1 / chance, 1 / (1 - chance))
