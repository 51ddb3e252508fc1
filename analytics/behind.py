"""The customers behind a number or a mark: those who churned in a month, who came back, one cell of a cohort."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from decimal import Decimal

from django.db.models import BooleanField, F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from analytics.models import Figures, Generation, PeriodFigure
from shop import formats

PAGE = 50

# Whether somebody bought between two days, told from their purchase days.
_BOUGHT = """EXISTS (SELECT FROM analytics_purchasedays AS history, unnest(history.days) AS bought (day)
              WHERE history.customer_id = analytics_figures.customer_id AND bought.day BETWEEN %s AND %s)"""
# How many purchase days until and with a day; the second one ends the time as a one-time buyer.
_SECOND = """EXISTS (SELECT FROM analytics_purchasedays AS history
              WHERE history.customer_id = analytics_figures.customer_id AND history.days[2] BETWEEN %s AND %s)"""

MOVED = {
    "active": lambda: _("Active at the end of %(month)s"),
    "kept": lambda: _("Stayed in %(month)s"),
    "churned": lambda: _("Churned in %(month)s"),
    "returned": lambda: _("Came back in %(month)s"),
    "new": lambda: _("New in %(month)s"),
    "left": lambda: _("Tried and left in %(month)s"),
}


@dataclass(frozen=True)
class Behind:
    """Who is asked for, in words, and the rows that answer."""

    title: str
    explained: str
    customers: QuerySet[Figures]


def asked(generation: Generation, question: dict[str, str]) -> Behind | None:
    """None: the question makes no sense."""
    if "cohort" in question:
        return _cohort(question)
    month, who = _month(question.get("month", "")), question.get("who", "")
    row = generation.periods.filter(month=month, mode=question.get("mode", "window")).first() if month else None
    if row is None or who not in MOVED:
        return None
    title = MOVED[who]() % {"month": formats.month(row.month, long=True)}
    return Behind(title, _explained(generation, row), _moved(generation, row, who))


def _explained(generation: Generation, row: PeriodFigure) -> str:
    until = formats.day(row.last_day)
    if row.mode == PeriodFigure.Mode.MONTHLY:
        return _("Active means: bought in the month. Seen until %(day)s.") % {"day": until}
    days = {"n": generation.active_days, "day": until}
    return _("Active means: bought within %(n)s days. Seen until %(day)s.") % days


def _moved(generation: Generation, row: PeriodFigure, who: str) -> QuerySet[Figures]:
    before_start = row.month - timedelta(days=1)
    if row.mode == PeriodFigure.Mode.MONTHLY:
        start = before_start.replace(day=1), before_start
        end = row.month, row.last_day
    else:
        window = timedelta(days=generation.active_days - 1)
        start, end = (before_start - window, before_start), (row.last_day - window, row.last_day)
    at_start, at_end = _bought(start), _bought(end)
    fresh = Q(first_on__gte=row.month, first_on__lte=row.last_day)
    rows = Figures.objects.annotate(at_start=at_start, at_end=at_end)
    return {
        "active": rows.filter(at_end=True),
        "kept": rows.filter(at_start=True, at_end=True),
        "churned": rows.filter(at_start=True, at_end=False),
        "returned": rows.filter(at_start=False, at_end=True, first_on__lt=row.month),
        "new": rows.filter(fresh, at_end=True),
        "left": rows.filter(fresh, at_end=False),
    }[who]


def _bought(days: tuple[date, date]) -> RawSQL:
    return RawSQL(_BOUGHT, days, output_field=BooleanField())  # noqa: S611 (our own text; the days are parameters)


def _cohort(question: dict[str, str]) -> Behind | None:
    cohort, after, kind = _month(question["cohort"]), question.get("after", ""), question.get("who", "bought")
    if cohort is None or kind not in ("bought", "rolling", "cumulative") or not after.isdecimal() or len(after) > 3:
        return None
    number = cohort.year * 12 + cohort.month - 1 + int(after)
    if number >= (MAXYEAR + 1) * 12:
        return None
    first = date(number // 12, number % 12 + 1, 1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    end_of_cohort = cohort.replace(day=monthrange(cohort.year, cohort.month)[1])
    rows = Figures.objects.filter(first_on__gte=cohort, first_on__lte=end_of_cohort)
    names = {"cohort": formats.month(cohort, long=True), "month": formats.month(first, long=True)}
    explained = _("First bought in %(cohort)s.") % names
    if kind == "rolling":
        return Behind(_("Bought in %(month)s or later") % names, explained, rows.filter(last_on__gte=first))
    if kind == "cumulative":
        return Behind(_("Bought again by the end of %(month)s") % names, explained, _second_by(rows, last))
    then = rows.annotate(then=_bought((first, last))).filter(then=True)
    return Behind(_("Bought in %(month)s") % names, explained, then)


def _second_by(rows: QuerySet[Figures], day: date) -> QuerySet[Figures]:
    second = RawSQL(_SECOND, (date.min, day), output_field=BooleanField())  # noqa: S611 (as above)
    return rows.annotate(second=second).filter(second=True)


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def page(rows: QuerySet[Figures], after: str) -> tuple[list[Figures], str]:
    """By what they spent, the most first; and where the next page begins."""
    if place := _place(after):
        net, pk = place
        rows = rows.filter(Q(net__lt=net) | Q(net=net, customer_id__lt=pk), net__lte=net)
    found = list(rows.select_related("customer").order_by(F("net").desc(), F("customer_id").desc())[: PAGE + 1])
    more = len(found) > PAGE
    last = found[PAGE - 1] if more else None
    return found[:PAGE], f"{last.net}_{last.customer_id}" if last else ""


def _place(text: str) -> tuple[Decimal, int] | None:
    """A place that cannot be read is the beginning."""
    net, _dash, pk = text.partition("_")
    try:
        amount = Decimal(net)
    except ArithmeticError:
        return None
    readable = amount.is_finite() and abs(amount) < Decimal(10) ** 15 and pk.isdecimal() and len(pk) <= 18
    return (amount, int(pk)) if readable else None
