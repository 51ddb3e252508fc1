"""NBD: customers buy at their own rate and nobody ever leaves.

Ehrenberg 1959; with k > 1 stages per gap, Chatfield & Goodhardt's condensed NBD
observed from the first purchase. The fallback when leaving cannot be seen in the
data: P(alive) is unknown (NaN), not 100%.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .fitting import maximise
from .likelihood import Rates
from .purchases import Floats, Summary
from .timing import ErlangTiming, Fit, Parameters


@dataclass(frozen=True)
class Nbd(ErlangTiming, Parameters):
    """r: shape; alpha: rate in weeks; k: stages per gap."""

    name: ClassVar[str] = "nbd"
    r: float
    alpha: float
    k: int = 1

    def p_alive(self, rows: Summary) -> Floats:
        """Unknown: NaN, shape (n,)."""
        return np.full(len(rows), np.nan)

    def silence_at_p_alive(self, rows: Summary, threshold: float) -> Floats:
        """Unknown: NaN, shape (n,)."""
        return np.full(len(rows), np.nan)

    def p_silent(self, rows: Summary, horizon: float) -> Floats:
        """P(no purchase in the next `horizon` weeks), shape (n,)."""
        posterior = self.rows(rows)
        return np.exp(posterior.log_rhythm(horizon) - posterior.log_rhythm())

    def expected_purchases(self, rows: Summary, horizon: float) -> Floats:
        """Purchases in the next `horizon` weeks, shape (n,)."""
        if self.k == 1:
            return (self.r + rows.x) / (self.alpha + rows.T) * horizon
        return self.expected_with(rows, horizon, 0.0, np.ones(len(rows)))

    def expected_if_alive(self, rows: Summary, horizon: float) -> Floats:
        """The same: here everybody is still a customer."""
        return self.expected_purchases(rows, horizon)


def fit(summary: Summary, k: int = 1, prior: bool = True) -> Fit:
    """Fits r and alpha. The log-likelihood includes the gap terms."""
    rows, _ = summary.grouped()
    if rows.repeat_purchases == 0:
        return Fit(Nbd(1.0, 1.0, k), -np.inf, rows.customers, False, "too_few", 0)

    rates = Rates(rows, k)
    best = maximise(lambda theta: value_and_gradient(theta, rates), rates.start(), rows.customers, prior)
    r, alpha = (float(v) for v in np.exp(best.theta))
    value = best.log_likelihood + rates.gap_terms()
    degenerate = "not_converged" if not best.converged else None
    return Fit(Nbd(r, alpha, k), value, rows.customers, best.converged, degenerate, best.evaluations)


def value_and_gradient(theta: Floats, rates: Rates) -> tuple[float, Floats]:
    r, alpha = np.exp(theta)
    at = rates.at(r, alpha)
    count = rates.rows.count
    value = at.value + count @ at.log_q
    d_r = at.d_r + count @ at.dlog_q_ds
    d_alpha = at.d_alpha + count @ at.dlog_q_dbeta
    return float(value), np.array([d_r * r, d_alpha * alpha])


def log_likelihood(model: Nbd, summary: Summary) -> float:
    """Of given parameters, gap terms included."""
    rows, _ = summary.grouped()
    rates = Rates(rows, model.k)
    value = value_and_gradient(np.log([model.r, model.alpha]), rates)[0]
    return float(value + rates.gap_terms())
