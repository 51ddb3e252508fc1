"""A forecast as it would have been made on a day, from what was known then, beside what came after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from analytics.grading import measures
from analytics.lifetime import blend, mbg_cnbd
from analytics.lifetime.blend import Blend, Past, Shares
from analytics.lifetime.timing import Fit
from analytics.purchases.reading import Ints
from shop.intervals import Interval

FEWEST_BUYERS = 60


class TooFew(Exception):
    """Who bought by then are too few for a model; `buyers` says how many."""

    def __init__(self, buyers: int) -> None:
        super().__init__(f"{buyers} customers had bought by then; a model needs {FEWEST_BUYERS}.")
        self.buyers = buyers


class NoFit(Exception):
    """No model fits what was known then."""


@dataclass(frozen=True)
class Backtest:
    """`timing` is made of purchases until the cut alone; `fits` are all that were tried; `mbg` that of one stage."""

    cut: int
    past: Past
    fits: list[Fit]
    timing: Any
    shares: Shares | None
    mbg: Fit

    @classmethod
    def of(cls, customer: Ints, day: Ints, cut: int, horizon: int) -> Backtest:
        """customer: ascending whole numbers, day: ordinals of their purchase days in order, shape (rows,)."""
        past = Past.at(customer, day, cut, horizon)
        if len(past.known) < FEWEST_BUYERS:
            raise TooFew(len(past.known))
        fits = mbg_cnbd.candidates(past.known)
        best = mbg_cnbd.best_of(fits)
        if not best.usable:
            raise NoFit
        known, k = day <= cut, best.model.k
        shares = blend.learned(
            customer[known], day[known], cut, lambda earlier: mbg_cnbd.choose_k(earlier, (k,)), horizon
        )
        timing = Blend(best.model, shares) if shares else best.model
        return cls(cut, past, fits, timing, shares, mbg_cnbd.fit(past.known, 1))

    @property
    def earlier_cut(self) -> int | None:
        """Where the shares were chosen: what came after the cut had no part in it."""
        first = self.cut - int(np.rint(self.past.known.T.max() * 7))
        return blend.earlier_cut(first, self.cut, self.past.horizon) if self.shares else None

    def p_silent(self, model: Any = None) -> measures.Floats:
        found: measures.Floats = (model or self.timing).p_silent(self.past.known, self.past.weeks)
        return found

    def expected(self, model: Any = None) -> measures.Floats:
        found: measures.Floats = (model or self.timing).expected_purchases(self.past.known, self.past.weeks)
        return found

    def as_dict(self) -> dict[str, Any]:
        past, silent = self.past, self.past.silent
        base = float(silent.mean())
        return {
            "cut": _day(self.cut),
            "horizon": past.horizon,
            "customers": len(past.known),
            "did_not_come_back": int(silent.sum()),
            "base_rate": round(base, 6),
            "model": self.model_as_dict(),
            "auc": self._areas(),
            "purchases": self._purchases(),
            "calibration_error": {"score": self._calibration(self.timing), "mbg": self._calibration(self.mbg.model)},
            "brier": {
                "score": _interval(measures.brier(self.p_silent(), silent)),
                "mbg": _interval(measures.brier(self.p_silent(self.mbg.model), silent)),
                "base_rate": round(base * (1 - base), 6),
            },
            "tenths": [part.as_dict() for part in measures.tenths(self.p_silent(), silent)],
        }

    def model_as_dict(self) -> dict[str, Any]:
        best = mbg_cnbd.best_of(self.fits)
        earlier = self.earlier_cut
        return {
            "used": best.model.as_dict(),
            "candidates": [
                {"model": fit.model.name, "k": fit.model.k, "log_likelihood": _finite(fit.log_likelihood)}
                | {"degenerate": fit.degenerate}
                for fit in self.fits
            ],
            "shares": self.shares
            and {
                "of_purchases": self.shares.of_purchases,
                "of_silence": self.shares.of_silence,
                "chosen_on": earlier and _day(earlier),
            },
            "mbg_degenerate": self.mbg.degenerate,
        }

    def _areas(self) -> dict[str, Any]:
        silent = self.past.silent
        return {
            "score": _interval(measures.auc(self.p_silent(), silent)),
            "days_since_last_order": _interval(measures.auc(self.past.known.silence, silent)),
            "mbg_expected_purchases": _interval(measures.auc(-self.expected(self.mbg.model), silent)),
        }

    def _purchases(self) -> dict[str, Any]:
        bought = self.past.bought
        found: dict[str, Any] = {"seen": int(bought.sum())}
        for name, model in (("score", self.timing), ("mbg", self.mbg.model)):
            expected = self.expected(model)
            found[name] = {
                "expected": round(float(expected.sum()), 1),
                "rmse": round(measures.root_mean_square(expected, bought), 6),
                "deviance": round(measures.deviance(expected, bought), 6),
            }
        return found

    def _calibration(self, model: Any) -> float:
        return round(measures.calibration_error(measures.tenths(self.p_silent(model), self.past.silent)), 6)


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _finite(value: float) -> float | None:
    return round(value, 3) if np.isfinite(value) else None


def _interval(found: Interval) -> list[float | None]:
    """Value, low, high."""
    return [round(v, 6) if np.isfinite(v) else None for v in (found.value, found.low, found.high)]
