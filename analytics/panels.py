"""What the figures show on the card and on Today (config/panels.py lists these)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Flag, Goal, Scores
from analytics.models.scores import State
from analytics.reports.goals import Standing
from analytics.risk.ranking import Paged, ranked
from analytics.risk.reasons import UNSHOWN, Reasons, reasons_of
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
from shop.models import Setting
from shop.prepared import NOW, TODAY, prepared

SHOWN = 6
GOALS = 3
WEEK = timedelta(days=7)
DOTS = 5
TOLD = (State.OVERDUE, State.AT_RISK, State.LIKELY_LOST)


def scores_of(customer: Customer) -> Scores | None:
    """The card joins them and the figures; who never bought has neither."""
    return getattr(customer, "scores", None)


def why_at_risk(request: StaffRequest, customer: Customer) -> Panel | None:
    scores = scores_of(customer)
    if scores is None:
        return None
    reasons = Reasons(scores, timezone.localdate())
    if reasons.state not in TOLD:
        return None
    complaints = list(open_complaints(customer) or ()) if request.user.may("complaints.work") else []
    reasons = replace(reasons, low=low_of(answers_of(customer)), complaint=next(iter(complaints), None))
    newest = next(iter(flag_of(customer)), None)
    flag = newest if newest and (newest.closed_at is None or newest.last_on >= scores.last_on) else None
    edits = request.user.may("customers.edit")
    context = {"reasons": replace(reasons, flag=flag), "may_edit": edits, "customer": customer}
    return Panel("analytics/_why.html", context, order=10)


@once
def flag_of(customer: Customer) -> Any:
    """The newest one. Who has no scores has no flag."""
    return _flag_of(customer) if scores_of(customer) else ()


@prepared
def _flag_of(customer: Any) -> Any:
    return Flag.objects.filter(customer=customer).select_related("owner").order_by("-raised_at", "-pk")[:1]


def state_badge(request: StaffRequest, customer: Customer) -> Panel | None:
    """Beside the name: the state in a word, how sure it is in dots."""
    scores = scores_of(customer)
    state = scores.state(timezone.localdate()) if scores else None
    if scores is None or state not in TOLD:
        return None
    dots = min(max(round((scores.p_silent_90 or 0) * DOTS), 1), DOTS)
    context = {"label": State(state).label, "overdue": state == State.OVERDUE, "dots": dots}
    return Panel("analytics/_badge.html", context, zone="badge")


def figures_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    scores = scores_of(customer)
    if scores is None:
        return None
    reasons = Reasons(scores, timezone.localdate())
    share = Setting.get("analytics.margin")
    margin = scores.figures.net * share / 100 if share else None
    return Panel("analytics/_figures.html", {"scores": scores, "reasons": reasons, "margin": margin}, order=20)


def next_step(request: StaffRequest, customer: Customer) -> NextStep | None:
    """Somebody slipping away is rung while it can still help; who is likely lost is no longer worth the first word."""
    scores = scores_of(customer)
    if scores is None:
        return None
    flag = next(iter(flag_of(customer)), None)
    if flag and flag.last_on >= scores.last_on and (flag.closed_at or flag.contacted_at):
        return None  # somebody has seen to it
    reasons = Reasons(scores, timezone.localdate())
    silent = ngettext("Silent for %(n)s day.", "Silent for %(n)s days.", reasons.silent)
    why = silent % {"n": formats.number(reasons.silent)}
    if reasons.state == State.AT_RISK:
        at_stake = _("%(money)s at stake.") % {"money": _money(scores.at_stake)} if scores.at_stake else ""
        text = (
            _("Get in touch: probably slipping away.") if reasons.is_unlikely else _("Get in touch: unusually quiet.")
        )
        return NextStep(text=text, why=f"{why} {at_stake}".rstrip(), weight=60)
    if reasons.state == State.OVERDUE:
        return NextStep(text=_("Later than usual: a word would not hurt."), why=why, weight=40)
    if reasons.state == State.SECOND_DUE:
        return NextStep(text=_("Invite to a second purchase: it is due."), why=why, weight=30)
    return None


def _at_risk(_about: Any) -> Any:
    return Scores.objects.at_risk(TODAY)


def _mine(user: Any) -> Any:
    return Scores.objects.at_risk(TODAY).filter(customer__owner=user)


ALL, MINE = Paged.of(_at_risk, SHOWN), ranked(_mine, SHOWN)


@once
def all_of(request: StaffRequest) -> Any:
    return ALL.first(request.user)


@once
def mine_of(request: StaffRequest) -> Any:
    return MINE(request.user)


@once
def back_of(request: StaffRequest) -> Any:
    return _came_back(request.user)


@prepared
def _came_back(_shop: Any) -> Any:
    unshown = [f"customer__{name}" for name in UNSHOWN]
    return Flag.objects.came_back(NOW - WEEK).select_related("customer").defer(*unshown)[:SHOWN]


def _first_at_risk(request: StaffRequest) -> list[Scores]:
    return list(all_of(request)) or [scores for _place, scores in ALL.page()]


def at_risk_today(request: StaffRequest) -> Panel | None:
    """Those with most at stake: of my own customers, when some of them are at risk."""
    if not request.user.may("customers.view"):
        return None
    mine = list(mine_of(request))
    rows = mine or _first_at_risk(request)
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


@once
def goals_of(request: StaffRequest) -> Any:
    return _goals(request.user)


@prepared
def _goals(_shop: Any) -> Any:
    return Goal.objects.running()[:GOALS]


def goals_today(request: StaffRequest) -> Panel | None:
    """How the last complete month stands against each goal."""
    if not request.user.may("reports.view"):
        return None
    rows = [Standing(one) for one in goals_of(request)]
    return Panel("analytics/_goals_today.html", {"rows": rows}, zone="side", order=25) if rows else None


@once
def second_due_of(request: StaffRequest) -> Any:
    return _second_due(request.user)


@prepared
def _second_due(_shop: Any) -> Any:
    rows = Scores.objects.filter(occasions=1, second_due_on__lte=TODAY, second_due_on__gt=TODAY - WEEK)
    unshown = [f"customer__{name}" for name in UNSHOWN]
    return rows.select_related("customer__figures").defer(*unshown).order_by("-second_due_on", "-customer_id")[:SHOWN]


def second_due_today(request: StaffRequest) -> Panel | None:
    """Who bought once and could come back now: the newest of this week."""
    if not request.user.may("customers.view") or not request.user.may("reports.view"):
        return None
    rows = list(second_due_of(request))
    return Panel("analytics/_second_today.html", {"rows": rows}, zone="side", order=35) if rows else None


def _money(value: object) -> str:
    return formats.money(value, currency_in_force(), whole=True)  # type: ignore[arg-type]


def who_did_not_answer(request: StaffRequest, report: Report) -> Panel | None:
    """Fetched by the page once it is there."""
    if not report.rates[0].asked:
        return None
    return Panel("analytics/_response_bias_later.html", {"url": report.url("analytics:response_bias")}, zone="tiles")


def who_did_not_answer_means(request: StaffRequest, report: Report) -> Panel | None:
    return Panel("analytics/_response_bias_means.html", zone="notes") if report.rates[0].asked else None
