"""From sums to figures: one customer or a million, with the stored values of a generation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics import rfm
from analytics.definition import Definition
from analytics.lifetime.gamma_gamma import GammaGamma
from analytics.lifetime.mbg_cnbd import MbgCnbd
from analytics.lifetime.nbd import Nbd
from analytics.lifetime.purchases import Summary
from analytics.lifetime.timing import day_after
from analytics.rfm import Borders
from analytics.summary import Customers

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

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
    second_after: days after the first purchase by which half of those who come back have.
    """

    generation: int
    as_of: int
    definition: Definition
    timing: Any
    spend: GammaGamma | None
    borders: Borders
    second_after: int | None


def model_from(stored: dict[str, Any] | None) -> Any:
    return MODELS[stored["model"]].from_dict(stored) if stored else None


def score(customers: Customers, stored: Stored, unscored: Ints = NOBODY) -> dict[str, Any]:
    """Columns of analytics.Figures by name, shape (n,). Days are ordinals or NEVER, money thousandths.

    unscored: ids of those who object to profiling, and of the erased: what they bought counts, nothing is foretold.
    """
    columns = {
        "customer_id": customers.ids,
        "generation": np.full(len(customers), stored.generation),
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
        **_rfm(customers, stored),
        **_forecast(customers, stored),
        **_days(customers, stored),
    }
    if unscored.size:
        silent = np.isin(customers.ids, unscored)
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


def _forecast(customers: Customers, stored: Stored) -> dict[str, Any]:
    """Equal histories are worked out once: half of a shop bought once."""
    unknown = np.full(len(customers), np.nan)
    if stored.timing is None or not len(customers):
        return dict.fromkeys(FORETOLD, unknown)

    rows, group = customers.history(stored.as_of).grouped()
    alive = stored.timing.p_alive(rows)
    if_alive = stored.timing.expected_if_alive(rows, YEAR)
    unsure = np.isnan(alive)
    expected = alive * if_alive
    if unsure.any():
        expected = np.where(unsure, stored.timing.expected_purchases(rows, YEAR), expected)
    p_silent = stored.timing.p_silent(rows, QUARTER)[group]
    spend = _spend(customers, stored)
    return {
        "p_alive": np.round(alive, 6)[group],
        "p_silent_90": np.round(p_silent, 6),
        "expected_365": np.round(expected, 4)[group],
        "expected_spend": np.rint(spend),
        "value_365": np.rint(expected[group] * spend),
        "at_stake": np.rint(p_silent * if_alive[group] * spend),
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
    never = np.full(len(customers), NEVER)
    second = never
    if stored.second_after is not None:
        second = np.where(repeat, NEVER, customers.first + stored.second_after)
    begins = _silences(customers.history(stored.as_of), stored) if len(customers) else {}
    days = {name: np.where(repeat, _on(customers.last, silence), NEVER) for name, silence in begins.items()}
    nine = begins.get("nine_of_ten")
    return {
        "overdue_on": days.get("overdue_on", never),
        "at_risk_on": days.get("at_risk_on", never),
        "likely_lost_on": days.get("likely_lost_on", never),
        "second_due_on": second,
        "nine_of_ten": never if nine is None else np.where(nine < FAR, nine, NEVER).astype(np.int64),
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
    return np.where(known < FAR - 800_000, last + np.minimum(known, FAR), NEVER).astype(np.int64)
