"""From sums to scores: one customer or a million, with the stored values of a generation."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.definition import Definition
from analytics.lifetime.blend import Blend, Shares
from analytics.lifetime.gamma_gamma import GammaGamma
from analytics.lifetime.mbg_cnbd import MbgCnbd
from analytics.lifetime.nbd import Nbd
from analytics.lifetime.purchases import Summary
from analytics.lifetime.timing import day_after
from analytics.metrics import rfm
from analytics.metrics.rfm import Borders
from analytics.purchases.summary import Customers

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Histories = tuple[Summary, Any]  # equal ones once, and for each customer the number of theirs

NEVER = -1  # in place of a day: it does not come, or nobody can say
YEAR, QUARTER = 365 / 7, 90 / 7  # weeks
FAR = 3_000_000  # ordinals beyond stand for never: year 8,200

# What is foretold of somebody, and the days from which they count as late.
FORETOLD = ("p_alive", "p_silent_90", "expected_365", "expected_spend", "value_365", "at_stake")
STATES = ("overdue_on", "at_risk_on", "likely_lost_on", "second_due_on", "nine_of_ten")
NOBODY: Ints = np.zeros(0, dtype=np.int64)

MODELS = {model.name: model for model in (MbgCnbd, Nbd, GammaGamma)}


@dataclass(frozen=True)
class Stored:
    """Everything a full run learned that a single customer is scored with.

    as_of: ordinal of the day of the figures; timing, spend: None while there is too little to learn from;
    second_after: days after the first purchase by which half of those who come back have; is_off: the last forecast
    was no better than the base rate, so none is made of anybody's silence.
    """

    generation: int
    as_of: int
    definition: Definition
    timing: Any
    spend: GammaGamma | None
    borders: Borders
    second_after: int | None
    is_off: bool = False


def model_from(stored: dict[str, Any] | None) -> Any:
    return MODELS[stored["model"]].from_dict(stored) if stored else None


def timing_from(said: dict[str, Any]) -> Any:
    """The timing model with the shares of its blend, as a run wrote them down."""
    model, shares = model_from(said["used"]), said.get("shares")
    return Blend(model, Shares.from_dict(shares)) if model and shares else model


PART = 32_000  # customers whose columns are made at once


@dataclass(frozen=True)
class Outlook:
    """What the models say, before it is spread over customers: equal histories are worked out once.

    group: for each customer the row of the forecasts, which are NaN while there is no model; days: of STATES.
    """

    group: Any
    alive: Floats
    if_alive: Floats
    expected: Floats
    silent: Floats
    days: dict[str, Any]

    @classmethod
    def of(cls, customers: Customers, stored: Stored, histories: Histories | None = None) -> "Outlook":
        """histories: where they are known already."""
        days = _days(customers, stored)  # first, as both take much memory meanwhile
        if stored.timing is None or not len(customers):
            unknown = np.full(1, np.nan)
            nobody = np.zeros(len(customers), dtype=np.int32)
            return cls(nobody, unknown, unknown, unknown, unknown, days)

        rows, group = histories or customers.history(stored.as_of).grouped()
        alive, if_alive = stored.timing.p_alive(rows), stored.timing.expected_if_alive(rows, YEAR)
        unsure, expected = np.isnan(alive), alive * if_alive
        if unsure.any():
            expected = np.where(unsure, if_alive, expected)
        if isinstance(stored.timing, Blend):
            expected = stored.timing.blended(expected, rows, YEAR)
        silent = stored.timing.p_silent(rows, QUARTER)
        return cls(group, alive, if_alive, expected, silent, days)

    def part(self, which: slice) -> "Outlook":
        return replace(self, group=self.group[which], days={name: days[which] for name, days in self.days.items()})


def score(customers: Customers, stored: Stored, unscored: Ints = NOBODY) -> dict[str, Any]:
    """Columns of analytics.Scores by name, shape (n,). Days are ordinals or NEVER, money thousandths.

    unscored: ids of those who object to profiling, and of the erased: what they bought counts, nothing is foretold.
    """
    return _columns(customers, Outlook.of(customers, stored), stored, unscored)


def scored_in_parts(
    customers: Customers, outlook: Outlook, stored: Stored, unscored: Ints = NOBODY
) -> Iterator[dict[str, Any]]:
    """The same for many, some at a time: the next are made while the database takes in the ones before."""
    for first in range(0, len(customers), PART):
        part = slice(first, first + PART)
        yield _columns(customers.part(part), outlook.part(part), stored, unscored)


def _columns(customers: Customers, outlook: Outlook, stored: Stored, unscored: Ints) -> dict[str, Any]:
    columns = {
        "customer_id": customers.ids,
        "generation": np.full(len(customers), stored.generation),
        "occasions": customers.occasions,
        "last_on": customers.last,
        **_rfm(customers, stored),
        **_forecast(customers, outlook, stored),
        **outlook.days,
    }
    silent = np.isin(customers.ids, unscored) if unscored.size else np.zeros(0)
    if silent.any():
        for name in FORETOLD:
            columns[name] = np.where(silent, np.nan, columns[name])
        for name in STATES:
            columns[name] = np.where(silent, NEVER, columns[name])
    return columns


def _rfm(customers: Customers, stored: Stored) -> dict[str, Any]:
    since_last = np.maximum(stored.as_of - customers.last, 0)
    r = stored.borders.recency(since_last)
    f = rfm.frequency(customers.recent_orders)
    m = stored.borders.money(customers.recent_net / 1000)
    names = np.array(rfm.NAMES, dtype="S16")
    return {"r": r, "f": f, "m": m, "rfm": names[rfm.names(r, f)]}


def _forecast(customers: Customers, outlook: Outlook, stored: Stored) -> dict[str, Any]:
    group, spend = outlook.group, _spend(customers, stored)
    if stored.timing is None:
        spend = np.full(len(customers), np.nan)
    silent = np.round(outlook.silent[group], 6)
    weight = 1.0 if stored.is_off else outlook.silent[group]
    return {
        "p_alive": np.round(outlook.alive[group], 6),
        "p_silent_90": np.full(len(customers), np.nan) if stored.is_off else silent,
        "expected_365": np.round(outlook.expected[group], 4),
        "expected_spend": np.rint(spend),
        "value_365": np.rint(outlook.expected[group] * spend),
        "at_stake": np.rint(weight * outlook.if_alive[group] * spend),
    }


def _spend(customers: Customers, stored: Stored) -> Floats:
    """Thousandths per future purchase; NaN while spend cannot be modelled."""
    if stored.spend is None:
        return np.full(len(customers), np.nan)
    mean = customers.repeat_spend / np.maximum(customers.repeat_spends, 1) / 1000
    return stored.spend.expected_spend(customers.repeat_spends, mean) * 1000


def _days(customers: Customers, stored: Stored) -> dict[str, Any]:
    """When each state begins if nothing is bought. States are for repeat buyers only."""
    repeat = customers.occasions > 1
    never = np.full(len(customers), NEVER, dtype=np.int32)
    second = never
    if stored.second_after is not None:
        second = np.where(repeat, NEVER, customers.first + stored.second_after).astype(np.int32)
    begins = _silences(customers.history(stored.as_of), stored) if len(customers) else {}
    days = {name: np.where(repeat, _on(customers.last, silence), never) for name, silence in begins.items()}
    nine = begins.get("nine_of_ten")
    return {
        "overdue_on": days.get("overdue_on", never),
        "at_risk_on": days.get("at_risk_on", never),
        "likely_lost_on": days.get("likely_lost_on", never),
        "second_due_on": second,
        "nine_of_ten": never if nine is None else np.where(nine < FAR, nine, NEVER).astype(np.int32),
    }


def _silences(history: Summary, stored: Stored) -> dict[str, Floats]:
    """Days of silence from which on each state holds."""
    definition, timing = stored.definition, stored.timing
    too_long = np.full(len(history), definition.active_days + 1.0)
    if timing is None:
        return {"likely_lost_on": too_long}

    def rhythm(below: float) -> Floats:
        return day_after(timing.silence_at_rhythm(history, below))

    def alive(below: float) -> Floats:
        return day_after(timing.silence_at_p_alive(history, below))

    return {
        "overdue_on": rhythm(definition.overdue_below),
        "at_risk_on": np.fmin(rhythm(definition.at_risk_below), alive(definition.at_risk_alive_below)),
        "likely_lost_on": np.fmin(alive(definition.likely_lost_below), too_long),
        "nine_of_ten": rhythm(0.10),
    }


def _on(last: Ints, silence: Floats) -> Ints:
    """Ordinals; NEVER where the silence is endless or unknown."""
    known = np.nan_to_num(silence, nan=FAR, posinf=FAR)
    return np.where(known < FAR - 800_000, last + np.minimum(known, FAR), NEVER).astype(np.int32)
