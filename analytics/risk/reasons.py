"""Why a customer is overdue, at risk or likely lost: in words and numbers, without gender."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Figures, Flag, Scores
from analytics.models.scores import RfmGroup, State
from crm.complaints.words import due_of
from crm.models import Complaint, Customer
from feedback.figures.low_answers import LowAnswer, last_answers, low_among
from shop import formats
from shop.at_once import fetch
from shop.prepared import WHOEVER, IsOneOf, prepared

SMALLER = Decimal("0.8")  # of the usual: from here on a last order is called small

UNSHOWN = [field.name for field in Customer._meta.concrete_fields if field.name not in ("id", "name", "owner")]


@dataclass(frozen=True)
class Reasons:
    """The scores of one customer as somebody reads them on a day. A low score changes no probability."""

    scores: Scores
    today: date
    low: LowAnswer | None = None
    complaint: Complaint | None = None  # the most pressing one that is open
    flag: Flag | None = None  # the one that is open
    until: date | None = None  # of a second purchase that is due: later, most of those who come back have

    @property
    def figures(self) -> Figures:
        return self.scores.figures

    @property
    def customer(self) -> Customer:
        return self.scores.customer

    @property
    def silent(self) -> int:
        return max((self.today - self.scores.last_on).days, 0)

    @property
    def state(self) -> str:
        return self.scores.state(self.today)

    @property
    def state_name(self) -> str:
        return State(self.state).label  # type: ignore[return-value]

    @property
    def ranks_as(self) -> Decimal | None:
        """As if so much were at stake, where a low score or an open complaint raises the rank."""
        return getattr(self.scores, "rank", None) if getattr(self.scores, "wrong", None) else None

    @property
    def due(self) -> str:
        """late, today or soon."""
        due = self.flag.due_on if self.flag else None
        return "" if due is None else "late" if due < self.today else "today" if due == self.today else "soon"

    @property
    def owner(self) -> Any:
        """Of the flag; before somebody took it on, of the card."""
        return (self.flag and self.flag.owner) or self.customer.owner

    @property
    def group(self) -> Any:
        """Of RFM. Django's own way to its name makes all the names hashable first, for every row."""
        return RfmGroup(self.scores.rfm).label

    @property
    def comes_back(self) -> float | None:
        """P(a purchase within 90 days), as of the day of the figures."""
        silent = self.scores.p_silent_90
        return None if silent is None else 1 - silent

    @property
    def is_unlikely(self) -> bool:
        """To come back. A frequent buyer is at risk by the rhythm alone long before that."""
        return self.comes_back is not None and self.comes_back < 0.5

    def short(self) -> SafeString:
        """Usually every **21 days**, silent **58**."""
        parts = (self._rhythm_short(), *self.others(), *self.heard())
        return format_html_join(" ", "{}", ((part,) for part in parts if part))

    def long(self) -> list[SafeString]:
        """One reason a line."""
        return [part for part in (self._rhythm_long(), *self.others()) if part]

    def why_now(self) -> SafeString:
        """Of who bought once: first order **41 days** ago; half of those who buy again had by day **35**."""
        due, ago = self.scores.second_due_on, (self.today - self.figures.first_on).days
        parts = [format_html(_("First order {} ago."), bold(self._days(ago)))]
        if due:
            half = formats.number((due - self.figures.first_on).days)
            parts.append(format_html(_("Half of those who buy a second time had by day {}."), bold(half)))
        return format_html_join(" ", "{}", ((part,) for part in [*parts, *self.heard()]))

    def others(self) -> list[SafeString]:
        return [part for part in (self._similar(), self._smaller()) if part]

    def heard(self) -> list[SafeString]:
        """What they told the shop: one reason a line."""
        return [part for part in (self._said(), self._complains()) if part]

    def _complains(self) -> SafeString | None:
        """Complaint open: first answer 2 h late."""
        if self.complaint is None:
            return None
        due, is_open = due_of(self.complaint), bold(_("Complaint open"))
        return format_html("{}: {}.", is_open, due.badge) if due else format_html("{}.", is_open)

    def _said(self) -> SafeString | None:
        """CSAT 2 on 3 May, not answered."""
        if self.low is None:
            return None
        day = formats.day(formats.local(self.low.at)[0], year=False)
        score = bold(f"{self.low.kind.upper()} {formats.number(self.low.score)}")
        if self.low.answered:
            return format_html(_("{} on {}."), score, day.rstrip("."))  # 2 февр. brings its own full stop
        return format_html(_("{} on {}, not answered."), score, day)

    def _rhythm_short(self) -> SafeString:
        if self.figures.usual_gap is None:
            text = ngettext("Bought once, silent for %(n)s day.", "Bought once, silent for %(n)s days.", self.silent)
            return format_html("{}", text % {"n": formats.number(self.silent)})
        every = self._days(round(self.figures.usual_gap))
        text = _("Usually every %(gap)s, silent %(silent)s.") % {"gap": "{}", "silent": "{}"}
        return format_html(text, bold(every), bold(formats.number(self.silent)))

    def _rhythm_long(self) -> SafeString:
        figures = self.figures
        if figures.usual_gap is None:
            return self._rhythm_short()
        gap, silent = bold(self._days(round(figures.usual_gap))), bold(formats.number(self.silent))
        if figures.gaps == 1:
            return format_html(_("Came back once, after {}; silent for {}"), gap, silent)
        return format_html(_("Usually buys every {} ({}); silent for {}"), gap, self._gaps(), silent)

    def _gaps(self) -> str:
        """Median of 7 gaps, half of them 25 to 48."""
        figures = self.figures
        low, high = formats.number(round(figures.gap_low or 0)), formats.number(round(figures.gap_high or 0))
        text = ngettext(
            "median of %(n)s gap, half of them %(low)s to %(high)s",
            "median of %(n)s gaps, half of them %(low)s to %(high)s",
            figures.gaps,
        )
        return text % {"n": formats.number(figures.gaps), "low": low, "high": high}

    def _similar(self) -> SafeString | None:
        days = self.scores.nine_of_ten
        if days is None or days > self.silent:
            return None
        return format_html(_("Nine of ten with this history had come back by day {}."), formats.number(days))

    def _smaller(self) -> SafeString | None:
        figures = self.figures
        if figures.gaps < 2 or figures.net <= figures.last_spend:
            return None
        usual = (figures.net - figures.last_spend) / figures.gaps
        if figures.last_spend >= usual * SMALLER:
            return None
        below = formats.percent(1 - figures.last_spend / usual)
        return format_html(_("Last order {} below the usual."), below)

    @staticmethod
    def _days(days: int) -> str:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": formats.number(days)}


def bold(text: str) -> SafeString:
    return format_html("<b>{}</b>", text)


@prepared
def _cards(_customers: Any) -> Any:
    bought = Customer.objects.filter(IsOneOf("id", WHOEVER), figures__isnull=False)
    return bought.select_related("owner", "figures").defer(*UNSHOWN)


@prepared
def _open_complaints(_customers: Any) -> Any:
    rows = Complaint.objects.open().filter(IsOneOf("customer_id", WHOEVER))
    return rows.most_pressing().defer("details", "outcome")


@prepared
def _flags(_customers: Any) -> Any:
    return Flag.objects.open().filter(IsOneOf("customer_id", WHOEVER)).select_related("owner")


def reasons_of(rows: list[Scores], today: date, *beside: Any) -> list[Reasons]:
    """Of many at once, with who they are and what they told the shop, asked together. Joined to the ranks, all
    customers would be read for the few that come first."""
    ids = [scores.customer_id for scores in rows]
    answers, open_, cards, flags = last_answers(ids), _open_complaints(ids), _cards(ids), _flags(ids)
    fetch((answers, open_, cards, flags, *beside))
    customers = {one.pk: one for one in cards}
    rows = [one for one in rows if one.customer_id in customers]  # who was erased meanwhile has nothing to tell
    for one in rows:
        one.customer = customers[one.customer_id]
    low, complaints = low_among(answers), dict[int, Complaint]()
    for complaint in open_:
        complaints.setdefault(complaint.customer_id, complaint)
    raised = {one.customer_id: one for one in flags}
    told = ((one, one.customer_id) for one in rows)
    return [Reasons(one, today, low.get(pk), complaints.get(pk), raised.get(pk)) for one, pk in told]
