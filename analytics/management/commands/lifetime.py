import json
from datetime import date
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics import recompute
from analytics.definition import Definition
from analytics.lifetime import ahead, bg_nbd, gamma_gamma, mbg_cnbd, nbd
from analytics.lifetime.blend import Blend
from analytics.lifetime.purchases import Summary
from analytics.lifetime.timing import Fit
from analytics.purchases.reading import Purchases, all_purchases
from analytics.purchases.summary import Customers, summarise
from analytics.scoring import learning

DAYS_IN_WEEK = 7


class Command(BaseCommand):
    help = "Fit the models of purchases and spend, say which is used and why, and what a time to come is worth."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cut", type=date.fromisoformat, help="the last day that is known, YYYY-MM-DD; today")
        parser.add_argument("--horizon", type=int, default=365, help="days after it that are foretold; 365")
        parser.add_argument("--customer", type=int, help="the number of a card: what may come of this one")
        parser.add_argument("--no-prior", action="store_true", help="without the weak priors, as published figures are")
        parser.add_argument("--json", action="store_true", help="say it in a form for programs")

    def handle(self, *args: Any, cut: date | None, horizon: int, json: bool, **options: Any) -> None:
        if horizon < 1:
            raise CommandError("The horizon is at least one day.")
        as_of = (cut or recompute.today()).toordinal()
        purchases = all_purchases(Definition.in_force()).until(as_of)
        if not len(purchases):
            raise CommandError("There are no purchases until then.")
        found = _Lifetime(purchases, as_of, horizon, not options["no_prior"])
        said = found.of_one(options["customer"]) if options["customer"] else found.of_all()
        self.stdout.write(_as_json(said) if json else "\n".join(_lines(said)))


class _Lifetime:
    """Everything fitted to the purchases until a day."""

    def __init__(self, purchases: Purchases, as_of: int, horizon: int, prior: bool) -> None:
        self.customers: Customers = summarise(purchases, as_of)
        self.as_of, self.days, self.weeks, self.prior = as_of, horizon, horizon / DAYS_IN_WEEK, prior
        self.rows = self.customers.history(as_of)
        self.fits = mbg_cnbd.candidates(self.rows, prior=prior)
        self.best = mbg_cnbd.best_of(self.fits)
        shares = learning.shares_of(self.best.model, purchases, as_of, None) if prior and self.best.usable else None
        self.timing: Any = Blend(self.best.model, shares) if shares else self.best.model
        self.mean = self.customers.repeat_spend / np.maximum(self.customers.repeat_spends, 1) / 1000
        self.spend = gamma_gamma.fit(self.customers.repeat_spends, self.mean, prior)

    def of_all(self) -> dict[str, Any]:
        others = [bg_nbd.fit(self.rows, self.prior), nbd.fit(self.rows, 1, self.prior)]
        if not any(fit.model.name == "mbg_cnbd" and fit.model.k == 1 and fit.usable for fit in self.fits):
            others.append(mbg_cnbd.fit(self.rows, 1, self.prior))
        return {
            "as_of": date.fromordinal(self.as_of).isoformat(),
            "customers": len(self.customers),
            "prior": self.prior,
            "used": self.timing.as_dict() if not isinstance(self.timing, Blend) else self.best.model.as_dict(),
            "shares": self.timing.shares.as_dict() if isinstance(self.timing, Blend) else None,
            "candidates": [_fit(fit) for fit in self.fits],
            "compared": [_fit(fit) for fit in others],
            "spend": self._spend(),
            "ahead": {"days": self.days, **self._ahead()} if self.best.usable else None,
        }

    def _spend(self) -> dict[str, Any]:
        fit = self.spend
        return {
            **fit.model.as_dict(),
            "log_likelihood": _number(fit.log_likelihood, 3),
            "customers": fit.customers,
            "degenerate": fit.degenerate,
            "population_mean": _number(fit.model.population_mean, 4),
            "correlation": round(fit.correlation, 4),
            "correlated": bool(fit.correlated),
        }

    def _ahead(self) -> dict[str, Any]:
        """Totals of the shop, with what fitting and chance leave open."""
        expected = self.timing.expected_purchases(self.rows, self.weeks)
        missed = ahead.misses(self.timing, self.rows.T, self.weeks)
        found: dict[str, Any] = {"purchases": _with_interval(float(expected.sum()), missed)}
        if self.spend.usable:
            spend = self.spend.model.expected_spend(self.customers.repeat_spends, self.mean)
            spends = ahead.spend_misses(self.spend.model, self.customers.repeat_spends.astype(np.float64))
            both = np.multiply(1 + missed, 1 + spends) - 1
            found["value"] = _with_interval(float(expected @ spend), both)
        return found

    def of_one(self, number: int) -> dict[str, Any]:
        place = int(np.searchsorted(self.customers.ids, number))
        if place >= len(self.customers) or self.customers.ids[place] != number:
            raise CommandError(f"Customer {number} has bought nothing until then.")
        if not self.best.usable:
            raise CommandError("No model fits these purchases.")
        row = Summary.of(self.rows.x[place], self.rows.t_x[place], self.rows.T[place])
        bought = ahead.purchases_of(self.timing, row, self.weeks)
        spends, mean = float(self.customers.repeat_spends[place]), float(self.mean[place])
        said = {
            "customer": number,
            "x": row.x[0],
            "t_x": round(row.t_x[0], 4),
            "T": round(row.T[0], 4),
            "p_alive": _number(self.timing.p_alive(row)[0], 6),
            "days": self.days,
            "expected_purchases": round(float(self.timing.expected_purchases(row, self.weeks)[0]), 4),
            "purchases_10_to_90": _range(ahead.Range.of(bought.astype(np.float64)), 0),
        }
        if self.spend.usable:
            value = ahead.Range.of(ahead.spend_of(bought, self.spend.model, spends, mean))
            expected = float(self.spend.model.expected_spend([spends], [mean])[0])
            said |= {"expected_spend": round(expected, 2), "value_10_to_90": _range(value, 2)}
        return said


def _fit(fit: Fit) -> dict[str, Any]:
    value = _number(fit.log_likelihood, 3)
    return {**fit.model.as_dict(), "log_likelihood": value, "degenerate": fit.degenerate, "converged": fit.converged}


def _with_interval(total: float, missed: Any) -> list[float]:
    return [round(float(total * (1 + change)), 2) for change in (0.0, *ahead.between(missed))]


def _range(found: ahead.Range, digits: int) -> list[float]:
    return [round(found.low, digits), round(found.high, digits)]


def _number(value: float, digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def _as_json(said: dict[str, Any]) -> str:
    return json.dumps(said, indent=1)


def _lines(said: dict[str, Any], before: str = "") -> list[str]:
    """The same as text: a line for each thing that is known."""
    lines: list[str] = []
    for name, value in said.items():
        if isinstance(value, dict):
            lines += _lines(value, f"{before}{name} ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{before}{name}: {', '.join(f'{k} {v}' for k, v in one.items())}" for one in value]
        else:
            lines.append(f"{before}{name}: {value}")
    return lines
