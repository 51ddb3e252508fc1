"""Whether those who answered a survey buy like those who were asked and did not, and what the score would be if all
had answered as those did who buy about as often.

By the figures of today. Nobody was drawn by lot to answer, so this is no experiment.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from analytics.metrics.sums import Ratio
from feedback.figures.asked_list import MEANS, of_the_rate
from feedback.figures.measures import FEWEST, Measure, Scores
from feedback.figures.overview import Report
from feedback.models import Response
from shop.intervals import Interval, difference_of_ratios, weighed

# How often somebody has bought, as RFM counts it; 0: never.
_PEOPLE = """
    WITH asked AS ({asked}), people AS (
        SELECT customer_id, bool_or(state = 'answered') AS answered FROM asked GROUP BY customer_id
    )
    SELECT people.answered, coalesce(f, 0), count(*), count(figures.customer_id), coalesce(sum(net), 0),
           coalesce(sum(orders), 0), coalesce(sum(net::float8 ^ 2), 0), coalesce(sum(orders::float8 * orders), 0),
           coalesce(sum(orders * net::float8), 0)
      FROM people
      LEFT JOIN analytics_figures AS figures USING (customer_id)
      LEFT JOIN analytics_scores AS scores USING (customer_id)
     GROUP BY 1, 2
"""
_SAID = """
    WITH said AS ({said})
    SELECT coalesce(scores.f, 0), said.score, count(*)
      FROM said LEFT JOIN analytics_scores AS scores USING (customer_id) GROUP BY 1, 2
"""


@dataclass(frozen=True)
class People:
    """spent: net ÷ orders over those who ever bought."""

    customers: int = 0
    spent: Ratio = field(default_factory=Ratio)

    def __add__(self, other: "People") -> "People":
        return People(self.customers + other.customers, self.spent + other.spent)

    @property
    def buyers(self) -> int:
        return self.spent.n

    @property
    def average_order(self) -> Interval:
        return self.spent.interval

    @property
    def orders_each(self) -> float:
        return self.spent.x / self.customers


@dataclass(frozen=True)
class Bias:
    """`weighed`: the score, each group by how often its customers buy counted by how many of it were asked."""

    answered: People
    silent: People
    weighed: Interval | None

    @property
    def change(self) -> Interval:
        """What the silent ones spend on an order, less what the others do."""
        return difference_of_ratios(self.silent.average_order, self.answered.average_order)


def of(report: Report) -> Bias | None:
    """None: too few on one side to compare."""
    found = _people(report)
    answered, silent = (sum(found[side].values(), People()) for side in (True, False))
    if min(answered.buyers, silent.buyers) < FEWEST:
        return None
    weighed = weigh(report.measure, _how_many(found), _scores(report)) if report.measure else None
    return Bias(answered, silent, weighed)


def _how_many(found: dict[bool, dict[int, People]]) -> dict[int, int]:
    """Of all who were asked, by how often they buy."""
    asked: dict[int, int] = defaultdict(int)
    for groups in found.values():
        for often, people in groups.items():
            asked[often] += people.customers
    return asked


def _asked(report: Report) -> Any:
    """Without those who came back, and those who are left out of all figures."""
    rows = of_the_rate(report).exclude(MEANS["bounced"])
    return rows.filter(customer__left_out_at=None).order_by()


def _people(report: Report) -> dict[bool, dict[int, People]]:
    found: dict[bool, dict[int, People]] = {True: {}, False: {}}
    for answered, often, customers, buyers, *sums in _rows(
        _PEOPLE, asked=_asked(report).values("customer_id", "state")
    ):
        found[answered][often] = People(customers, Ratio(buyers, *map(float, sums)))
    return found


def _scores(report: Report) -> dict[int, Scores]:
    """With a name: of the others nobody knows how often they buy."""
    said = Response.objects.counted().named().filter(invitation__in=_asked(report).values("pk"), score__isnull=False)
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for often, score, n in _rows(_SAID, said=said.order_by().values("customer_id", "score")):
        counts[often][score] = n
    return {often: Scores(found) for often, found in counts.items()}


def _rows(statement: str, **parts: Any) -> list[tuple[Any, ...]]:
    ((name, rows),) = parts.items()
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**{name: sql}), params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def weigh(measure: Measure, asked: dict[int, int], scores: dict[int, Scores]) -> Interval | None:
    """The groups' scores by the share of each among all who were asked, with the interval of such a sum (MOVER)."""
    groups = _joined(asked, scores)
    whole = sum(n for n, _found in groups)
    if not groups:
        return None
    return weighed((n / whole, measure.of(found)) for n, found in groups)


def _joined(asked: dict[int, int], scores: dict[int, Scores]) -> list[tuple[int, Scores]]:
    """By how often they buy; groups with few answers join the next one, the last one the one before."""
    joined: list[tuple[int, Scores]] = []
    n, found = 0, Scores()
    for often in sorted(asked):
        n, found = n + asked[often], found + scores.get(often, Scores())
        if found.n >= FEWEST:
            joined.append((n, found))
            n, found = 0, Scores()
    if n and joined:
        last_n, last = joined.pop()
        joined.append((last_n + n, last + found))
    return joined
