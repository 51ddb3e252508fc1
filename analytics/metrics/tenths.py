"""Who brought the revenue: buyers in ten equal parts by what they spent, and those worth the most in the next year."""

from typing import Any

from django.db import connection

from analytics.models import Generation, Scores

BEST = 25  # customers shown by name

_TENTHS = """
    SELECT tenth, count(*), sum(net), sum(value_365), min(net), max(net)
      FROM (SELECT net, value_365, ntile(10) OVER (ORDER BY net DESC, customer_id DESC) AS tenth
              FROM analytics_figures JOIN analytics_scores USING (customer_id)) AS ranked
     GROUP BY tenth ORDER BY tenth
"""


def count(generation: Generation) -> None:
    """Into the totals: tenths as [number, customers, spent, worth, least, most], money in thousandths; best: ids."""
    with connection.cursor() as cursor:
        cursor.execute(_TENTHS)
        tenths = [[tenth, n, *map(_thousandths, money)] for tenth, n, *money in cursor.fetchall()]
    best = Scores.objects.filter(value_365__isnull=False).order_by("-value_365", "-pk").values_list("pk", flat=True)
    generation.totals = {**generation.totals, "tenths": tenths, "best": list(best[:BEST])}
    Generation.objects.filter(pk=generation.pk).update(totals=generation.totals)


def _thousandths(amount: Any) -> int | None:
    return None if amount is None else int(amount * 1000)
