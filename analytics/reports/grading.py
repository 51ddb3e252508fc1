"""What the page Grading says of one forecast: how it came out, beside days since the last order and the base rate."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.models import Figures, Forecast, Foretold, Generation
from analytics.reports.behind import Behind, bought_between
from shop import formats
from shop.charts import Line, LineChart, Point, Tile, Whisker
from shop.intervals import FEW, Interval, share
from shop.typed import number_in

REASONS = {
    "overdue": lambda: _("Overdue by their own rhythm"),
    "at_risk": lambda: _("At risk by rhythm or chance"),
    "likely_lost": lambda: _("Likely lost"),
    "smaller": lambda: _("Last order smaller than usual"),
    "low_score": lambda: _("Low score"),
    "complaint": lambda: _("Complaint open"),
}
FIVE = 0.05


@dataclass(frozen=True)
class Alarm:
    """Those on a list for one reason; `back` of them came back all the same."""

    name: str
    n: int
    back: int
    url: str
    back_url: str

    @property
    def found(self) -> Interval:
        return share(self.back, self.n)

    @property
    def is_small(self) -> bool:
        return self.n < FEW

    @property
    def between(self) -> str:
        low, high = (formats.number(bound * 100, 1) for bound in (self.found.low, self.found.high))
        return _("%(low)s to %(high)s") % {"low": low, "high": high}


@dataclass(frozen=True)
class Grading:
    """One graded forecast, and the others there are."""

    generation: Generation
    forecast: Forecast
    others: list[Forecast]

    @classmethod
    def of(cls, generation: Generation, asked: str) -> "Grading | None":
        graded = list(Forecast.objects.graded().order_by("-over_on", "-kind")[:25])
        told = [one for one in graded if one.result["customers"]]
        chosen = next((one for one in told if str(one.pk) == asked), told[0] if told else None)
        return cls(generation, chosen, told) if chosen else None

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = self.forecast.result
        return found

    @property
    def n(self) -> int:
        return int(self.result["customers"])

    @property
    def why_off(self) -> str:
        return self.generation.why_off

    def url(self, view: str = "grading", **asked: Any) -> str:
        return f"{reverse(f'analytics:{view}')}?{urlencode({'forecast': self.forecast.pk, **asked})}"

    def behind(self, who: str, **asked: Any) -> str:
        return self.url("graded", who=who, **asked)

    def made(self) -> str:
        """Of when the forecast is, and how it came about."""
        names = {"day": formats.day(self.forecast.made_on), "n": self.forecast.horizon}
        if not self.forecast.looks_back:
            text = ngettext(
                "Foretold on %(day)s for %(n)s day ahead, and graded when it was over.",
                "Foretold on %(day)s for %(n)s days ahead, and graded when they were over.",
                self.forecast.horizon,
            )
            return text % names
        text = ngettext(
            "Looking back: from what was known on %(day)s, for the %(n)s day after it.",
            "Looking back: from what was known on %(day)s, for the %(n)s days after it.",
            self.forecast.horizon,
        )
        return text % names + (f" {self._some()}" if self.forecast.every > 1 else "")

    def _some(self) -> str:
        return _("One customer in %(n)s was looked at.") % {"n": self.forecast.every}

    def choices(self) -> list[tuple[str, str, bool]]:
        """Address, name, whether it is the one shown."""
        return [
            (f"{reverse('analytics:grading')}?forecast={one.pk}", _name(one), one.pk == self.forecast.pk)
            for one in self.others
        ]

    # ---- tiles ----------------------------------------------------------------------------------

    def tiles(self) -> list[Tile]:
        return [self._ranks(), self._error(), self._brier(), self._silent(), self._alarms()]

    def _ranks(self) -> Tile:
        name = _("Ranks right")
        if self.result["auc"][0] is None:
            return Tile(name, _("not yet"), range=_("all stayed away, or all came back"), is_small=True)
        ours, days = Interval(*self.result["auc"]), Interval(*self.result["auc_days"])
        scale = Whisker.around((ours.low, ours.high), (days.low, days.high))
        by_days = _("days since the last order alone: %(share)s") % {"share": formats.percent(days.value, 1)}
        drawn = Whisker(ours.value, ours.low, ours.high, scale, (days.low, days.high))
        return Tile(
            name, formats.percent(ours.value, 1), whisker=drawn, range=self._range(ours), change=by_days, aside="AUC"
        )

    def _error(self) -> Tile:
        value = _("%(n)s points") % {"n": formats.number(self.result["error"] * 100, 1)}
        tone = _("On target") if self.result["error"] < FIVE else _("Off target")
        about = _("between forecast and outcome, on average")
        return Tile(_("Calibration error"), value, range=about, verdict=tone)

    def _brier(self) -> Tile:
        found = Interval(*self.result["brier"])
        gain = self.result["gain"][0]
        verdict = pgettext("a score", "Better") if gain > 0 else pgettext("a score", "No better")
        base = _("than the base rate with %(score)s; 0 is perfect") % {
            "score": formats.number(self.result["base_brier"], 3)
        }
        low, high = formats.number(found.low, 3), formats.number(found.high, 3)
        between = _("%(low)s to %(high)s · n %(n)s") % {"low": low, "high": high, "n": formats.number(self.n)}
        value, tone = formats.number(found.value, 3), "good" if gain > 0 else "bad"
        return Tile(_("Brier score"), value, range=between, verdict=verdict, tone=tone, change=base)

    def _silent(self) -> Tile:
        found = share(self.result["silent"], self.n)
        value, url = formats.percent(found.value, 1), self.behind("silent")
        aside = ngettext("%(n)s person", "%(n)s people", self.result["silent"])
        aside = aside % {"n": formats.number(self.result["silent"])}
        return Tile(_("Did not come back"), value, aside=aside, range=self._range(found), url=url)

    def _alarms(self) -> Tile:
        n, back = self.result["reasons"]["any"]
        name = _("False alarms")
        if not n:
            return Tile(name, _("none yet"), range=_("nobody was on a list that day"), is_small=True)
        found = share(back, n)
        about = _("of those on a list who came back all the same")
        url = self.behind("bought", reason="any")
        return Tile(name, formats.percent(found.value, 1), range=self._range(found, n), change=about, url=url)

    def _range(self, found: Interval, n: int | None = None) -> str:
        low, high = (formats.number(bound * 100, 1) for bound in (found.low, found.high))
        names = {"low": low, "high": high, "n": formats.number(self.n if n is None else n)}
        return _("%(low)s to %(high)s · n %(n)s") % names

    # ---- the chart and the reasons --------------------------------------------------------------

    def chart(self, csv: str = "") -> LineChart:
        parts = self.result["tenths"]
        return LineChart(
            title=self._finding(),
            note=_("A tenth of the customers at each point, by what was foretold; 95% band of those who stayed away."),
            name=_("Stayed away"),
            points=[self._point(i, part) for i, part in enumerate(parts)],
            compare=[Line(pgettext("what the forecast said", "Foretold"), [part["said"] for part in parts])],
            opens=_("Open who stayed away."),
            first_column=_("Foretold, from to"),
            from_zero=True,
            csv=csv,
        )

    def _point(self, i: int, part: dict[str, Any]) -> Point:
        low, high = formats.number(part["low"] * 100), formats.percent(part["high"])
        return Point(
            label=formats.percent(part["said"]),
            long=_("Foretold %(low)s to %(high)s") % {"low": low, "high": high},
            value=part["silent"] / part["n"],
            low=part["share_low"],
            high=part["share_high"],
            n=part["n"],
            href=self.behind("silent", part=i),
        )

    def _finding(self) -> str:
        parts = self.result["tenths"]
        missed = sum(not part["share_low"] <= part["said"] <= part["share_high"] for part in parts)
        if not missed:
            return _("What was foretold came, all along the scale")
        less = sum(part["said"] > part["share_high"] for part in parts)
        if less == missed:
            return _("More came back than was foretold")
        return _("What was foretold did not come everywhere") if less else _("Fewer came back than was foretold")

    def alarms(self) -> list[Alarm]:
        found = self.result["reasons"]
        return [
            Alarm(name(), *_counts(found[key]), self.behind("all", reason=key), self.behind("bought", reason=key))
            for key, name in REASONS.items()
            if found[key][0]
        ]


def _counts(found: list[int]) -> tuple[int, int]:
    return found[0], found[1]


def _name(forecast: Forecast) -> str:
    day = formats.day(forecast.made_on)
    return _("%(day)s, looking back") % {"day": day} if forecast.looks_back else day


def next_over(today: date) -> date | None:
    """The day after which the next forecast is graded."""
    waiting = Forecast.objects.of_months().filter(graded_at=None, over_on__gte=today)
    return waiting.order_by("over_on").values_list("over_on", flat=True).first()


# ---- who stands behind a number --------------------------------------------------------------------


def behind(grading: Grading, question: dict[str, str]) -> Behind | None:
    """None: the question makes no sense."""
    rows, who = _asked(grading, question), question.get("who", "")
    if rows is None or who not in ("silent", "bought", "all"):
        return None
    forecast = grading.forecast
    bought = bought_between((date.fromordinal(forecast.made_on.toordinal() + 1), forecast.over_on))
    found = Figures.objects.filter(customer_id__in=rows.values("customer_id")).annotate(came=bought)
    titles = {"silent": _("Stayed away"), "bought": _("Came back"), "all": _("On a list")}
    customers = found if who == "all" else found.filter(came=who == "bought")
    return Behind(titles[who], grading.made(), customers)


def _asked(grading: Grading, question: dict[str, str]) -> QuerySet[Foretold] | None:
    rows, part, reason = grading.forecast.rows.all(), question.get("part"), question.get("reason")
    if part is not None:
        tenths = grading.result["tenths"]
        number = number_in(part, digits=2)
        if number is None or number >= len(tenths):
            return None
        return rows.filter(p_silent__gte=tenths[number]["low"], p_silent__lte=tenths[number]["high"])
    if reason is None:
        return rows
    listed = _for_reason(rows, Foretold.LISTED)
    if reason == "any":
        return listed
    if reason not in REASONS:
        return None
    return _for_reason(listed, Foretold.Reason[reason.upper()])


def _for_reason(rows: QuerySet[Foretold], reasons: int) -> QuerySet[Foretold]:
    """For one of these at least."""
    return rows.alias(**{f"bits_{reasons}": F("reasons").bitand(int(reasons))}).filter(**{f"bits_{reasons}__gt": 0})
