"""Gaps of k exponential stages whose rate differs between customers.

Given x repeat purchases, the last t_x weeks after the first, a customer's stage
rate is gamma with shape s = r + k x and rate beta = alpha + t_x (Reutterer,
Platzer & Schröder 2020). What the models share follows from that alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from .purchases import Flags, Floats, Ints, Summary

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


def stretch_at_log_rhythm(s: Floats, log_q: Floats, k: int) -> Floats:
    """ln(1 + τ/beta) at which ln q falls to log_q (0 where log_q >= 0), shape (n,).

    ln q is concave in it, so Newton's steps from above the root never overshoot.
    """
    log_q = np.minimum(log_q, 0.0)
    if k == 1:
        return -log_q / s
    never = log_q == -np.inf
    return np.where(never, np.inf, _newton(s, np.where(never, 0.0, log_q), k))


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
    today: Floats  # alpha + T, the rate today
    silence: Floats
    k: int

    @classmethod
    def of(cls, rows: Summary, r: float, alpha: float, k: int) -> Rows:
        return cls(rows.x, r + k * rows.x, alpha + rows.t_x, alpha + rows.T, rows.silence, k)

    def log_rhythm(self, more: float = 0.0) -> Floats:
        return log_rhythm(self.s, self.beta, self.silence + more, self.k)


def expected_if_alive(rows: Rows, horizon: float, a: float, survived: Floats) -> Floats:
    """Purchases expected in the next `horizon` weeks of those still customers, (n,).

    A customer who has survived `survived` (shape (n,), b included) chances to
    leave survives the next with probability survived/(a + survived), and so on;
    a = 0 means that nobody leaves. With l stages passed between the last purchase
    and the horizon, fewer than k of them before today, the expectation is

        Σ_{j<k} (τ/H)^j F_j / Σ_{j<k} Γ(s+j)/(Γ(s) j!) (τ/(α+T))^j
        F_j = Σ_l NB(l; s, H/(α+T+H)) C(l,j) G(⌊l/k⌋),  G(n) = Σ_{i<n} (c)_i/(c+a)_i

    F depends on x and T alone, so it is summed once for each pair of them.
    """
    if horizon <= 0:
        return np.zeros_like(rows.s)
    first, pair = _pairs(rows)
    sums = _sums(rows.x[first], rows.s[first], rows.today[first], survived[first], horizon, a, rows.k)
    ratio, total = rows.silence / horizon, np.zeros_like(rows.s)
    for j in range(rows.k - 1, -1, -1):
        total = total * ratio + sums[j][pair]
    return total / stage_sum(rows.s, rows.silence / rows.today, rows.k)


def _pairs(rows: Rows) -> tuple[Ints, Ints]:
    """One row for each different (x, T), and for each row the number of its pair."""
    order = np.lexsort((rows.today, rows.x))
    new = np.ones(order.size, dtype=bool)
    new[1:] = (np.diff(rows.x[order]) != 0) | (np.diff(rows.today[order]) != 0)
    pair = np.empty(order.size, dtype=np.int64)
    pair[order] = np.cumsum(new) - 1
    return order[new], pair


def _sums(x: Floats, s: Floats, today: Floats, survived: Floats, horizon: float, a: float, k: int) -> Floats:
    """F_j of shape (k, pairs); a sum whose tail is not negligible is made twice as long."""
    sums = np.empty((k, x.size))
    length = _enough_terms(s + k, horizon / today)
    pending = np.arange(x.size)
    while pending.size:
        done = np.zeros(pending.size, dtype=bool)
        for block in _blocks(x[pending], length[pending]):
            at = pending[block]
            one = at[0]  # x, and with it s and survived, is the same in a block
            chances = _purchases(survived[one], a, k, length[one])
            sums[:, at], done[block] = _block_sums(s[one], today[at], horizon, chances, k)
        pending = pending[~done]
        length[pending] *= 2
    return sums


def _enough_terms(s: Floats, odds: Floats) -> Ints:
    """A first guess of the number of terms, rounded up to 2^n: a few long blocks are quicker than many that fit."""
    mean = s * odds
    terms = mean + 6 * np.sqrt(mean * (1 + odds)) + 16 / np.log1p(1 / odds) + 4
    return np.exp2(np.ceil(np.log2(terms))).astype(np.int64)


def _blocks(x: Floats, length: Ints) -> Iterator[Ints]:
    """Index arrays of rows with equal x and length, small enough for the cache."""
    order = np.lexsort((length, x))
    changes = (np.diff(x[order]) != 0) | (np.diff(length[order]) != 0)
    for same in np.split(order, np.flatnonzero(changes) + 1):
        step = max(1, CELLS // int(length[same[0]]))
        for start in range(0, same.size, step):
            yield same[start : start + step]


def _purchases(survived: float, a: float, k: int, length: int) -> Floats:
    """G(⌊l/k⌋) for l = k … k+length-1: what l stages bring."""
    i = np.arange(length // k + 1, dtype=np.float64)
    chances = np.cumprod(np.append(1.0, (survived + i) / (survived + a + i)))
    return np.repeat(np.cumsum(chances), k)[:length]


def _block_sums(s: float, today: Floats, horizon: float, counts: Floats, k: int) -> tuple[Floats, Flags]:
    """F_j for one x, shape (k, n), and whether what was left out is negligible."""
    stages = np.arange(k, k + counts.size, dtype=np.float64)
    log_share = -np.log1p(today / horizon)  # ln of H/(α+T+H)
    terms = np.multiply.outer(log_share, stages)
    terms += gammaln(s + stages) - gammaln(s) - gammaln(stages + 1)
    terms -= (s * np.log1p(horizon / today))[:, None]
    np.exp(terms, out=terms)

    sums = np.empty((k, today.size))
    for j in range(k):
        sums[j] = np.einsum("ij,j->i", terms, counts)
        last = counts[-1]
        counts = counts * (stages - j) / (j + 1)
    tail = terms[:, -1] * last * _tail(s, np.exp(log_share), stages[-1], k)
    return sums, tail <= PRECISION * sums[k - 1]


def _tail(s: float, share: Floats, n: float, k: int) -> Floats:
    """Bounds the terms after the n-th, in units of it, by a geometric series; inf if it diverges."""
    ratio = share * max(1.0, (s + n) / (n + 1)) * (n + 1) / (n + 2 - k) * (n + 1 + k) / n
    return np.where(ratio < 1, (n + k) / n * ratio / np.maximum(1 - ratio, 1e-300), np.inf)
