"""MBG/CNBD-k: regular gaps, and a chance to leave after every purchase.

Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007 (k = 1); Reutterer,
Platzer & Schröder 2020 (Erlang-k gaps). The stage rate is gamma(r, alpha), the
chance to leave beta(a, b); leaving is possible after the first purchase too, so a
one-time buyer is not taken for a customer for ever.

With q the own rhythm, alive : gone = (b + x) q : a. Everything is computed
from ln q, so nothing over- or underflows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from scipy.special import betaln, digamma, expit

from . import nbd
from .fitting import EXACT, PART, ROUGH, Optimum, maximise
from .likelihood import Rates
from .purchases import Floats, Summary
from .timing import ErlangTiming, Fit, Parameters

STAGES = (1, 2, 3, 4)
CLEARLY = 20.0  # of log-likelihood in that part
WORTH_TWO_PARAMETERS = 2.0  # of log-likelihood (AIC)


@dataclass(frozen=True)
class MbgCnbd(ErlangTiming, Parameters):
    """r, alpha (weeks): stage rates; a, b: chance to leave; k: stages per gap."""

    name: ClassVar[str] = "mbg_cnbd"
    r: float
    alpha: float
    a: float
    b: float
    k: int = 1

    def log_odds_gone(self, x: Floats) -> Floats:
        """ln of gone : alive just after the last purchase, shape (n,)."""
        return np.log(self.a) - np.log(self.b + x)

    def p_alive(self, rows: Summary) -> Floats:
        """P(still a customer), shape (n,)."""
        return expit(self.rows(rows).log_rhythm() - self.log_odds_gone(rows.x))

    def p_silent(self, rows: Summary, horizon: float) -> Floats:
        """P(no purchase in the next `horizon` weeks), gone or not, shape (n,)."""
        posterior, gone = self.rows(rows), self.log_odds_gone(rows.x)
        later = np.logaddexp(gone, posterior.log_rhythm(horizon))
        return np.exp(later - np.logaddexp(gone, posterior.log_rhythm()))

    def expected_if_alive(self, rows: Summary, horizon: float) -> Floats:
        """Purchases in the next `horizon` weeks of those still customers, (n,)."""
        return self.expected_with(rows, horizon, self.a, self.b + rows.x + 1)

    def expected_purchases(self, rows: Summary, horizon: float) -> Floats:
        """Purchases in the next `horizon` weeks, shape (n,)."""
        return self.p_alive(rows) * self.expected_if_alive(rows, horizon)

    def silence_at_p_alive(self, rows: Summary, threshold: float) -> Floats:
        """The silence in weeks at which P(alive) falls to the threshold, (n,).

        0 for whom it is no higher just after a purchase.
        """
        odds = np.log(threshold) - np.log1p(-threshold)
        return self.silence_at(rows, lambda x: self.log_odds_gone(x) + odds)


def fit(summary: Summary, k: int = 1, prior: bool = True) -> Fit:
    """Fits r, alpha, a, b. The log-likelihood includes the gap terms."""
    rows, _ = summary.grouped()
    return _Search(rows, k, prior).fit()


def choose_k(summary: Summary, ks: Sequence[int] = STAGES, prior: bool = True) -> Fit:
    """The best usable fit among `ks` by log-likelihood; else NBD, its best k."""
    return best_of(candidates(summary, ks, prior))


def candidates(summary: Summary, ks: Sequence[int] = STAGES, prior: bool = True) -> list[Fit]:
    """A fit for each k, the most promising first; where none is of use, NBD's after them.

    Of many groups a part says which k are out of the question: they are "clearly_worse".
    """
    rows, _ = summary.grouped()
    searches: list[_Search] = []
    for k in ks:
        searches.append(_Search(rows, k, prior, searches[-1] if searches else None))
    searches.sort(key=lambda search: -search.promise)
    fits: list[Fit] = []
    for search in searches:
        beaten = any(fit.usable for fit in fits) and search.promise < searches[0].promise - CLEARLY
        fits.append(search.given_up() if beaten else search.fit())
    if not any(fit.usable for fit in fits):
        fits += [nbd.fit(rows, k, prior) for k in ks]
    return fits


def best_of(fits: Sequence[Fit]) -> Fit:
    """By log-likelihood; without a usable one, the last tried."""
    usable = [found for found in fits if found.usable]
    return max(usable, key=lambda found: found.log_likelihood) if usable else fits[-1]


def log_likelihood(model: MbgCnbd, summary: Summary) -> float:
    """Of given parameters, gap terms included."""
    rates = Rates(summary.grouped()[0], model.k)
    theta = np.log([model.r, model.alpha, model.a, model.b])
    return float(value_and_gradient(theta, rates)[0] + rates.gap_terms())


class _Search:
    """The fit of one k. Many groups are first fitted by every n-th of them, which is cheap."""

    def __init__(self, rows: Summary, k: int, prior: bool, neighbour: _Search | None = None) -> None:
        """neighbour: the search of another k, whose end is a good beginning."""
        self.rows, self.k, self.prior = rows, k, prior
        self.every = len(rows) // PART if len(rows) >= 2 * PART else 1
        self.part = rows.thinned(self.every)
        self.possible = self.part.repeat_purchases > 0
        self.promise = -np.inf
        if self.possible:
            rates = Rates(self.part, k)
            until = ROUGH if self.every > 1 else EXACT
            self.first = self._maximise(rates, *self._start(rates, neighbour), until=until)
            self.promise = self.first.log_likelihood + rates.gap_terms()

    def _start(self, rates: Rates, neighbour: _Search | None) -> tuple[Floats, Floats | None]:
        if neighbour is None or not neighbour.possible or neighbour.first.ran_away:
            return np.append(rates.start(), [-0.5, 0.5]), None
        slower = np.log(neighbour.k / self.k)  # of more stages each is shorter
        return neighbour.first.theta + np.array([0.0, slower, 0.0, 0.0]), neighbour.first.inverse_hessian

    def fit(self) -> Fit:
        if not self.possible:
            return Fit(MbgCnbd(1.0, 1.0, 1.0, 1.0, self.k), -np.inf, self.rows.customers, False, "too_few", 0)

        best, value = self.first, self.promise
        if self.every > 1:
            rates = Rates(self.rows, self.k)
            best = self._maximise(rates, self.first.theta, self.first.inverse_hessian)
            value = best.log_likelihood + rates.gap_terms()
        r, alpha, a, b = (float(v) for v in np.exp(best.theta))
        model = MbgCnbd(r, alpha, a, b, self.k)
        reason = self._degenerate(best, value)
        return Fit(model, value, self.rows.customers, best.converged, reason, best.evaluations)

    def given_up(self) -> Fit:
        """By the part alone."""
        r, alpha, a, b = (float(v) for v in np.exp(self.first.theta))
        value = self.promise * self.rows.customers / self.part.customers
        model = MbgCnbd(r, alpha, a, b, self.k)
        return Fit(model, value, self.rows.customers, self.first.converged, "clearly_worse", self.first.evaluations)

    def _maximise(
        self, rates: Rates, start: Floats, inverse_hessian: Floats | None = None, until: float = EXACT
    ) -> Optimum:
        likelihood, customers = partial(value_and_gradient, rates=rates), rates.rows.customers
        return maximise(likelihood, start, customers, self.prior, inverse_hessian, until)

    def _degenerate(self, best: Optimum, value: float) -> str | None:
        """a → 0, b → ∞: leaving explains nothing that silence does not."""
        if not best.converged:
            return "not_converged"
        if best.ran_away:
            return "runs_away"
        if self.promise - self._staying(self.part) > CLEARLY:
            return None
        return "nobody_leaves" if value - self._staying(self.rows) < WORTH_TWO_PARAMETERS else None

    def _staying(self, rows: Summary) -> float:
        return nbd.fit(rows, self.k, prior=False).log_likelihood


def value_and_gradient(theta: Floats, rates: Rates) -> tuple[float, Floats]:
    """Log-likelihood without gap terms at theta = ln(r, alpha, a, b), and its gradient."""
    r, alpha, a, b = np.exp(theta)
    at = rates.at(r, alpha)
    xs, ix, by_x, count = rates.xs, rates.ix, rates.by_x, rates.rows.count
    log_odds = (np.log(b + xs) - np.log(a))[ix] + at.log_q
    rare = np.exp(-np.abs(log_odds))
    alive = np.where(log_odds > 0, 1.0, rare) / (1 + rare)
    weight = count * alive
    alive_by_x = np.bincount(ix, weights=weight, minlength=xs.size)
    gone = by_x.sum() - alive_by_x.sum()

    end = a + b + xs
    left = betaln(a, b + xs) - betaln(a, b) + np.log(a / end)
    value = at.value + by_x @ left + count @ (np.maximum(log_odds, 0.0) + np.log1p(rare))
    d_a = by_x @ (digamma(a + b) - digamma(end) - 1 / end) + gone / a
    d_b = by_x @ (digamma(b + xs) - digamma(b) + digamma(a + b) - digamma(end) - 1 / end)
    d_b += alive_by_x @ (1 / (b + xs))
    d_r = at.d_r + weight @ at.dlog_q_ds
    d_alpha = at.d_alpha + weight @ at.dlog_q_dbeta
    return float(value), np.array([d_r * r, d_alpha * alpha, d_a * a, d_b * b])
