"""The part of the log-likelihood that models with Erlang-k gaps share."""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

import numpy as np
from scipy.special import digamma, gammaln

from .erlang import stage_sum
from .purchases import Floats, Summary


@dataclass(frozen=True)
class At:
    """Everything about r and alpha that value and gradient need, per group (n,).

    value = Σ count · (r ln α − ln Γ(r) + ln Γ(s) − s ln β): ln of α^r/Γ(r) · L(0).
    """

    value: float
    d_r: float
    d_alpha: float
    log_q: Floats
    dlog_q_ds: Floats
    dlog_q_dbeta: Floats


class Rates:
    """Grouped histories prepared for many evaluations of one k."""

    def __init__(self, rows: Summary, k: int) -> None:
        self.rows = rows
        self.k = k
        self.xs, self.ix = rows.by_purchases
        self.by_x = np.bincount(self.ix, weights=rows.count)
        self.silence = rows.silence

    def start(self) -> Floats:
        """ln r and ln alpha with the observed mean rate of stages."""
        seen = max(float(self.rows.count @ self.rows.T), 1.0)
        rate = self.k * self.rows.repeat_purchases / seen
        return np.array([0.0, -np.log(rate)])

    def gap_terms(self) -> float:
        """Terms free of the parameters, without which no two k compare."""
        return (self.k - 1) * float(self.rows.log_gaps.sum()) - self.rows.repeat_purchases * lgamma(self.k)

    def at(self, r: float, alpha: float) -> At:
        k, count, ix = self.k, self.rows.count, self.ix
        s_of_x = r + k * self.xs
        s = s_of_x[ix]
        beta = alpha + self.rows.t_x
        log_beta = np.log(beta)
        ratio = self.silence / beta
        used = ratio / (1 + ratio)
        log_left = np.log1p(ratio)
        log_q, ds, dbeta = self._rhythm(s, s_of_x, beta, used, log_left)

        n = self.by_x.sum()
        log_alpha = np.log(alpha)
        value = n * (r * log_alpha - gammaln(r)) + self.by_x @ gammaln(s_of_x)
        sum_log_beta = count @ log_beta
        value -= count @ (s * log_beta)
        d_r = n * (log_alpha - digamma(r)) + self.by_x @ digamma(s_of_x) - sum_log_beta
        d_alpha = n * r / alpha - count @ (s / beta)
        return At(float(value), float(d_r), float(d_alpha), log_q, ds, dbeta)

    def _rhythm(self, s, s_of_x, beta, used, log_left):
        """ln q and its derivatives by s and beta."""
        k = self.k
        if k == 1:
            return -s * log_left, -log_left, s * used / beta
        total = stage_sum(s, used, k)
        slope = _stage_slopes(s_of_x, k)
        by_s = np.zeros_like(used)
        for j in range(k - 1, 0, -1):
            by_s = (by_s + slope[j][self.ix]) * used
        top = s_of_x.copy()
        for j in range(1, k):
            top *= (s_of_x + j) / j
        log_q = np.log(total) - s * log_left
        return log_q, by_s / total - log_left, top[self.ix] * used**k / (beta * total)


def _stage_slopes(s: Floats, k: int) -> list[Floats]:
    """Derivatives by s of Γ(s+j)/(Γ(s) j!), j = 0 … k-1, each of the shape of s."""
    slopes = [np.zeros_like(s)]
    term, inverse = np.ones_like(s), np.zeros_like(s)
    for j in range(1, k):
        term = term * (s + (j - 1)) / j
        inverse = inverse + 1 / (s + (j - 1))
        slopes.append(term * inverse)
    return slopes
