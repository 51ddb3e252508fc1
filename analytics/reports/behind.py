"""The customers behind a number or a mark: those who churned in a month, who came back, one cell of a cohort."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.metrics import asking, groups
from analytics.metrics.asking import Question
from analytics.metrics.spans import DAY, Span
from analytics.metrics.sums import HORIZONS
from analytics.metrics.table import MONTHLY, WINDOW
from analytics.models import Figures, Generation
from analytics.reports import behind_curves, behind_recovery, behind_said
from analytics.reports.choice import Nobody
from crm.facets import Asker
from crm.models import Customer
from crm.segments.question import Among
from shop import formats
from shop.typed import number_in

PAGE = 50

# Whether somebody bought between two days, told from their purchase days.
_BOUGHT = """EXISTS (SELECT FROM analytics_purchasedays AS history, unnest(history.days) AS bought (day)
              WHERE history.customer_id = analytics_figures.customer_id AND bought.day BETWEEN %s AND %s)"""
# How many purchase days until and with a day; the second one ends the time as a one-time buyer.
_WITHIN = """EXISTS (SELECT FROM analytics_purchasedays AS history
              WHERE history.customer_id = analytics_figures.customer_id
                AND history.days[2] - history.days[1] <= %s)"""
_SECOND = """EXISTS (SELECT FROM analytics_purchasedays AS history
              WHERE history.customer_id = analytics_figures.customer_id AND history.days[2] BETWEEN %s AND %s)"""

MOVED = {
    "start": lambda: _("Active at the start of %(period)s"),
    "active": lambda: _("Active at the end of %(period)s"),
    "kept": lambda: _("Stayed: %(period)s"),
    "churned": lambda: _("Churned: %(period)s"),
    "returned": lambda: _("Came back: %(period)s"),
    "new": lambda: _("New: %(period)s"),
    "first_seen": lambda: _("First seen: %(period)s"),
    "left": lambda: _("Tried and left: %(period)s"),
}
OTHERS = {
    "bought": lambda: _("Bought: %(period)s"),
    "ever": lambda: _("Bought until the end of %(period)s"),
    "referred": lambda: _("Came by an invitation: %(period)s"),
    "season": lambda: _("Spent something a year before %(period)s"),
    "season_lost": lambda: _("Spent something a year before %(period)s, and nothing now"),
    "season_shrunk": lambda: _("Spend less than a year before %(period)s"),
}


@dataclass(frozen=True)
class Behind:
    """Who is asked for, in words, and the rows that answer: of customers where not everybody has figures."""

    title: str
    explained: str
    customers: QuerySet[Figures] | QuerySet[Customer]


def asked(generation: Generation, question: dict[str, str], asker: Asker | None = None) -> Behind | None:
    """None: the question makes no sense."""
    if "cohort" in question:
        return _cohort(generation, question)
    if "recovery" in question:
        recovered = behind_recovery.asked(generation, question)
        return Behind(*recovered) if recovered else None
    if "day" in question:
        found = behind_curves.asked(generation, question)
        return Behind(*found) if found else None
    written, who = question.get("period", "") or question.get("month", ""), question.get("who", "")
    span, group = Span.read(written), groups.read(question.get("group", ""), asker or Nobody())
    if span is None or group is None or generation.history_from is None:
        return None
    span = span.until(generation.as_of)
    choice = Asked(generation, span, group, MONTHLY if question.get("mode") == MONTHLY else WINDOW)
    answered = behind_said.asked(who, span, group) or choice.asked(who)
    if answered is None:
        return None
    title, explained, rows = answered
    whose = "" if group.is_everybody else f" {group.label}. {group.note}".rstrip()
    return Behind(title, f"{explained}{whose}", rows)


def _again() -> dict[str, Any]:
    def title(days: int) -> Any:
        text = ngettext("Bought again within %(n)s day", "Bought again within %(n)s days", days) % {"n": days}
        return lambda: text + ": %(period)s"

    return {f"again_{days}": title(days) for days in HORIZONS}


@dataclass(frozen=True)
class Asked:
    generation: Generation
    span: Span
    group: groups.Group
    mode: str

    def asked(self, who: str) -> tuple[str, str, QuerySet[Figures]] | None:
        title = (MOVED | OTHERS | _again()).get(who)
        if title is None:
            return None
        return title() % {"period": self.span.name}, self.explained, self.group.among(self.rows(who), self.span)

    @property
    def explained(self) -> str:
        until = formats.day(self.span.last)
        if self.mode == MONTHLY:
            return _("Active means: bought in the period. Seen until %(day)s.") % {"day": until}
        days = {"n": self.generation.active_days, "day": until}
        return _("Active means: bought within %(n)s days. Seen until %(day)s.") % days

    def rows(self, who: str) -> QuerySet[Figures]:
        if who.startswith("again_"):
            return self._bought_again(int(who.removeprefix("again_")))
        if who.startswith("season"):
            ids = asking.of_season(self.generation, Question(self.span, self.group), who)
            return Figures.objects.filter(Among("customer_id", ids))
        return self._moved(who)

    def _moved(self, who: str) -> QuerySet[Figures]:
        before_start, known = self.span.first - DAY, self._known_until
        if self.mode == MONTHLY:
            start, end = (self.span.whole.before.first, before_start), (self.span.first, self.span.last)
        else:
            window = timedelta(days=self.generation.active_days - 1)
            start, end = (before_start - window, before_start), (self.span.last - window, self.span.last)
        fresh = Q(first_on__gte=self.span.first, first_on__lte=self.span.last)
        rows = Figures.objects.annotate(
            at_start=bought_between(start),
            at_end=bought_between(end),
            inside=bought_between((self.span.first, self.span.last)),
        )
        new = fresh & Q(first_on__gte=known)
        found = {
            "start": Q(at_start=True),
            "active": Q(at_end=True),
            "kept": Q(at_start=True, at_end=True),
            "churned": Q(at_start=True, at_end=False),
            "returned": Q(at_start=False, at_end=True, first_on__lt=self.span.first),
            "new": new & Q(at_end=True),
            "first_seen": fresh & Q(first_on__lt=known, at_end=True),
            "left": new & Q(at_end=False),
            "bought": Q(inside=True),
            "ever": Q(first_on__lte=self.span.last),
            "referred": new & Q(customer_id__in=asking.referrals().values("invited")),
        }
        return rows.filter(found[who])

    @property
    def _known_until(self) -> date:
        assert self.generation.history_from
        return self.generation.history_from + timedelta(days=self.generation.active_days)

    def _bought_again(self, days: int) -> QuerySet[Figures]:
        far = timedelta(days=days)
        rows = Figures.objects.filter(
            first_on__gte=max(self.span.first - far, self._known_until), first_on__lte=self.span.last - far
        )
        again = RawSQL(_WITHIN, (days,), output_field=BooleanField())  # noqa: S611 (our own text)
        return rows.annotate(again=again).filter(again=True)


def bought_between(days: tuple[date, date]) -> RawSQL:
    return RawSQL(_BOUGHT, days, output_field=BooleanField())  # noqa: S611 (our own text; the days are parameters)


def _cohort(generation: Generation, question: dict[str, str]) -> Behind | None:
    """Month 0 is that of the first purchase itself, and asks for a second one."""
    cohort, kind = _month(question["cohort"]), question.get("who", "bought")
    after = number_in(question.get("after", ""), digits=3)
    if cohort is None or kind not in ("bought", "rolling", "cumulative") or after is None:
        return None
    number = cohort.year * 12 + cohort.month - 1 + after
    if number >= (MAXYEAR + 1) * 12:
        return None
    first = date(number // 12, number % 12 + 1, 1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    end_of_cohort = cohort.replace(day=monthrange(cohort.year, cohort.month)[1])
    rows = Figures.objects.filter(first_on__gte=cohort, first_on__lte=end_of_cohort)
    names = {"cohort": formats.month(cohort, long=True), "month": formats.month(first, long=True)}
    explained = _("First bought in %(cohort)s.") % names
    if kind == "cumulative" or first == cohort:
        until = generation.as_of - DAY if kind == "rolling" else last
        names["month"] = formats.month(until, long=True)
        return Behind(_("Bought again by the end of %(month)s") % names, explained, _second_by(rows, until))
    if kind == "rolling":
        return Behind(_("Bought in %(month)s or later") % names, explained, rows.filter(last_on__gte=first))
    then = rows.annotate(then=bought_between((first, last))).filter(then=True)
    return Behind(_("Bought in %(month)s") % names, explained, then)


def _second_by(rows: QuerySet[Figures], day: date) -> QuerySet[Figures]:
    second = RawSQL(_SECOND, (date.min, day), output_field=BooleanField())  # noqa: S611 (as above)
    return rows.annotate(second=second).filter(second=True)


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def page(rows: QuerySet[Any], after: str) -> tuple[list[Figures], str]:
    """Of figures or customers, by what they spent, the most first; and where the next page begins.

    Who never bought has figures of nothing.
    """
    if rows.model is Figures:
        rows = rows.select_related("customer")
    else:
        rows = rows.select_related("figures").annotate(net=Coalesce("figures__net", Decimal(0)))
    if place := _place(after):
        net, pk = place
        rows = rows.filter(Q(net__lt=net) | Q(net=net, pk__lt=pk), net__lte=net)
    rows = rows.order_by(F("net").desc(), F("pk").desc())
    found = [row if isinstance(row, Figures) else _figures(row) for row in rows[: PAGE + 1]]
    more = len(found) > PAGE
    last = found[PAGE - 1] if more else None
    return found[:PAGE], f"{last.net}_{last.customer_id}" if last else ""


def _figures(customer: Customer) -> Figures:
    try:
        return customer.figures
    except Figures.DoesNotExist:
        return Figures(customer=customer, orders=0, net=Decimal(0))


def _place(text: str) -> tuple[Decimal, int] | None:
    """A place that cannot be read is the beginning."""
    net, _dash, pk = text.partition("_")
    try:
        amount = Decimal(net)
    except ArithmeticError:
        return None
    customer = number_in(pk)
    readable = amount.is_finite() and abs(amount) < Decimal(10) ** 15
    return (amount, customer) if readable and customer is not None else None
