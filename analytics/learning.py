"""What a full run learns from all purchases: the models, the borders, the curves."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics import gaps
from analytics.definition import Definition
from analytics.lifetime import gamma_gamma, mbg_cnbd
from analytics.purchases import Purchases
from analytics.rfm import Borders
from analytics.scoring import Stored
from analytics.summary import Customers

FEWEST_BUYERS = 60  # below, a model of the shop says more about chance than about its customers


@dataclass(frozen=True)
class Learned:
    """`stored` scores customers; the rest says how it came about, ready for JSON."""

    stored: Stored
    timing: dict[str, Any]
    spend: dict[str, Any]
    curves: dict[str, Any]


def recent_from(as_of: int, months: int) -> int:
    """Ordinal of the day so many months before."""
    day = date.fromordinal(as_of)
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, min(day.day, 28)).toordinal()


def curve_of(purchases: Purchases, customers: Customers, as_of: int) -> gaps.GapCurve:
    """After how many days the shop's customers come back."""
    return gaps.gap_curve(purchases.index, purchases.day, _seen_until(customers, as_of))


def learn(customers: Customers, curve: gaps.GapCurve, definition: Definition, as_of: int, generation: int) -> Learned:
    as_of = _seen_until(customers, as_of)
    second, of_whom = _second_curve(customers, definition, as_of)
    timing, said = _timing(customers, as_of)
    spend, spend_said = _spend(customers)
    stored = Stored(
        generation=generation,
        as_of=as_of,
        definition=definition,
        timing=timing,
        spend=spend,
        borders=Borders.of(as_of - customers.last, customers.recent_net / 1000),
        second_after=second.day_by_which(0.5 * second.ever) if second.completed >= 30 else None,
    )
    curves = {
        "proposed_window": curve.proposed_window(),
        "gaps": curve.as_dict(),
        "second": {
            **second.as_dict(),
            "of": of_whom,
            "half": stored.second_after,
            "late": second.day_by_which(0.9 * second.ever),
        },
    }
    return Learned(stored, said, spend_said, curves)


def _seen_until(customers: Customers, as_of: int) -> int:
    """The day of the figures, or a later one on which somebody bought."""
    return max(as_of, int(customers.last.max(initial=0)))


def known_before(customers: Customers, active_days: int) -> NDArray[np.bool_]:
    """First seen within A days of the shop's first order: nobody knows when they really came."""
    begins = int(customers.first.min()) if len(customers) else 0
    return customers.first < begins + active_days


def _second_curve(customers: Customers, definition: Definition, as_of: int) -> tuple[gaps.GapCurve, str]:
    """First purchase to second, of those who surely came new; of all while that leaves less than A days to see."""
    known = known_before(customers, definition.active_days)
    seen = as_of - int(customers.first.min(initial=as_of))
    if not known.any() or seen < 2 * definition.active_days:
        return gaps.second_purchase_curve(customers.first, customers.second, as_of), "all"
    return gaps.second_purchase_curve(customers.first[~known], customers.second[~known], as_of), "new"


def _timing(customers: Customers, as_of: int) -> tuple[Any, dict[str, Any]]:
    if len(customers) < FEWEST_BUYERS:
        return None, {"used": None, "why": "too_few_buyers", "candidates": []}
    fits = mbg_cnbd.candidates(customers.history(as_of))
    best = mbg_cnbd.best_of(fits)
    usable = best.usable
    said = {
        "used": best.model.as_dict() if usable else None,
        "why": "likelihood" if usable and best.model.name == "mbg_cnbd" else "fallback" if usable else "no_fit",
        "candidates": [
            {**fit.model.as_dict(), "log_likelihood": _finite(fit.log_likelihood), "degenerate": fit.degenerate}
            for fit in fits
        ],
    }
    return (best.model if usable else None), said


def _spend(customers: Customers) -> tuple[Any, dict[str, Any]]:
    mean = customers.repeat_spend / np.maximum(customers.repeat_spends, 1) / 1000
    fit = gamma_gamma.fit(customers.repeat_spends, mean)
    said = {
        "used": fit.model.as_dict() if fit.usable else None,
        "log_likelihood": _finite(fit.log_likelihood),
        "degenerate": fit.degenerate,
        "customers": fit.customers,
        "correlation": round(fit.correlation, 4),
        "correlated": bool(fit.correlated),
    }
    return (fit.model if fit.usable else None), said


def _finite(value: float) -> float | None:
    return round(value, 3) if np.isfinite(value) else None
