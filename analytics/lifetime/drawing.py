"""What one customer may buy and spend, drawn at random from what a model knows of them. NumPy alone: pages draw too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .purchases import Floats, Ints

SURELY_STAYS = 1e-12


@dataclass(frozen=True)
class Range:
    """Of one customer: eight of ten end between low and high."""

    expected: float
    low: float
    high: float

    @classmethod
    def of(cls, drawn: Floats | Ints) -> Range:
        low, high = np.quantile(drawn, [0.1, 0.9])
        return cls(float(drawn.mean()), float(low), float(high))


@dataclass(frozen=True)
class History:
    """x repeat purchases, silent for so many of the T weeks since the first; alive: the chance of being a customer."""

    x: float
    T: float
    silence: float
    alive: float

    def bought(self, model: dict[str, Any], weeks: float, draws: int, random: np.random.Generator) -> Ints:
        """Purchases in the next `weeks`; model: the parameters of a timing model. One of a and b less is NBD.

        Stages come as Poisson's process has it, each k of them a purchase, until the one after which they leave.
        """
        k = int(model["k"])
        done = random.choice(k, draws, p=self._stages_done(model))
        rate = random.gamma(model["r"] + k * self.x + done, 1 / (model["alpha"] + self.T))
        bought = (done + random.poisson(rate * weeks)) // k
        if "a" in model:
            leaving = random.beta(model["a"], model["b"] + self.x + 1, draws)
            bought = np.minimum(bought, random.geometric(np.maximum(leaving, SURELY_STAYS)))
            bought = np.where(random.random(draws) < self.alive, bought, 0)
        return bought.astype(np.int64)

    def _stages_done(self, model: dict[str, Any]) -> Floats:
        """Chances of 0 … k-1 stages passed in the silence, given that nothing was bought."""
        k, share = int(model["k"]), self.silence / (model["alpha"] + self.T)
        weights, s = np.ones(k), model["r"] + k * self.x
        for j in range(1, k):
            weights[j] = weights[j - 1] * (s + j - 1) / j * share
        chances: Floats = weights / weights.sum()
        return chances


def spent(bought: Ints, p: float, shape: float, scale: float, random: np.random.Generator) -> Floats:
    """What these purchases cost together, the rate of a customer's spends being gamma(shape, scale)."""
    rate = random.gamma(shape, 1 / scale, bought.size)
    found: Floats = np.where(bought > 0, random.gamma(np.maximum(p * bought, 1e-12)) / rate, 0.0)
    return found
