"""What may come, drawn at random from a fitted model: for one customer, and for a whole shop like this one."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import drawing, gamma_gamma, mbg_cnbd, nbd
from .blend import Blend
from .drawing import History, Range
from .gamma_gamma import GammaGamma
from .mbg_cnbd import MbgCnbd
from .nbd import Nbd
from .purchases import Floats, Ints, Summary

__all__ = ["Range"]

DRAWS = 4_000
SHOPS = 20  # drawn for the interval of a total
CUSTOMERS = 800  # in each


def purchases_of(timing: Any, row: Summary, weeks: float, seed: int = 1, draws: int = DRAWS) -> Ints:
    """Purchases of one customer (a row of one) in the next `weeks`, drawn `draws` times."""
    random = np.random.default_rng(seed)
    if isinstance(timing, Blend):
        of_staying = int(random.binomial(draws, timing.shares.of_purchases))
        parts = [(timing.model, draws - of_staying), (timing.shares.staying, of_staying)]
        return np.concatenate([_drawn(model, row, weeks, n, random) for model, n in parts])
    return _drawn(timing, row, weeks, draws, random)


def _drawn(model: Any, row: Summary, weeks: float, draws: int, random: np.random.Generator) -> Ints:
    """As the posterior has it: still a customer or not, so many stages done since the last purchase, a rate of them."""
    history = History(row.x[0], row.T[0], row.silence[0], model.p_alive(row)[0])
    return history.bought(model.as_dict(), weeks, draws, random)


def spend_of(bought: Ints, model: GammaGamma, purchases: float, mean: float, seed: int = 1) -> Floats:
    """What these purchases cost together; purchases, mean: repeat purchases of value so far, and their mean."""
    shape, scale = model.q + model.p * purchases, model.gamma + purchases * mean
    return drawing.spent(bought, model.p, shape, scale, np.random.default_rng(seed))


# ---- totals -----------------------------------------------------------------------------------------


def misses(fitted: Any, T: Floats, weeks: float, seed: int = 1, shops: int = 0) -> Floats:
    """By how much the total of purchases is missed, as a share of it, in shops drawn from the model itself.

    Each is fitted anew and foretold from its own figures (a parametric bootstrap), so both what is not known of the
    parameters and what customers leave to chance are in it. Of a large shop a part is drawn.
    """
    random = np.random.default_rng(seed)
    model = fitted.model if isinstance(fitted, Blend) else fitted
    size = min(T.size, CUSTOMERS)
    found = [_missed(model, random.choice(T, size), weeks, random) for _ in range(shops or SHOPS)]
    return np.array(found) * np.sqrt(size / T.size)


def between(missed: Floats) -> tuple[float, float]:
    """The 95 % interval of what is missed; so few shops tell their spread, but not their outermost."""
    half = 1.96 * float(missed.std(ddof=1))
    return float(missed.mean()) - half, float(missed.mean()) + half


def _missed(model: Any, T: Floats, weeks: float, random: np.random.Generator) -> float:
    rows, after = simulated(model, T, weeks, random)
    refit = nbd.fit(rows, model.k) if isinstance(model, Nbd) else mbg_cnbd.fit(rows, model.k)
    foretold = float(refit.model.expected_purchases(rows, weeks).sum())
    return float(after.sum()) / foretold - 1 if foretold else 0.0


def simulated(model: Any, T: Floats, weeks: float, random: np.random.Generator) -> tuple[Summary, Floats]:
    """Histories of customers seen for T weeks, and what each bought in the `weeks` after."""
    rate = random.gamma(model.r, 1 / model.alpha, T.size)
    leaving = random.beta(model.a, model.b, T.size) if isinstance(model, MbgCnbd) else np.zeros(T.size)
    now, x, t_x, after = (np.zeros(T.size) for _ in range(4))
    here = np.flatnonzero(random.random(T.size) >= leaving)
    while here.size:
        now[here] += random.gamma(model.k, size=here.size) / rate[here]
        seen = now[here] <= T[here]
        x[here[seen]] += 1
        t_x[here[seen]] = now[here[seen]]
        within = now[here] <= T[here] + weeks
        after[here[within & ~seen]] += 1
        here = here[within]
        here = here[random.random(here.size) >= leaving[here]]
    return Summary.of(x, t_x, T), after


def spend_misses(model: GammaGamma, purchases: Floats, seed: int = 1, shops: int = 0) -> Floats:
    """By how much the mean spend is missed, as a share of it, when it is fitted to spends drawn from the model."""
    random, n = np.random.default_rng(seed), purchases[purchases > 0]
    size = min(n.size, CUSTOMERS)
    found = []
    for _ in range(shops or SHOPS):
        some = random.choice(n, size)
        rate = random.gamma(model.q, 1 / model.gamma, size)
        refit = gamma_gamma.fit(some, random.gamma(model.p * some) / (rate * some))
        found.append(refit.model.population_mean / model.population_mean - 1 if refit.usable else 0.0)
    return np.array(found) * np.sqrt(size / n.size)
