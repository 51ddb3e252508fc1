"""Figures as programs read them: of the command `metrics`, and of the API."""

from datetime import date
from math import isfinite
from typing import Any

from analytics.metrics.spans import Span
from analytics.models import Generation
from analytics.reports.choice import Choice
from analytics.reports.figures import Figure


def of_choice(choice: Choice, found: list[Figure]) -> dict[str, Any]:
    """What was asked, and every figure of it by name."""
    return {**asked(choice), "metrics": {one.metric.name: figure(one) for one in found}}


def asked(choice: Choice) -> dict[str, Any]:
    return {
        "period": period(choice.span),
        "against": period(choice.other) if choice.other else None,
        "group": choice.group.key,
        "mode": choice.mode,
        **of_generation(choice.generation),
    }


def of_generation(generation: Generation) -> dict[str, Any]:
    return {"as_of": generation.as_of.isoformat(), "definition": generation.definition}


def period(span: Span) -> dict[str, Any]:
    return {"first": span.first.isoformat(), "last": span.last.isoformat(), "complete": span.complete}


def figure(one: Figure) -> dict[str, Any]:
    """Shares are from 0 to 1, money is of the shop's currency; an interval is the 95% one."""
    if one.now is None:
        first = one.first_day.isoformat() if isinstance(one.first_day, date) else None
        return {"value": None, "why": one.not_yet, "first_figure_on": first}
    found, change = one.now.interval, one.change
    said: dict[str, Any] = {"value": found.value, "low": _known(found.low), "high": _known(found.high), "n": one.now.n}
    if one.now.hits is not None:
        said["hits"] = one.now.hits
    if one.now.beside is not None:
        said["median" if one.metric.name == "average_order" else "of"] = one.now.beside
    if change is not None and one.before is not None:
        said |= {"before": one.before.value, "change": change.value, "verdict": one.verdict}
        said |= {"change_low": _known(change.low), "change_high": _known(change.high)}
    return said


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
