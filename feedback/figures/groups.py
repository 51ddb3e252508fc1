"""The score of groups of those who answered, beside each other: by channel, language, staff, product, tier, segment.

What customers are is asked of the facets (config/facets.py), as of today: the page says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.facets import Asker, built_in
from crm.models import Customer, Segment
from crm.staff import Staff
from feedback.figures.counting import Row, scores_of
from feedback.figures.measures import FEWEST, HIDDEN_UNDER, Measure, Scores
from feedback.figures.overview import Report
from feedback.models import Response
from feedback.models.invitation import Channel
from shop.charts import Whisker
from shop.intervals import FEW, Interval

MOST = 20
# Facets of customers that are not many: named here, since not every choice makes sense beside a score.
FACETS = ("tier", "rfm", "state")
OWN: dict[str, Any] = {
    "channel": gettext_lazy("Channel"),
    "language": gettext_lazy("Language"),
    "staff": gettext_lazy("Staff"),
    "product": gettext_lazy("Product"),
    "segment": gettext_lazy("Segment"),
}
# Who looked after them: of the complaint that was asked about, else of the card.
LOOKED_AFTER = Coalesce("invitation__complaint__owner", "customer__owner")


@dataclass(frozen=True)
class Group:
    """`change`: against all the others; None where groups overlap or are too small."""

    label: str
    scores: Scores
    value: str
    range: str
    whisker: Whisker | None
    change: Interval | None
    url: str

    @property
    def is_grey(self) -> bool:
        return self.scores.n < FEW

    @property
    def verdict(self) -> str:
        if self.change is None:
            return ""
        words = {"up": _("higher than the others"), "down": _("lower than the others"), "cannot_tell": _("cannot tell")}
        return words[self.change.verdict()]

    @property
    def tone(self) -> str:
        return {"up": "good", "down": "bad"}.get(self.change.verdict(), "") if self.change else ""


@dataclass(frozen=True)
class Groups:
    by: str
    rows: list[Group]
    note: str
    is_cut: bool  # there are more than the page shows


def ways(asker: Asker) -> dict[str, Any]:
    """What one may look by: (name, label)."""
    facets = built_in(FACETS, asker)
    own = {name: label for name, label in OWN.items() if name != "segment" or asker.may("customers.view")}
    return own | {name: facet.label for name, facet in facets.items()}


def grouped(report: Report, by: str, asker: Asker) -> Groups | None:
    """None: nobody may look by that, or the survey has no score."""
    measure = report.measure
    if measure is None or by not in ways(asker):
        return None
    if by == "segment":
        return Groups(by, _drawn(report, by, _segments(report, asker), measure, apart=False), _note(by), False)
    found = _by_facet(report, by, asker) if by in FACETS else BY[by](report)
    rows = sorted(found, key=lambda one: -one[2].n)
    drawn = _drawn(report, by, rows[:MOST], measure, apart=by != "product")
    return Groups(by, drawn, _note(by), len(rows) > MOST)


def _note(by: str) -> str:
    notes = {
        "staff": _("Who looked after the complaint that was asked about, else after the customer."),
        "product": _("Of answers about an order, by what was in it; one answer may stand in several rows."),
    }
    return "" if by in ("channel", "language") else notes.get(by, _("Today’s members, looked at backwards."))


def responses(report: Report) -> Any:
    """Those that make the score of the period."""
    begins, ends = report.period.moments
    rows = Response.objects.counted().filter(survey=report.survey, at__gte=begins, at__lt=ends, score__isnull=False)
    return rows.filter(version__in=report.versions.ids).order_by()


Found = tuple[str, str, Scores]  # value, label, scores


def _drawn(report: Report, by: str, rows: Iterable[Found], measure: Measure, apart: bool) -> list[Group]:
    """Whiskers on one scale; nobody is compared with the others unless the groups keep apart."""
    kept = [row for row in rows if row[2].n]
    whole = sum((row[2] for row in kept), Scores())
    intervals = [measure.of(row[2]) if row[2].n >= FEWEST else None for row in kept]
    bounds = [(one.low, one.high) for one in intervals if one]
    scale = Whisker.around(*bounds) if bounds else (0.0, 1.0)
    made = []
    for (value, label, scores), found in zip(kept, intervals, strict=True):
        rest = whole - scores
        compared = apart and found is not None and rest.n >= FEWEST
        made.append(
            Group(
                label,
                scores,
                measure.say(found.value) if found else "",
                _between(measure, found) if found else "",
                Whisker(found.value, found.low, found.high, scale) if found else None,
                measure.change(scores, rest) if compared else None,
                _url(report, by, value),
            )
        )
    return made


def _between(measure: Measure, found: Interval) -> str:
    return _("%(low)s to %(high)s") % {"low": measure.say(found.low), "high": measure.say(found.high)}


def _url(report: Report, by: str, value: str) -> str:
    return report.behind(None, **{f"c.{by}" if by in FACETS else by: value}) if value else ""


def _counted(rows: Any, key: str, **count: Any) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for value, score, nameless, n in rows.values_list(key, "score", "nameless").annotate(n=Count("pk", **count)):
        found[value].append((score, nameless, n))
    return found


def _channels(report: Report) -> list[Found]:
    labels = dict(Channel.choices)
    return [
        (value, str(labels[value]), scores_of(rows)) for value, rows in _counted(responses(report), "channel").items()
    ]


def _languages(report: Report) -> list[Found]:
    labels = dict(settings.LANGUAGES)
    return [
        (code, labels.get(code, code), scores_of(rows))
        for code, rows in _counted(responses(report), "language").items()
    ]


def _staff(report: Report) -> list[Found]:
    names = Staff.all().names
    found = _counted(responses(report).filter(nameless=False).annotate(who=LOOKED_AFTER), "who")
    return [
        (str(who or "-"), names.get(f"staff:{who}", "") if who else _("nobody"), scores_of(rows))
        for who, rows in found.items()
    ]


def _products(report: Report) -> list[Found]:
    rows = responses(report).filter(order__isnull=False).exclude(order__lines__name="")
    found = _counted(rows, "order__lines__name", distinct=True)
    return [(name, name, scores_of(kept)) for name, kept in found.items() if name]


BY: dict[str, Callable[[Report], list[Found]]] = {
    "channel": _channels,
    "language": _languages,
    "staff": _staff,
    "product": _products,
}

_BY_FACET = """
    WITH said AS ({said}), who AS ({who})
    SELECT who.value::text, said.score, count(*) FROM said JOIN who ON who.id = said.customer_id GROUP BY 1, 2
"""


def _by_facet(report: Report, by: str, asker: Asker) -> list[Found]:
    """One statement: what a facet says of each customer, beside their answers."""
    facet = built_in([by], asker)[by]
    said = responses(report).filter(customer__isnull=False).values("customer_id", "score")
    who = Customer.objects.present().annotate(value=facet.resolved).order_by().values("id", "value")
    (said_sql, said_params), (who_sql, who_params) = (rows.query.sql_with_params() for rows in (said, who))
    with connection.cursor() as cursor:
        cursor.execute(_BY_FACET.format(said=said_sql, who=who_sql), [*said_params, *who_params])
        fetched = cursor.fetchall()
    found: dict[str | None, list[Row]] = defaultdict(list)
    for value, score, n in fetched:
        found[value].append((score, False, n))
    labels = {str(value): str(label) for value, label in facet.options()}
    by_label = {label: value for value, label in labels.items()}
    return [_of_facet(value, labels, by_label, scores_of(rows)) for value, rows in found.items()]


def _of_facet(value: str | None, labels: dict[str, str], by_label: dict[str, str], scores: Scores) -> Found:
    """A facet may give the value of a choice, or its label."""
    if value is None:
        return "-", _("none"), scores
    return by_label.get(value, value), labels.get(value, value), scores


def _segments(report: Report, asker: Asker) -> list[Found]:
    """Those one may see, shared ones first; they overlap."""
    shown = Segment.objects.seen_by(asker).order_by(F("shared_at").asc(nulls_last=True), "pk")[:8]
    found = []
    for segment in shown:
        rows = responses(report).filter(customer__in=segment.customers(asker).order_by().values("pk"))
        counts = [(score, False, n) for score, n in rows.values_list("score").annotate(n=Count("pk"))]
        found.append((str(segment.pk), segment.name, scores_of(counts)))
    return found


def hides_some(report: Report) -> bool:
    """A few answered without a name in the period: they are in no figure of it."""
    begins, ends = report.period.moments
    rows = Response.objects.counted().filter(survey=report.survey, at__gte=begins, at__lt=ends, nameless=True)
    few = rows.filter(version__in=report.versions.ids)[:HIDDEN_UNDER].count()
    return 0 < few < HIDDEN_UNDER
