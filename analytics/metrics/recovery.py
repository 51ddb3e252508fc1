"""Whether customers with a complaint or a low score came back, answered or not, against buyers like them.

A case is a buyer's first complaint or low score of the time looked at. Nobody was drawn by lot to be answered, so
this is no experiment; who bought about as often before and was silent about as long is compared with each other.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import nan
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from analytics.definition import Definition
from analytics.models import Generation
from feedback.surveys.kinds import SCALES
from shop.intervals import Interval, difference, share, weighed

DAYS = 90  # within which somebody is answered, and buys again
MONTHS = (3, 12, 36)
FEWEST = 5  # of each side in a group of similar buyers; fewer join the next group

IN_TIME, LATE, UNANSWERED = "in_time", "late", "unanswered"
ANSWERED = (IN_TIME, LATE)

_CASES = """
    SELECT DISTINCT ON (said.customer_id) said.*
      FROM (SELECT complaint.customer_id, complaint.opened_at AS at, complaint.agreed,
                   CASE WHEN complaint.acknowledged_at IS NULL
                          OR complaint.acknowledged_at > complaint.opened_at + %(within)s THEN 'unanswered'
                        WHEN complaint.acknowledged_at > complaint.answer_due_at THEN 'late'
                        ELSE 'in_time' END AS answer,
                   (SELECT coalesce(sum(given.amount), 0) FROM crm_given AS given
                     WHERE given.complaint_id = complaint.id) AS cost
              FROM crm_complaint AS complaint
             WHERE complaint.opened_at >= %(since)s AND complaint.opened_at < %(until)s
             UNION ALL
            SELECT customer_id, at, NULL::boolean, 'unanswered', 0 FROM ({low}) AS low (customer_id, at)) AS said
      JOIN analytics_figures AS figures ON figures.customer_id = said.customer_id
     WHERE figures.first_on <= said.at
     ORDER BY said.customer_id, said.at
"""
_COUNTS = "bought.customer_id = one.customer_id AND bought.cancelled_at IS NULL AND bought.paid_at IS NOT NULL"
_SEEN = f"""
    WITH cases AS ({{cases}})
    SELECT one.*, EXISTS (SELECT FROM crm_order AS bought WHERE {_COUNTS}
                             AND bought.placed_at > one.at AND bought.placed_at <= one.at + %(within)s) AS came_back,
           before.orders, before.last >= one.at - %(active)s AS active
      FROM cases AS one
      LEFT JOIN LATERAL (SELECT count(*) AS orders, max(placed_at) AS last
                           FROM (SELECT bought.placed_at FROM crm_order AS bought
                                  WHERE {_COUNTS} AND bought.placed_at <= one.at
                                  ORDER BY bought.placed_at DESC LIMIT 10) AS newest) AS before ON true
"""
# Like each other: how many orders before (as F of RFM has it), and whether the last one was within the active days.
_GROUPED = """
    SELECT answer, coalesce(active, false), width_bucket(orders, ARRAY[2, 3, 5, 10]), count(*),
           count(*) FILTER (WHERE came_back), coalesce(sum(cost), 0), count(*) FILTER (WHERE agreed),
           count(*) FILTER (WHERE NOT agreed)
      FROM ({seen}) AS seen GROUP BY 1, 2, 3
"""
_WHO = """
    SELECT customer_id FROM ({seen}) AS seen
     WHERE answer = ANY(%(answers)s) AND (%(back)s::boolean IS NULL OR came_back = %(back)s)
"""


@dataclass(frozen=True)
class Cases:
    """Customers answered in one way: how many, who bought again within 90 days, what they got, how it ended."""

    n: int = 0
    came_back: int = 0
    cost: Decimal = Decimal(0)
    agreed: int = 0
    disagreed: int = 0

    def __add__(self, other: Cases) -> Cases:
        return Cases(
            self.n + other.n,
            self.came_back + other.came_back,
            self.cost + other.cost,
            self.agreed + other.agreed,
            self.disagreed + other.disagreed,
        )

    @property
    def share(self) -> Interval:
        return share(self.came_back, self.n)


Like = tuple[bool, int]  # whether active, and the class of orders


@dataclass(frozen=True)
class Recovery:
    """by: cases by answer and by who is like whom."""

    by: dict[str, dict[Like, Cases]] = field(default_factory=dict)

    def of(self, *answers: str) -> Cases:
        return sum((cases for answer in answers for cases in self.by.get(answer, {}).values()), Cases())

    @property
    def all(self) -> Cases:
        return self.of(*ANSWERED, UNANSWERED)

    @property
    def difference(self) -> Interval:
        """Came back: answered less unanswered, among similar buyers, weighed by who was answered. NaN: too few."""
        groups = self._groups()
        n = sum(answered.n for answered, _other in groups)
        if not n:
            return Interval(nan, nan, nan)
        now = weighed((answered.n / n, answered.share) for answered, _other in groups)
        then = weighed((answered.n / n, other.share) for answered, other in groups)
        return difference(now, then)

    @property
    def compared(self) -> int:
        """Answered customers for whom there are similar ones who were not."""
        return sum(answered.n for answered, _other in self._groups())

    def _groups(self) -> list[tuple[Cases, Cases]]:
        """Answered and unanswered side by side; groups of few join the next one, the last one the one before."""
        sides: dict[Like, list[Cases]] = defaultdict(lambda: [Cases(), Cases()])
        for answer, groups in self.by.items():
            for like, cases in groups.items():
                sides[like][answer == UNANSWERED] += cases
        joined, held = [], [Cases(), Cases()]
        for like in sorted(sides):
            held = [held[0] + sides[like][0], held[1] + sides[like][1]]
            if min(held[0].n, held[1].n) >= FEWEST:
                joined.append((held[0], held[1]))
                held = [Cases(), Cases()]
        if joined and (held[0].n or held[1].n):
            last = joined.pop()
            joined.append((last[0] + held[0], last[1] + held[1]))
        return joined


def recovery(generation: Generation, months: int) -> Recovery:
    """Cases of so many months whose 90 days are over."""
    sql, params = _seen(generation, months)
    by: dict[str, dict[Like, Cases]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_GROUPED.format(seen=sql), params)
        for answer, active, often, *counts in cursor.fetchall():
            by[answer][(active, often)] = Cases(*counts)
    return Recovery(dict(by))


def who(generation: Generation, months: int, answers: tuple[str, ...], came_back: bool | None) -> list[int]:
    """Their ids."""
    sql, params = _seen(generation, months)
    with connection.cursor() as cursor:
        cursor.execute(_WHO.format(seen=sql), params | {"answers": list(answers), "back": came_back})
        return [pk for (pk,) in cursor.fetchall()]


def _seen(generation: Generation, months: int) -> tuple[str, dict[str, Any]]:
    zone = ZoneInfo(Definition.from_dict(generation.settings).zone)
    midnight = datetime.combine(generation.as_of, datetime.min.time(), zone)
    within = timedelta(days=DAYS)
    until = midnight - within
    values = {
        "within": within,
        "until": until,
        "since": until - timedelta(days=round(months * 30.4375)),
        "active": timedelta(days=generation.active_days),
    }
    return _SEEN.format(cases=_CASES.format(low=_low_scores())), values


def _low_scores() -> str:
    """Of those nobody made a complaint of; as text, since its only values are ours."""
    kinds = " OR ".join(f"(survey.kind = '{kind}' AND response.score <= {scale.low})" for kind, scale in SCALES.items())
    return f"""
        SELECT response.customer_id, response.at FROM feedback_response AS response
          JOIN feedback_survey AS survey ON survey.id = response.survey_id
         WHERE NOT response.test AND NOT response.nameless AND response.complaint_id IS NULL
           AND response.customer_id IS NOT NULL AND ({kinds})
           AND response.at >= %(since)s AND response.at < %(until)s
    """
