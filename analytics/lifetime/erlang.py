"""Gaps of k exponential stages whose rate differs between customers.

Given x repeat purchases, the last t_x weeks after the first, a customer's stage
rate is gamma with shape s = r + k x and rate beta = alpha + t_x (Reutterer,
Platzer & Schröder 2020). What the models share follows from that alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from .purchases import Floats, Summary

PRECISION = 1e-10  # relative, of the neglected tail of an expected count
STEPS = 60  # of Newton's method; 5 to 8 are usual
CELLS = 1 << 19  # of the matrix worked on at once


def stage_sum(s: Floats, u: Floats, k: int) -> Floats:
    """Σ_{j<k} Γ(s+j)/(Γ(s) j!) u^j for s, u of shape (n,)."""
    total = np.ones_like(u)
    term = np.ones_like(u)
    for j in range(1, k):
        term = term * ((s + (j - 1)) / j) * u
        total += term
    return total


def log_rhythm(s: Floats, beta: Floats, silence: Floats, k: int) -> Floats:
    """ln q: the chance that a customer who still is one stays silent so long.

    q(τ) = L(τ)/L(0); s, beta, silence (weeks) of shape (n,).
    """
    ratio = silence / beta
    decay = -s * np.log1p(ratio)
    return decay if k == 1 else decay + np.log(stage_sum(s, ratio / (1 + ratio), k))


def silence_at_log_rhythm(s: Floats, beta: Floats, log_q: Floats, k: int) -> Floats:
    """The silence in weeks at which ln q falls to log_q (0 where log_q >= 0).

    In w = ln(1 + τ/beta) ln q is concave, so Newton's steps from above the root
    never overshoot it.
    """
    log_q = np.minimum(log_q, 0.0)
    w = -log_q / s
    if k > 1:
        ever = log_q == -np.inf
        w = np.where(ever, np.inf, _newton(s, np.where(ever, 0.0, log_q), k))
    with np.errstate(over="ignore"):
        return beta * np.expm1(w)


def _newton(s: Floats, log_q: Floats, k: int) -> Floats:
    w = (np.log(stage_sum(s, np.ones_like(s), k)) - log_q) / s
    moving = np.flatnonzero(log_q < 0)
    w[log_q >= 0] = 0.0
    for _ in range(STEPS):
        at, left = s[moving], np.exp(-w[moving])
        total, slope = _stage_sum_and_slope(at, 1 - left, k)
        value = np.log(total) - at * w[moving] - log_q[moving]
        step = np.maximum(value / (slope / total * left - at), 0.0)
        w[moving] -= step
        moving = moving[step > 1e-13 * w[moving]]
        if not moving.size:
            break
    return w


def _stage_sum_and_slope(s: Floats, u: Floats, k: int) -> tuple[Floats, Floats]:
    """The stage sum and its derivative by u."""
    total, slope, term = np.ones_like(u), np.zeros_like(u), np.ones_like(u)
    for j in range(1, k):
        term = term * ((s + (j - 1)) / j)
        slope += j * term
        term = term * u
        total += term
    return total, slope


@dataclass(frozen=True)
class Rows:
    """Unconditional posterior of the histories: stage rates gamma(s, beta)."""

    x: Floats
    s: Floats
    beta: Floats
    silence: Floats
    k: int

    @classmethod
    def of(cls, rows: Summary, r: float, alpha: float, k: int) -> Rows:
        return cls(rows.x, r + k * rows.x, alpha + rows.t_x, rows.silence, k)

    def log_rhythm(self, more: float = 0.0) -> Floats:
        return log_rhythm(self.s, self.beta, self.silence + more, self.k)

    def silence_at(self, log_q: Floats) -> Floats:
        return silence_at_log_rhythm(self.s, self.beta, log_q, self.k)


def expected_if_alive(rows: Rows, horizon: float, a: float, survived: Floats) -> Floats:
    """Purchases expected in the next `horizon` weeks of those still customers, (n,).

    A customer who has survived `survived` (shape (n,), b included) chances to
    leave survives the next with probability survived/(a + survived), and so on;
    a = 0 means that nobody leaves. With l stages passed since the last purchase
    until the horizon, of which fewer than k before today, the expectation is

        Σ_l NB(l; s, H/(α+T+H)) Σ_{j<k} C(l,j) (τ/H)^j G(⌊l/k⌋) / Σ_{j<k} …

    G(n) = Σ_{i<n} (c)_i/(c+a)_i. Rows with equal x share the coefficients, so
    each row costs one exp per l.
    """
    result = np.zeros_like(rows.s)
    if horizon <= 0:
        return result
    pending = np.arange(rows.s.size)
    length = _enough_terms(rows, horizon)
    while pending.size:
        exact = np.zeros(pending.size, dtype=bool)
        for block in _blocks(rows.x[pending], length[pending]):
            at = pending[block]
            result[at], exact[block] = _sum(rows, at, horizon, a, survived, length[at[0]])
        pending = pending[~exact]
        length[pending] *= 2
    return result


def _open(rows: Rows, at) -> Floats:
    """α + T: the rate of the posterior today."""
    return rows.beta[at] + rows.silence[at]


def _enough_terms(rows: Rows, horizon: float) -> np.ndarray:
    """A first guess per row of the number of terms, rounded up to 2^n or 3·2^n."""
    odds = horizon / _open(rows, slice(None))
    s = rows.s + rows.k
    mean = s * odds
    terms = mean + 6 * np.sqrt(mean * (1 + odds)) + 24 / np.log1p(1 / odds) + 2 * rows.k
    power = np.exp2(np.ceil(np.log2(terms)))
    return np.where(terms <= 0.75 * power, 0.75 * power, power).astype(np.int64)


def _blocks(x: Floats, length: np.ndarray):
    """Index arrays of rows with equal x and length, small enough for the cache."""
    order = np.lexsort((length, x))
    changes = (np.diff(x[order]) != 0) | (np.diff(length[order]) != 0)
    for same in np.split(order, np.flatnonzero(changes) + 1):
        step = max(1, CELLS // int(length[same[0]]))
        for start in range(0, same.size, step):
            yield same[start : start + step]


def _sum(rows: Rows, at, horizon: float, a: float, survived: Floats, length: int):
    """The sum over `length` terms for rows `at`, and whether its tail is negligible."""
    k, s, today = rows.k, float(rows.s[at[0]]), _open(rows, at)
    stages = np.arange(k, k + length, dtype=np.float64)
    log_share = -np.log1p(today / horizon)  # ln of H/(α+T+H)
    log_nb = gammaln(s + stages) - gammaln(s) - gammaln(stages + 1)
    log_nb = log_nb + np.outer(log_share, stages)
    log_nb -= (s * np.log1p(horizon / today))[:, None]
    terms = np.exp(log_nb)

    counts = _purchases(float(survived[at[0]]), a, k, length)
    ratio = rows.silence[at] / horizon
    used = rows.silence[at] / today
    total = np.zeros(at.size)
    last = np.zeros(at.size)
    choose = counts
    power = np.ones(at.size)
    for j in range(k):
        total += power * (terms * choose).sum(axis=1)
        last += power * terms[:, -1] * choose[-1]
        choose = choose * (stages - j) / (j + 1)
        power = power * ratio
    norm = stage_sum(np.full(at.size, s), used, k)
    return total / norm, _tail_is_small(total, last, s, np.exp(log_share), stages[-1], k)


def _purchases(survived: float, a: float, k: int, length: int) -> Floats:
    """G(⌊l/k⌋) for l = k … k+length-1."""
    i = np.arange(length // k + 1, dtype=np.float64)
    chances = np.cumprod(np.append(1.0, (survived + i) / (survived + a + i)))
    return np.repeat(np.cumsum(chances), k)[:length]


def _tail_is_small(total, last, s: float, share: Floats, n: float, k: int):
    """Bounds what follows the last term by a geometric series."""
    growth = max(1.0, (s + n) / (n + 1)) * (n + 1) / (n + 2 - k) * (n + 1 + k) / n
    ratio = share * growth
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = last * (n + k) / n * ratio / (1 - ratio)
    return (ratio < 1) & (tail <= PRECISION * total)
