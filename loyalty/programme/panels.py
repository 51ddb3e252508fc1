"""What the programme shows on the card (config/panels.py lists these)."""

import uuid
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.first_steps import Step
from crm.models import Customer
from crm.panels import NextStep, Panel
from loyalty.models import BadgeAward, EarningRule, Progress, Reward, Standing, TierPeriod, TierStep
from loyalty.points.panels import balance_of
from loyalty.programme import wording
from loyalty.programme.tiers import Ladder
from shop import formats
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import NOW, TODAY, prepared

SHOWN = 4


def standing_of(customer: Customer) -> Standing | None:
    """The card joins it; who never bought has none."""
    return getattr(customer, "standing", None)


@once
def rule_of(request: StaffRequest) -> Any:
    return None if request.user.first_steps_put_away_at else _a_rule(None)


@prepared
def _a_rule(_shop: Any) -> Any:
    return EarningRule.objects.published().order_by().values_list("pk")[:1]


def first_step(request: StaffRequest) -> Step | None:
    if not request.user.may("programme.edit"):
        return None
    return Step(
        _("Say what earns points"),
        _("Say how many points a purchase brings; you see what it does to three customers before it holds."),
        _("What earns points"),
        reverse("loyalty:programme"),
        done=bool(rule_of(request)),
    )


@once
def steps_of(customer: Customer) -> Any:
    return _steps(None) if standing_of(customer) else None


@prepared
def _steps(_about: Any) -> Any:
    return TierStep.in_force(NOW)


@once
def ladder_of(customer: Customer) -> Ladder | None:
    """Today's tiers, of whoever has a place among them."""
    steps = list(steps_of(customer) or ())
    return Ladder(steps[0].scheme, steps) if steps else None


@once
def periods_of(customer: Customer) -> Any:
    standing = standing_of(customer)
    return _open_period(customer) if standing is not None and standing.tier_id is not None else None


@prepared
def _open_period(customer: Any) -> Any:
    return TierPeriod.objects.open().filter(customer=customer).order_by("pk")[:1]


def tier_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    """The tier, until when it is kept, what is missing to the next; challenges under way and badges."""
    standing = standing_of(customer)
    ladder = ladder_of(customer)
    progress, badges = running(customer), awards(customer)
    if ladder is None and not progress and not badges:
        return None
    context: dict[str, Any] = {"customer": customer, "progress": progress, "badges": badges}
    context["may_edit"] = request.user.may("programme.edit")
    if ladder and standing:
        context |= _tier(customer, ladder, standing)
    return Panel("loyalty/programme/_tier_panel.html", context, order=26)


def _tier(customer: Customer, ladder: Ladder, standing: Standing) -> dict[str, Any]:
    steps = {step.tier_id: step.tier for step in ladder.steps}
    metric = ladder.scheme.metric
    period = next(iter(periods_of(customer) or ()), None)
    return {
        "standing": standing,
        "tier": steps.get(standing.tier_id or 0),
        "given": period if period and period.why == TierPeriod.Why.GIVEN else None,
        "next": steps.get(standing.next_tier_id or 0),
        "to_next": wording.counted(metric, standing.to_next or Decimal(0)),
        "to_keep": wording.counted(metric, standing.to_keep) if standing.to_keep and in_danger(standing) else "",
        "share": _share(ladder, standing),
    }


def in_danger(standing: Standing) -> bool:
    """What is needed to keep a tier is said when its end is near."""
    return standing.at_risk_on is not None and standing.at_risk_on <= timezone.localdate()


def _share(ladder: Ladder, standing: Standing) -> float | None:
    """How far between the threshold of this tier and of the next one."""
    rank = ladder.rank(standing.tier_id)
    following = ladder.next(rank)
    if following is None:
        return None
    low = ladder.threshold(rank)
    return max(0.0, min(1.0, float((standing.counted - low) / (following.threshold - low))))


@once
@prepared
def progress_of(customer: Any) -> Any:
    rows = Progress.objects.filter(customer=customer, ends_on__gte=TODAY, challenge__put_away_at=None)
    met = Q(counted__gt=0) | Q(reached_at__isnull=False)
    return rows.filter(met).select_related("challenge__badge").order_by("ends_on", "pk")[:SHOWN]


def running(customer: Customer) -> list[Progress]:
    found: list[Progress] = list(progress_of(customer))
    for row in found:
        row.said = how_far(row)  # type: ignore[attr-defined]
    return found


def how_far(row: Progress) -> str:
    target = wording.counted(row.challenge.metric, row.challenge.target)
    if row.counted >= row.challenge.target:
        return target
    values = {"counted": wording.plain(row.counted), "target": target}
    if row.challenge.metric == row.challenge.Metric.SPEND:
        values["counted"] = wording.money(row.counted)
    return _("%(counted)s of %(target)s") % values


@once
@prepared
def awards(customer: Any) -> Any:
    return BadgeAward.objects.filter(customer=customer).select_related("badge").order_by("-at")[:SHOWN]


@once
def rewards_of(customer: Customer) -> Any:
    """What could be had for all their points, also for those that begin to count just now."""
    account = getattr(customer, "account", None)
    points = account.available + account.pending if account else 0
    return _rewards_for(points) if points else None


@prepared
def _rewards_for(points: Any) -> Any:
    offered = Reward.objects.to_be_had(TODAY).filter(cost__lte=points)
    return offered.select_related("tier").order_by("-cost", "pk")


def rewards_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    """What their points would buy now, for whoever may exchange them."""
    if not request.user.may("points.adjust"):
        return None
    points = balance_of(customer).available
    ladder, standing = ladder_of(customer), standing_of(customer)
    rank = ladder.rank(standing.tier_id) if ladder and standing else -1
    within = [
        one
        for one in rewards_of(customer) or ()
        if one.cost <= points and (one.tier is None or (ladder and ladder.rank(one.tier_id) <= rank))
    ]
    if not within:
        return None
    rows = [(one, wording.gives(one)) for one in within[:SHOWN]]
    return Panel(
        "loyalty/programme/_rewards_panel.html", {"customer": customer, "rows": rows, "key": uuid.uuid4()}, order=28
    )


def tier_ends(request: StaffRequest, customer: Customer) -> NextStep | None:
    """A tier is about to be lost, and it can still be kept."""
    standing = standing_of(customer)
    today = timezone.localdate()
    if standing is None or standing.at_risk_on is None or standing.at_risk_on > today or not standing.to_keep:
        return None
    if standing.kept_until is None or standing.kept_until < today:
        return None
    ladder = ladder_of(customer)
    missing = wording.counted(ladder.scheme.metric if ladder else "spend", standing.to_keep)
    tiers = {step.tier_id: step.tier for step in ladder.steps} if ladder else {}
    words = {"tier": tiers.get(standing.tier_id or 0) or standing.tier, "day": formats.day(standing.kept_until)}
    return NextStep(
        text=_("Say what is missing to stay %(tier)s: %(missing)s.") % {**words, "missing": missing},
        why=_("%(tier)s is kept until %(day)s.") % words,
        weight=35,
        action_url=reverse("crm:customer", args=[customer.pk]) + "#tier",
        action_label=_("Look"),
    )
