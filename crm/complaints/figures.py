"""How fast complaints are answered and solved, in hours of work, and how many too late: by month and by person."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.complaints.question import months
from crm.complaints.words import lasting
from shop import formats
from shop.intervals import FEW, Interval, share

MONTHS = 12
LISTED = 10  # fewer than this are told one by one

LATE = """(acknowledged_at > answer_due_at OR told_at > solution_due_at OR next_due_at < %(now)s)"""

FIGURES = f"""
    WITH one AS (
        SELECT owner_id, to_char(opened_at AT TIME ZONE %(zone)s, 'YYYY-MM') AS month, answer_minutes AS answer,
               CASE WHEN told_at IS NOT NULL THEN solution_minutes END AS solution,
               coalesce({LATE}, false) AS late, told_at IS NOT NULL OR coalesce({LATE}, false) AS decided
          FROM crm_complaint WHERE opened_at >= %(since)s
    )
    SELECT month, owner_id, grouping(month, owner_id) AS level, count(*) AS opened,
           count(answer), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY answer),
           (array_agg(answer ORDER BY answer) FILTER (WHERE answer IS NOT NULL))[1:{LISTED - 1}],
           count(solution), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY solution),
           (array_agg(solution ORDER BY solution) FILTER (WHERE solution IS NOT NULL))[1:{LISTED - 1}],
           count(*) FILTER (WHERE decided), count(*) FILTER (WHERE late)
      FROM one GROUP BY GROUPING SETS ((), (month), (owner_id))
"""
TEAM, MONTH, PERSON = 3, 1, 2  # which of (month, owner) is not grouped by


class Counted:
    """Something said of n complaints: of few it is told one by one, and of a few more it is drawn grey."""

    n: int

    @property
    def is_few(self) -> bool:
        return self.n < LISTED

    @property
    def is_grey(self) -> bool:
        return self.n < FEW


@dataclass(frozen=True)
class Times(Counted):
    """The middle one, and the one that nine of ten did not exceed."""

    n: int
    middle: float | None
    most: float | None
    all: list[int]
    url: str

    @property
    def words(self) -> str:
        if self.is_few:
            return ", ".join(f"{minutes // 60}:{minutes % 60:02}" for minutes in self.all)
        return lasting(self.middle or 0)

    @property
    def most_words(self) -> str:
        return lasting(self.most or 0)


@dataclass(frozen=True)
class Late(Counted):
    """How many of those that are decided came too late, with its interval."""

    late: int
    n: int
    url: str
    n_url: str

    @property
    def share(self) -> Interval:
        return share(self.late, self.n)

    @property
    def range(self) -> str:
        found = self.share
        return _("%(low)s to %(high)s") % {"low": formats.percent(found.low), "high": formats.percent(found.high)}


@dataclass(frozen=True)
class Row:
    label: str
    opened: int
    url: str
    answer: Times
    solution: Times
    late: Late


@dataclass
class TeamFigures:
    team: Row | None = None
    months: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)


def team_figures(people: dict[int | None, str]) -> TeamFigures:
    """The team and its months, and of the people only those who are named here: whoever asks may see no others."""
    days = months(MONTHS)
    found = TeamFigures()
    for month, owner, level, *numbers in _rows(days[-1]):
        if level == TEAM and numbers[0]:
            found.team = _row(_("The team"), numbers, {"opened": [f"{day:%Y-%m}" for day in days]})
        elif level == MONTH:
            label = formats.month(date.fromisoformat(f"{month}-01"), long=True)
            found.months.append(_row(label, numbers, {"opened": [month]}))
        elif level == PERSON and owner in people:
            asked = {"opened": [f"{day:%Y-%m}" for day in days], "owner": [str(owner or "-")]}
            found.people.append(_row(people[owner], numbers, asked))
    found.months.sort(key=lambda row: row.url, reverse=True)
    found.people.sort(key=lambda row: row.label)
    return found


def _rows(first: date) -> list[tuple[Any, ...]]:
    since = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    asked: dict[str, Any] = {"since": since, "now": timezone.now(), "zone": timezone.get_current_timezone_name()}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, asked)
        return cursor.fetchall()


def _row(label: str, numbers: list[Any], asked: dict[str, list[str]]) -> Row:
    opened, answered, answer, answers, told, solution, solutions, decided, late = numbers
    answer, solution = answer or [None, None], solution or [None, None]
    return Row(
        label,
        opened,
        _address(asked),
        Times(answered, answer[0], answer[1], answers or [], _address(asked, done="answered")),
        Times(told, solution[0], solution[1], solutions or [], _address(asked, done="told")),
        Late(late, decided, _address(asked, late="any"), _address(asked, done="decided")),
    )


def _address(asked: dict[str, list[str]], **more: str) -> str:
    return f"{reverse('crm:complaints')}?{urlencode({'view': 'all', **asked, **more}, doseq=True)}"
