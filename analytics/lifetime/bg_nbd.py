"""BG/NBD, for comparison only: Fader, Hardie & Lee 2005.

Leaving is possible after repeat purchases only, so every one-time buyer counts as
a customer for certain. Never rank by its P(alive).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import betaln, digamma, expit

from .fitting import maximise
from .likelihood import Rates
from .purchases import Floats, Summary
from .timing import ErlangTiming, Fit, Parameters


@dataclass(frozen=True)
class BgNbd(ErlangTiming, Parameters):
    """r, alpha (weeks): purchase rates; a, b: chance to leave."""

    name: ClassVar[str] = "bg_nbd"
    k: ClassVar[int] = 1  # type: ignore[misc]
    r: float
    alpha: float
    a: float
    b: float

    def log_odds_gone(self, x: Floats) -> Floats:
        """ln of gone : alive just after the last purchase; -inf for one-time buyers."""
        before = np.where(x > 0, self.b + x - 1, 1.0)
        return np.where(x > 0, np.log(self.a) - np.log(before), -np.inf)

    def p_alive(self, rows: Summary) -> Floats:
        """P(still a customer), shape (n,): 1 for every one-time buyer."""
        return expit(self.rows(rows).log_rhythm() - self.log_odds_gone(rows.x))

    def p_silent(self, rows: Summary, horizon: float) -> Floats:
        """P(no purchase in the next `horizon` weeks), gone or not, shape (n,)."""
        posterior, gone = self.rows(rows), self.log_odds_gone(rows.x)
        later = np.logaddexp(gone, posterior.log_rhythm(horizon))
        return np.exp(later - np.logaddexp(gone, posterior.log_rhythm()))

    def expected_if_alive(self, rows: Summary, horizon: float) -> Floats:
        """Purchases in the next `horizon` weeks of those still customers, (n,)."""
        return self.expected_with(rows, horizon, self.a, self.b + rows.x)

    def expected_purchases(self, rows: Summary, horizon: float) -> Floats:
        """Purchases in the next `horizon` weeks, shape (n,)."""
        return self.p_alive(rows) * self.expected_if_alive(rows, horizon)

    def silence_at_p_alive(self, rows: Summary, threshold: float) -> Floats:
        """The silence in weeks at which P(alive) falls to the threshold; inf for never."""
        odds = np.log(threshold) - np.log1p(-threshold)
        return self.silence_at(rows, lambda x: self.log_odds_gone(x) + odds)


def fit(summary: Summary, prior: bool = True) -> Fit:
    """Fits r, alpha, a, b."""
    rows, _ = summary.grouped()
    if rows.repeat_purchases == 0:
        return Fit(BgNbd(1.0, 1.0, 1.0, 1.0), -np.inf, rows.customers, False, "too_few", 0)

    rates = Rates(rows, 1)
    best = maximise(
        lambda theta: value_and_gradient(theta, rates),
        np.append(rates.start(), [-0.5, 0.5]),
        rows.customers,
        prior,
    )
    r, alpha, a, b = (float(v) for v in np.exp(best.theta))
    model = BgNbd(r, alpha, a, b)
    reason = None if best.converged else "not_converged"
    if best.ran_away or (model.a < 1e-3 and model.b > 1e3):
        reason = reason or "runs_away"
    return Fit(model, best.log_likelihood, rows.customers, best.converged, reason, best.evaluations)


def log_likelihood(model: BgNbd, summary: Summary) -> float:
    """Of given parameters."""
    rows, _ = summary.grouped()
    theta = np.log([model.r, model.alpha, model.a, model.b])
    return value_and_gradient(theta, Rates(rows, 1))[0]


def value_and_gradient(theta: Floats, rates: Rates) -> tuple[float, Floats]:
    """Log-likelihood at theta = ln(r, alpha, a, b), and its gradient."""
    r, alpha, a, b = np.exp(theta)
    at = rates.at(r, alpha)
    xs, ix, by_x, count = rates.xs, rates.ix, rates.by_x, rates.rows.count
    repeats = xs > 0
    before = np.where(repeats, b + xs - 1, 1.0)
    log_gone = np.where(repeats, np.log(a) - np.log(before), -np.inf)[ix]
    alive = expit(at.log_q - log_gone)
    alive_by_x = np.bincount(ix, weights=count * alive, minlength=xs.size)
    gone = np.where(repeats, by_x - alive_by_x, 0.0)

    value = at.value + by_x @ (betaln(a, b + xs) - betaln(a, b))
    value += count @ np.logaddexp(at.log_q, log_gone)
    d_a = by_x @ (digamma(a + b) - digamma(a + b + xs)) + gone.sum() / a
    d_b = by_x @ (digamma(b + xs) - digamma(b) + digamma(a + b) - digamma(a + b + xs))
    d_b -= gone @ (1 / before)
    d_r = at.d_r + (count * alive) @ at.dlog_q_ds
    d_alpha = at.d_alpha + (count * alive) @ at.dlog_q_dbeta
    return float(value), np.array([d_r * r, d_alpha * alpha, d_a * a, d_b * b])
