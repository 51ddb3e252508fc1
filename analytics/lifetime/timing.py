"""What every timing model answers, whatever it assumes about leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from .erlang import Rows, expected_if_alive, stretch_at_log_rhythm
from .purchases import Floats, Summary


class Timing(Protocol):
    """The questions asked of a fitted model; weeks in and out, arrays of shape (n,).

    `rhythm`, `silence_at_rhythm` and `p_silent` never need the chance of leaving;
    where a model does not know it, `p_alive` and `silence_at_p_alive` are NaN.
    """

    name: ClassVar[str]

    def p_alive(self, rows: Summary) -> Floats: ...
    def p_silent(self, rows: Summary, horizon: float) -> Floats: ...
    def rhythm(self, rows: Summary) -> Floats: ...
    def expected_purchases(self, rows: Summary, horizon: float) -> Floats: ...
    def expected_if_alive(self, rows: Summary, horizon: float) -> Floats: ...
    def silence_at_rhythm(self, rows: Summary, threshold: float) -> Floats: ...
    def silence_at_p_alive(self, rows: Summary, threshold: float) -> Floats: ...
    def as_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Fit:
    """A model, how well it fits and whether it may be used.

    log_likelihood: without the prior, gap terms included, so that models of
    different k can be compared. `degenerate` is None or the reason: "too_few"
    (no repeat purchases), "not_converged", "runs_away", "nobody_leaves" (the
    data do not tell leavers from the silent).
    """

    model: Any
    log_likelihood: float
    customers: float
    converged: bool
    degenerate: str | None
    evaluations: int

    @property
    def usable(self) -> bool:
        return self.degenerate is None


@dataclass(frozen=True)
class Parameters:
    """Positive numbers that go to JSON and back."""

    def as_dict(self) -> dict[str, Any]:
        return {"model": self.name, **asdict(self)}  # type: ignore[attr-defined]

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        return cls(**{key: value for key, value in stored.items() if key != "model"})

    def __post_init__(self) -> None:
        if not all(np.isfinite(v) and v > 0 for v in asdict(self).values()):
            raise ValueError(f"{type(self).__name__} needs positive numbers: {self}")


class ErlangTiming:
    """Answers that need only the stage rates: r, alpha and k of the model."""

    r: float
    alpha: float
    k: int

    def rows(self, rows: Summary) -> Rows:
        return Rows.of(rows, self.r, self.alpha, self.k)

    def rhythm(self, rows: Summary) -> Floats:
        """q: the chance that a customer, if still one, stays silent so long."""
        return np.exp(self.rows(rows).log_rhythm())

    def silence_at_rhythm(self, rows: Summary, threshold: float) -> Floats:
        """The silence in weeks at which q falls to the threshold."""
        return self.silence_at(rows, lambda x: np.full_like(x, np.log(threshold)))

    def silence_at(self, rows: Summary, log_q: Callable[[Floats], Floats]) -> Floats:
        """The silence in weeks at which ln q falls to log_q(x): solved once for each x."""
        xs, ix = rows.by_purchases
        stretch = stretch_at_log_rhythm(self.r + self.k * xs, log_q(xs), self.k)
        with np.errstate(over="ignore"):
            return (self.alpha + rows.t_x) * np.expm1(stretch)[ix]

    def expected_with(self, rows: Summary, horizon: float, a: float, survived: Floats) -> Floats:
        return expected_if_alive(self.rows(rows), horizon, a, survived)


NEVER = 36_525.0  # days: a date a century away is no date


def day_after(silence: Floats) -> Floats:
    """The first whole day of silence beyond a threshold; inf for never, NaN stays.

    silence: weeks, shape (n,). Rounded first, so that the last bits of a float
    never move a date.
    """
    days = np.floor(np.round(silence * 7.0, 6)) + 1.0
    return np.where(days > NEVER, np.inf, days)
