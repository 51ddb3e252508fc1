"""Gamma–gamma: what a customer spends per purchase (Fader & Hardie 2013).

Each spend is gamma(p, ν) and ν gamma(q, γ) between customers, independent of how
often they buy. Fitted on repeat purchases of value > 0, the first left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from .fitting import PART, ROUGH, Optimum, maximise
from .purchases import Floats
from .timing import Parameters

CORRELATION_TO_WARN = 0.3
FEWEST_CUSTOMERS = 10


@dataclass(frozen=True)
class GammaGamma(Parameters):
    """p, q: shapes; gamma: in the money of the spends."""

    name: ClassVar[str] = "gamma_gamma"
    p: float
    q: float
    gamma: float

    @property
    def population_mean(self) -> float:
        """Mean spend per purchase over all customers; inf when q <= 1."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else np.inf

    def expected_spend(self, purchases: ArrayLike, mean_spend: ArrayLike) -> Floats:
        """Spend per future purchase, (n,): between the customer's mean and the shop's.

        purchases: repeat purchases of value > 0 behind the mean; with 0 the mean
        spend is not looked at.
        """
        n = np.asarray(purchases, dtype=np.float64)
        mean = np.where(n > 0, np.asarray(mean_spend, dtype=np.float64), 0.0)
        weight = self.p * n + self.q - 1
        seen = np.where(n > 0, self.p * (self.gamma + n * mean), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(n > 0, seen / weight, self.population_mean)


@dataclass(frozen=True)
class SpendFit:
    """degenerate: None, "too_few", "not_converged", "runs_away" or "no_mean" (q <= 1).

    correlation: of ranks, number of purchases with mean spend; the model assumes 0.
    """

    model: GammaGamma
    log_likelihood: float
    customers: int
    converged: bool
    degenerate: str | None
    correlation: float

    @property
    def usable(self) -> bool:
        return self.degenerate is None

    @property
    def correlated(self) -> bool:
        """Spend depends on frequency: values of frequent buyers are doubtful."""
        noise = 1.96 / np.sqrt(max(self.customers - 1, 1))
        return abs(self.correlation) > max(CORRELATION_TO_WARN, noise)


def fit(purchases: ArrayLike, mean_spend: ArrayLike, prior: bool = True) -> SpendFit:
    """purchases: repeat purchases of value > 0; mean_spend: their mean; shape (n,).

    Rows without either are left out. Money is scaled by its mean first, so that
    the prior means the same in every currency.
    """
    n = np.asarray(purchases, dtype=np.float64)
    mean = np.asarray(mean_spend, dtype=np.float64)
    kept = (n > 0) & (mean > 0)
    n, mean = n[kept], mean[kept]
    if n.size < FEWEST_CUSTOMERS:
        return SpendFit(GammaGamma(1.0, 2.0, 1.0), -np.inf, n.size, False, "too_few", 0.0)

    unit = float(n @ mean / n.sum())
    best = _maximised(n, mean / unit, prior)
    p, q, gamma = (float(v) for v in np.exp(best.theta))
    model = GammaGamma(p, q, gamma * unit)
    value = best.log_likelihood - n.size * np.log(unit)
    reason = _degenerate(best, model)
    return SpendFit(model, float(value), n.size, best.converged, reason, _correlation(n, mean))


def _maximised(n: Floats, mean: Floats, prior: bool) -> Optimum:
    """Of many, every n-th first, which is cheap."""
    start, hessian, every = np.log([2.0, 3.0, 1.0]), None, n.size // PART
    if every > 1:
        part = _Spends(n[::every], mean[::every])
        first = maximise(part.value_and_gradient, start, float(part.n.size), prior, until=ROUGH)
        start, hessian = first.theta, first.inverse_hessian
    return maximise(_Spends(n, mean).value_and_gradient, start, float(n.size), prior, hessian)


class _Spends:
    """Mean spends prepared for many evaluations."""

    def __init__(self, n: Floats, mean: Floats) -> None:
        self.n, self.total = n, n * mean
        self.log_mean, self.log_total = float(np.log(mean).sum()), np.log(n * mean)
        self.ns, self.ix = np.unique(n, return_inverse=True)
        self.by_n = np.bincount(self.ix).astype(np.float64)

    def value_and_gradient(self, theta: Floats) -> tuple[float, Floats]:
        p, q, gamma = np.exp(theta)
        size, by_n, a = self.n.size, self.by_n, p * self.ns
        log_sum = np.log(gamma + self.total)
        value = by_n @ (gammaln(a + q) - gammaln(a)) - size * gammaln(q)
        value += size * q * np.log(gamma) + p * (self.n @ self.log_total) - self.log_mean
        value -= (p * self.n + q) @ log_sum

        both = digamma(a + q)
        d_p = by_n @ (self.ns * (both - digamma(a))) + self.n @ (self.log_total - log_sum)
        d_q = by_n @ both + size * (np.log(gamma) - digamma(q)) - log_sum.sum()
        d_gamma = size * q / gamma - np.sum((p * self.n + q) / (gamma + self.total))
        return float(value), np.array([d_p * p, d_q * q, d_gamma * gamma])


def _degenerate(best, model: GammaGamma) -> str | None:
    if not best.converged:
        return "not_converged"
    if best.ran_away:
        return "runs_away"
    return None if model.q > 1 else "no_mean"


def _correlation(n: Floats, mean: Floats) -> float:
    ranks = np.stack([_ranks(n), _ranks(mean)])
    if np.any(np.ptp(ranks, axis=1) == 0):
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(values: Floats) -> Floats:
    """From 1 on; equal ones share the middle of their places."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]
