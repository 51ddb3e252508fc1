"""What the next year brings the shop, and how sure that is: worked out after a full run, read by the page Value."""

from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, Sum
from django.db.models.functions import Mod

from analytics.definition import Definition
from analytics.grading.totals import Miss, eight_of_ten, looked_back, missed
from analytics.lifetime import ahead
from analytics.models import Figures, Generation, Scores
from analytics.purchases.reading import purchases_of
from analytics.scoring.scoring import model_from, timing_from

WEEKS = 365 / 7
GOOD_FOR = 31  # days for which an interval is taken over
RULE = 2  # of how it is made: one of another rule is not
LOOKED_AT = 5_000  # customers, from whom shops like this one are drawn and of whom it is looked back


def count(generation: Generation) -> None:
    """Into the totals; money in thousandths, `missed` as shares of a total."""
    if not generation.model_in_use:
        return
    sums = Scores.objects.aggregate(n=Count("value_365"), worth=Sum("value_365"), orders=Sum("expected_365"))
    if not sums["n"]:
        return
    generation.totals = {
        **generation.totals,
        "worth": {
            "customers": sums["n"],
            "value": int(sums["worth"] * 1000),
            "orders": round(sums["orders"], 2),
            "missed": _missed(generation),
        },
    }
    Generation.objects.filter(pk=generation.pk).update(totals=generation.totals)


def _missed(generation: Generation) -> dict[str, Any]:
    """Eight of ten such totals lie between these; worked out once a month."""
    before = Generation.objects.filter(pk__lt=generation.pk, published_at__isnull=False).order_by("-pk").first()
    known = before.totals.get("worth", {}).get("missed") if before and before.settings == generation.settings else None
    today = generation.as_of.toordinal()
    if known and known.get("rule") == RULE and 0 <= today - known["on"] < GOOD_FOR:
        return dict(known)
    every = max(1, -(-generation.customers // LOOKED_AT))
    some = Figures.objects.annotate(place=Mod("pk", every)).filter(place=0).order_by("pk")
    rows = list(some.values_list("pk", "first_on", "gaps"))
    if not rows:
        return {"rule": RULE, "on": today, "orders": [0.0, 0.0], "value": [0.0, 0.0], "back": [], "every": every}
    orders, value = _left_to_chance(generation, rows)
    purchases = purchases_of([pk for pk, _first, _gaps in rows], Definition.from_dict(generation.settings))
    back = looked_back(purchases.until(today), today)
    return {
        "rule": RULE,
        "on": today,
        "orders": _between(missed(back, "orders"), orders),
        "value": _between(missed(back, "value"), value),
        "back": [total.as_dict() for total in back],
        "every": every,
    }


def _left_to_chance(generation: Generation, rows: list[tuple[int, date, int]]) -> tuple[float, float]:
    """The deviation of the total of orders, and of their value, in shops drawn from the models."""
    today = generation.as_of.toordinal()
    seen = np.array([max(today - first.toordinal(), 0) / 7 for _pk, first, _gaps in rows])
    part = np.sqrt(seen.size / generation.customers)
    orders = ahead.misses(timing_from(generation.timing), seen, WEEKS) * part
    spend = model_from(generation.spend["used"])
    value = orders
    if spend is not None:
        gaps = np.array([gaps for _pk, _first, gaps in rows], dtype=np.float64)
        value = np.multiply(1 + orders, 1 + ahead.spend_misses(spend, gaps) * part) - 1
    return float(orders.std(ddof=1)), float(value.std(ddof=1))


def _between(misses: list[Miss], chance: float) -> list[float]:
    return [round(bound, 5) for bound in eight_of_ten(misses, chance)]
