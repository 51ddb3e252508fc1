"""What a full run learns from all purchases: the models, the borders, the curves."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from analytics.definition import Definition
from analytics.lifetime import blend, gamma_gamma, mbg_cnbd
from analytics.lifetime.timing import Fit
from analytics.metrics import gaps
from analytics.metrics.rfm import Borders
from analytics.purchases.reading import Purchases
from analytics.purchases.summary import Customers, known_before
from analytics.scoring.scoring import Histories, Stored, timing_from

FEWEST_BUYERS = 60  # below, a model of the shop says more about chance than about its customers
LOOKED_AT = 8_000  # customers, of whom what an earlier forecast missed is learned
GOOD_FOR = 31  # days: it takes a month until there is more to learn from


@dataclass(frozen=True)
class Timing:
    """The fits of the timing model, and what they were fitted to: equal histories once, and which is whose."""

    fits: list[Fit]
    histories: Histories

    @classmethod
    def of(cls, customers: Customers, as_of: int) -> "Timing":
        rows, group = customers.history(as_of).grouped()
        histories = rows, group.astype(np.int32)
        return cls(mbg_cnbd.candidates(rows) if len(customers) >= FEWEST_BUYERS else [], histories)


@dataclass(frozen=True)
class Fitted:
    """What needs nothing but the customers: each part may be worked out beside the others."""

    curve: gaps.GapCurve
    timing: Timing
    spend: gamma_gamma.SpendFit


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


def learn(
    purchases: Purchases,
    customers: Customers,
    fitted: Fitted,
    definition: Definition,
    as_of: int,
    generation: int,
    before: dict[str, Any] | None = None,
) -> Learned:
    """before: what the run before said of its timing model, under the same definition."""
    as_of = _seen_until(customers, as_of)
    second, of_whom = _second_curve(customers, definition, as_of)
    timing, said = _timing(fitted.timing.fits, purchases, as_of, before)
    spend, spend_said = _spend(fitted.spend)
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
        "proposed_window": fitted.curve.proposed_window(),
        "gaps": fitted.curve.as_dict(),
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


def _second_curve(customers: Customers, definition: Definition, as_of: int) -> tuple[gaps.GapCurve, str]:
    """First purchase to second, of those who surely came new; of all while that leaves less than A days to see."""
    known = known_before(customers, definition.active_days)
    seen = as_of - int(customers.first.min(initial=as_of))
    if not known.any() or seen < 2 * definition.active_days:
        return gaps.second_purchase_curve(customers.first, customers.second, as_of), "all"
    return gaps.second_purchase_curve(customers.first[~known], customers.second[~known], as_of), "new"


def _timing(
    fits: list[Fit], purchases: Purchases, as_of: int, before: dict[str, Any] | None
) -> tuple[Any, dict[str, Any]]:
    if not fits:
        return None, {"used": None, "why": "too_few_buyers", "candidates": []}
    best = mbg_cnbd.best_of(fits)
    usable = best.usable
    shares = shares_of(best.model, purchases, as_of, before) if usable else None
    said = {
        "used": best.model.as_dict() if usable else None,
        "why": "likelihood" if usable and best.model.name == "mbg_cnbd" else "fallback" if usable else "no_fit",
        "candidates": [
            {**fit.model.as_dict(), "log_likelihood": _finite(fit.log_likelihood), "degenerate": fit.degenerate}
            for fit in fits
        ],
        "shares": shares and shares.as_dict(),
    }
    return (timing_from(said) if usable else None), said


def shares_of(model: Any, purchases: Purchases, as_of: int, before: dict[str, Any] | None) -> blend.Shares | None:
    """Of the run before while they are young and the model is of its kind; else learned anew, of some customers."""
    known = before and before.get("shares")
    if before and known and 0 <= as_of - known["learned_on"] < GOOD_FOR and _is_kind(before["used"], model):
        return blend.Shares.from_dict(known)
    some = purchases.every(-(-len(purchases) // LOOKED_AT))
    if not len(some):
        return None
    return blend.learned(
        some.index, some.day, as_of, lambda known: mbg_cnbd.choose_k(known, (model.k,)), year=blend.YEAR
    )


def _is_kind(used: dict[str, Any], model: Any) -> bool:
    return bool((used["model"], used["k"]) == (model.name, model.k))


def spend_of(customers: Customers) -> gamma_gamma.SpendFit:
    mean = customers.repeat_spend / np.maximum(customers.repeat_spends, 1) / 1000
    return gamma_gamma.fit(customers.repeat_spends, mean)


def _spend(fit: gamma_gamma.SpendFit) -> tuple[Any, dict[str, Any]]:
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
