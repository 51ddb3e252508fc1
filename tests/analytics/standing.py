"""Somebody with figures and scores, without a run."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from analytics.models import Figures, Scores


def stand(customer: Any, **said: Any) -> Scores:
    """In the database; what is not said is that of somebody who bought once, today."""
    figures, scores = stands(customer, **said)
    figures.save(force_insert=True)
    scores.save(force_insert=True)
    return scores


def stands(customer: Any, **said: Any) -> tuple[Figures, Scores]:
    """Not in the database."""
    day = timezone.localdate()
    orders = said.get("orders", 1)
    usual = {
        "orders": orders, "occasions": orders, "gaps": orders - 1, "first_on": day, "last_on": day, "net": 10,
        "average_order": 10, "last_spend": 10, "generation": 1, "r": 1, "f": min(orders, 3), "m": 1, "rfm": "drifting",
    }  # fmt: skip
    told = {**usual, **said, "customer": customer}
    figures, scores = (
        model(**{name: value for name, value in told.items() if name in {field.name for field in model._meta.fields}})
        for model in (Figures, Scores)
    )
    return figures, scores


def silent(customer: Any, *, last: int, since: int, **said: Any) -> Scores:
    """At risk: bought so many days ago for the last time, late since so many days."""
    day = timezone.localdate()
    begun = day - timedelta(days=since)
    return stand(
        customer,
        **{
            "first_on": day - timedelta(days=600), "last_on": day - timedelta(days=last), "p_silent_90": 0.8,
            "overdue_on": begun, "at_risk_on": begun, "likely_lost_on": day + timedelta(days=90), **said,
        },
    )  # fmt: skip
