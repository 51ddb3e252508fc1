"""What one customer may buy and spend in the next year: not worked out ahead, but drawn when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.lifetime.drawing import History, Range, spent
from analytics.models import Generation, Scores

DAYS, DRAWS = 365, 4_000
NOBODY_LEAVES = 1.0


@dataclass(frozen=True)
class NextYear:
    """nothing: how likely nothing at all is bought; value: None where spend cannot be foretold."""

    orders: Range
    value: Range | None
    nothing: float

    @classmethod
    def of(cls, scores: Scores, generation: Generation) -> NextYear | None:
        """The same each time: whoever asks again shall not read other numbers."""
        used, spend = generation.timing.get("used"), generation.spend.get("used")
        if not used or scores.expected_365 is None:
            return None
        random = np.random.default_rng(scores.pk)
        history = _history(scores, generation)
        bought = _bought(history, used, generation.timing.get("shares"), random)
        value = Range.of(_spent(bought, scores, spend, random)) if spend and scores.expected_spend else None
        return cls(Range.of(bought), value, float((bought == 0).mean()))


def _history(scores: Scores, generation: Generation) -> History:
    figures = scores.figures
    seen_until = max(generation.as_of, figures.last_on)
    T, silence = ((seen_until - day).days / 7 for day in (figures.first_on, figures.last_on))
    alive = NOBODY_LEAVES if scores.p_alive is None else scores.p_alive
    return History(figures.gaps, T, silence, alive)


def _bought(history: History, used: dict[str, Any], shares: dict[str, Any] | None, random: Any) -> Any:
    """As the forecast is blended: a share of the draws is of the model in which nobody leaves."""
    of_staying = int(random.binomial(DRAWS, shares["of_purchases"])) if shares else 0
    parts = [history.bought(used, DAYS / 7, DRAWS - of_staying, random)]
    if shares and of_staying:
        staying = {"r": shares["r"], "alpha": shares["alpha"], "k": 1}
        parts.append(history.bought(staying, DAYS / 7, of_staying, random))
    return np.concatenate(parts)


def _spent(bought: Any, scores: Scores, spend: dict[str, Any], random: Any) -> Any:
    """What is known of a customer's spends is in the spend that is expected of them."""
    p, shape = spend["p"], spend["q"] + spend["p"] * (scores.occasions - 1)
    scale = float(scores.expected_spend or 0) * (shape - 1) / p
    return spent(bought, p, shape, scale, random)
