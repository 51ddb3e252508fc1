"""Penalised maximum likelihood in log parameters, with the exact gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from .purchases import Floats

PRIOR_VARIANCE = 9.0  # N(0, 3²) on each log parameter
LIMIT = 18.0  # log parameters beyond this stand for "runs away"
CONVERGED = 1e-5  # of the gradient per customer
EXACT, ROUGH = 1e-8, 1e-4  # the gradient at which a search ends; roughly where the exact one only begins
STEPS = 10  # to the exact top at most; 2 to 4 are usual
PART = 4_000  # rows: enough to find the place where a fit of many begins

LogLikelihood = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Optimum:
    """theta: log parameters, shape (p,); log_likelihood: without the prior's share."""

    theta: Floats
    log_likelihood: float
    converged: bool
    ran_away: bool
    inverse_hessian: Floats
    evaluations: int


def maximise(
    log_likelihood: LogLikelihood,
    start: Floats,
    customers: float,
    prior: bool = True,
    inverse_hessian: Floats | None = None,
    until: float = EXACT,
) -> Optimum:
    """log_likelihood(theta) gives the value and its gradient, shape (p,).

    The objective is divided by the number of customers, so one tolerance fits
    shops of every size. A warm start brings the inverse Hessian of that objective.
    """
    options: dict[str, Any] = {"gtol": max(until, CONVERGED / 2), "maxiter": 500}
    if inverse_hessian is not None:
        options["hess_inv0"] = inverse_hessian
    objective = _objective(log_likelihood, customers, prior)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        found = minimize(objective, start, jac=True, method="BFGS", options=options)  # type: ignore[call-overload]
        x, gradient, steps = _to_the_top(objective, found, until)
        theta = np.clip(x, -LIMIT, LIMIT)
        value = log_likelihood(theta)[0]
    return Optimum(
        theta=theta,
        log_likelihood=float(value),
        converged=bool(np.isfinite(value)) and _steepest(gradient) < CONVERGED,
        ran_away=bool(np.any(np.abs(theta) >= LIMIT)),
        inverse_hessian=(found.hess_inv + found.hess_inv.T) / 2,
        evaluations=int(found.nfev) + steps,
    )


def _to_the_top(objective: LogLikelihood, found: Any, until: float) -> tuple[Floats, Floats, int]:
    """The last steps go by the gradient alone: close to the top the value of a large sum no longer tells.

    Broyden's method: each step teaches the inverse Hessian. A step that makes it worse is not taken.
    """
    x, gradient, inverse = found.x, found.jac, found.hess_inv
    for step in range(STEPS):
        if _steepest(gradient) < until:
            return x, gradient, step
        move = -inverse @ gradient
        after = objective(x + move)[1]
        if not _steepest(after) < _steepest(gradient):
            return x, gradient, step + 1
        seen = inverse @ (after - gradient)
        inverse = inverse + np.outer(move - seen, move @ inverse) / (move @ seen)
        x, gradient = x + move, after
    return x, gradient, STEPS


def _steepest(gradient: Floats) -> float:
    return float(np.max(np.abs(gradient)))


def _objective(log_likelihood: LogLikelihood, customers: float, prior: bool) -> LogLikelihood:
    """What is made small: the negative, per customer, with the prior; flat beyond the limits."""

    def objective(theta: Floats) -> tuple[float, Floats]:
        inside = np.clip(theta, -LIMIT, LIMIT)
        value, gradient = log_likelihood(inside)
        if prior:
            value -= float(inside @ inside) / (2 * PRIOR_VARIANCE)
            gradient = gradient - inside / PRIOR_VARIANCE
        gradient = np.where(inside == theta, gradient, 0.0)
        return -value / customers, -gradient / customers

    return objective
