"""The customers behind a point of the page Curves."""

from datetime import date, timedelta

from django.db.models import BooleanField, DurationField, ExpressionWrapper, F, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.definition import Definition
from analytics.metrics.curves import LONGEST, ROLLING, WIDTHS
from analytics.models import Figures, Generation
from crm import revenue
from shop import formats
from shop.typed import number_in

LATEST = max(LONGEST, *ROLLING)

_ON_DAYS = """EXISTS (SELECT FROM analytics_purchasedays AS history, unnest(history.days) AS bought (day)
              WHERE history.customer_id = analytics_figures.customer_id
                AND bought.day BETWEEN analytics_figures.first_on + %s AND analytics_figures.first_on + %s
                AND bought.day > analytics_figures.first_on)"""
_SECOND = """EXISTS (SELECT FROM analytics_purchasedays AS history
              WHERE history.customer_id = analytics_figures.customer_id
                AND history.days[2] <= analytics_figures.first_on + %s)"""
# In steps of 24 hours from the first purchase, of those for whom the last of them is over.
_ON_HOURS = """EXISTS (
    SELECT FROM (SELECT min(placed_at) AS at FROM crm_order WHERE {counts}) AS begun,
         crm_order
     WHERE {counts} AND placed_at < %s AND placed_at >= begun.at + %s * interval '24 hours'
       AND placed_at >= begun.at + interval '24 hours' AND placed_at < begun.at + %s * interval '24 hours'
       AND begun.at + %s * interval '24 hours' <= %s)"""
_COUNTS = """crm_order.customer_id = analytics_figures.customer_id AND crm_order.cancelled_at IS NULL
         AND crm_order.paid_at IS NOT NULL AND crm_order.{net} {least} 0"""


def asked(generation: Generation, question: dict[str, str]) -> tuple[str, str, QuerySet[Figures]] | None:
    """A title, how it is meant, and who it is; None: the question makes no sense."""
    day, width = number_in(question.get("day", ""), digits=3) or 0, question.get("width", str(WIDTHS[0]))
    if not 0 < day <= LATEST:
        return None
    if width not in map(str, WIDTHS):
        return None
    who, elapsed = question.get("who", ""), question.get("clock") == "elapsed"
    if who == "second":
        return _second(generation, day)
    if who == "from_day":
        return _from_day(generation, day)
    if who != "on_day":
        return None
    return (_on_hours if elapsed else _on_days)(generation, day, int(width))


def _new(generation: Generation) -> QuerySet[Figures]:
    assert generation.history_from
    since = generation.history_from + timedelta(days=generation.active_days)
    return Figures.objects.filter(first_on__gte=since)


def _came_new() -> str:
    return _("Of customers who surely came new.")


def _second(generation: Generation, day: int) -> tuple[str, str, QuerySet[Figures]]:
    everybody = generation.curves["second"]["of"] != "new"
    rows = Figures.objects.all() if everybody else _new(generation)
    title = ngettext("Bought again within %(n)s day", "Bought again within %(n)s days", day) % {"n": day}
    return title, "" if everybody else _came_new(), _where(rows, _SECOND, [day])


def _from_day(generation: Generation, day: int) -> tuple[str, str, QuerySet[Figures]]:
    rows = _new(generation).filter(first_on__lte=generation.as_of - timedelta(days=day))
    long = ExpressionWrapper(F("last_on") - F("first_on"), DurationField())
    later = rows.annotate(stayed=long).filter(stayed__gte=timedelta(days=day))
    return _("Bought on day %(n)s or later") % {"n": day}, _came_new(), later


def _on_days(generation: Generation, day: int, width: int) -> tuple[str, str, QuerySet[Figures]]:
    over = generation.as_of - timedelta(days=1 + day + width)
    rows = _new(generation).filter(first_on__lte=over)
    return _title(day, width), _came_new(), _where(rows, _ON_DAYS, [day - width, day + width])


def _on_hours(generation: Generation, day: int, width: int) -> tuple[str, str, QuerySet[Figures]]:
    definition = Definition.from_dict(generation.settings)
    least = ">=" if definition.count_free_orders else ">"
    counts = _COUNTS.format(net=revenue.column(definition.tax_and_shipping), least=least)
    until = _midnight(generation.as_of, definition.zone)
    after = day + width + 1
    values = [until, day - width, after, after, until]
    rows = _where(_new(generation), _ON_HOURS.format(counts=counts), values)
    return _title(day, width), f"{_came_new()} {_('Counted in steps of 24 hours.')}", rows


def _midnight(day: date, zone: str) -> str:
    return f"{day.isoformat()} 00:00 {zone}"


def _title(day: int, width: int) -> str:
    if not width:
        return _("Bought on day %(n)s after the first purchase") % {"n": formats.number(day)}
    names = {"low": formats.number(max(day - width, 1)), "high": formats.number(day + width)}
    return _("Bought on days %(low)s to %(high)s after the first purchase") % names


def _where(rows: QuerySet[Figures], condition: str, values: list[object]) -> QuerySet[Figures]:
    met = RawSQL(condition, values, output_field=BooleanField())  # noqa: S611 (our own text; values are parameters)
    return rows.annotate(met=met).filter(met=True)
