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
    options: dict[str, Any] = {"gtol": until, "maxiter": 500}
    if inverse_hessian is not None:
        options["hess_inv0"] = inverse_hessian
    objective = _objective(log_likelihood, customers, prior)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        found = minimize(objective, start, jac=True, method="BFGS", options=options)  # type: ignore[call-overload]
        theta = np.clip(found.x, -LIMIT, LIMIT)
        value = log_likelihood(theta)[0]
    steepest = float(np.max(np.abs(found.jac)))
    return Optimum(
        theta=theta,
        log_likelihood=float(value),
        converged=bool(np.isfinite(value)) and steepest < CONVERGED,
        ran_away=bool(np.any(np.abs(theta) >= LIMIT)),
        inverse_hessian=(found.hess_inv + found.hess_inv.T) / 2,
        evaluations=int(found.nfev),
    )


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
