"""What the figures show on the card and on Today (config/panels.py lists these)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import ranking
from analytics.models import Figures, Flag
from analytics.models.figures import State
from analytics.reasons import Reasons, reasons_of
from crm.complaints.panels import open_complaints
from crm.models import Customer
from crm.panels import NextStep, Panel
from feedback.figures.low_answers import low_of
from feedback.figures.overview import Report
from feedback.following.panels import answers_of
from shop import formats
from shop.access import StaffRequest
from shop.at_once import once
from shop.currency import currency_in_force

SHOWN = 6
WEEK = timedelta(days=7)
DOTS = 5
TOLD = (State.OVERDUE, State.AT_RISK, State.LIKELY_LOST)


def figures_of(customer: Customer) -> Figures | None:
    """The card joins them; who never bought has none."""
    return getattr(customer, "figures", None)


def why_at_risk(request: StaffRequest, customer: Customer) -> Panel | None:
    figures = figures_of(customer)
    if figures is None:
        return None
    reasons = Reasons(figures, timezone.localdate())
    if reasons.state not in TOLD:
        return None
    complaints = list(open_complaints(customer) or ()) if request.user.may("complaints.work") else []
    reasons = replace(reasons, low=low_of(answers_of(customer)), complaint=next(iter(complaints), None))
    return Panel("analytics/_why.html", {"reasons": reasons, "figures": figures}, order=10)


def state_badge(request: StaffRequest, customer: Customer) -> Panel | None:
    """Beside the name: the state in a word, how sure it is in dots."""
    figures = figures_of(customer)
    state = figures.state(timezone.localdate()) if figures else None
    if figures is None or state not in TOLD:
        return None
    dots = min(max(round((figures.p_silent_90 or 0) * DOTS), 1), DOTS)
    context = {"label": State(state).label, "overdue": state == State.OVERDUE, "dots": dots}
    return Panel("analytics/_badge.html", context, zone="badge")


def figures_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    figures = figures_of(customer)
    if figures is None:
        return None
    reasons = Reasons(figures, timezone.localdate())
    return Panel("analytics/_figures.html", {"figures": figures, "reasons": reasons}, order=20)


def next_step(request: StaffRequest, customer: Customer) -> NextStep | None:
    """Somebody slipping away is rung while it can still help; who is likely lost is no longer worth the first word."""
    figures = figures_of(customer)
    if figures is None:
        return None
    reasons = Reasons(figures, timezone.localdate())
    silent = ngettext("Silent for %(n)s day.", "Silent for %(n)s days.", reasons.silent)
    why = silent % {"n": formats.number(reasons.silent)}
    if reasons.state == State.AT_RISK:
        at_stake = _("%(money)s at stake.") % {"money": _money(figures.at_stake)} if figures.at_stake else ""
        text = (
            _("Get in touch: probably slipping away.") if reasons.is_unlikely else _("Get in touch: unusually quiet.")
        )
        return NextStep(text=text, why=f"{why} {at_stake}".rstrip(), weight=60)
    if reasons.state == State.OVERDUE:
        return NextStep(text=_("Later than usual: a word would not hurt."), why=why, weight=40)
    if reasons.state == State.SECOND_DUE:
        return NextStep(text=_("Invite to a second purchase: it is due."), why=why, weight=30)
    return None


def _at_risk() -> Any:
    return Figures.objects.at_risk(timezone.localdate()).most_at_stake().select_related("customer")


def _first_at_risk() -> list[Figures]:
    rows = Figures.objects.at_risk(timezone.localdate()).select_related("customer")
    return [figures for _place, figures in ranking.first(rows, SHOWN)]


@once
def mine_of(request: StaffRequest) -> Any:
    return _at_risk().filter(customer__owner=request.user)[:SHOWN]


@once
def back_of(request: StaffRequest) -> Any:
    return Flag.objects.came_back(timezone.now() - WEEK).select_related("customer")[:SHOWN]


def at_risk_today(request: StaffRequest) -> Panel | None:
    """Those with most at stake: of my own customers, when some of them are at risk."""
    if not request.user.may("customers.view"):
        return None
    mine = list(mine_of(request))
    rows = mine or _first_at_risk()
    if not rows:
        return None
    reasons = reasons_of(rows, timezone.localdate())
    more = reverse("analytics:at_risk") if request.user.may("reports.view") else ""
    context = {"rows": reasons, "more": more, "mine": bool(mine)}
    return Panel("analytics/_today.html", context, zone="main", order=20)


def came_back_today(request: StaffRequest) -> Panel | None:
    """Who was flagged and bought again within a week."""
    if not request.user.may("customers.view"):
        return None
    rows = list(back_of(request))
    if not rows:
        return None
    count = len(rows) if len(rows) < SHOWN else Flag.objects.came_back(timezone.now() - WEEK).count()
    return Panel("analytics/_came_back.html", {"rows": rows, "count": count}, zone="side", order=30)


def _money(value: object) -> str:
    return formats.money(value, currency_in_force(), whole=True)  # type: ignore[arg-type]


def who_did_not_answer(request: StaffRequest, report: Report) -> Panel | None:
    """Fetched by the page once it is there."""
    if not report.rates[0].asked:
        return None
    return Panel("analytics/_response_bias_later.html", {"url": report.url("analytics:response_bias")}, zone="tiles")


def who_did_not_answer_means(request: StaffRequest, report: Report) -> Panel | None:
    return Panel("analytics/_response_bias_means.html", zone="notes") if report.rates[0].asked else None
