"""What the programme shows on the card (config/panels.py lists these)."""

import uuid
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Customer
from crm.panels import NextStep, Panel
from loyalty.models import BadgeAward, Progress, Reward, Standing, TierPeriod, TierScheme
from loyalty.programme import wording
from loyalty.programme.tiers import Ladder
from shop import formats

SHOWN = 4


def standing_of(customer: Customer) -> Standing | None:
    """The card joins it; who never bought has none."""
    return getattr(customer, "standing", None)


def tier_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """The tier, until when it is kept, what is missing to the next; challenges under way and badges."""
    standing = standing_of(customer)
    ladder = Ladder.in_force() if standing else None
    progress, badges = running(customer), awards(customer)
    if ladder is None and not progress and not badges:
        return None
    context: dict[str, Any] = {"customer": customer, "progress": progress, "badges": badges}
    context["may_edit"] = request.user.may("programme.edit")  # type: ignore[union-attr]
    if ladder and standing:
        context |= _tier(ladder, standing)
    return Panel("loyalty/programme/_tier_panel.html", context, order=26)


def _tier(ladder: Ladder, standing: Standing) -> dict[str, Any]:
    steps = {step.tier_id: step.tier for step in ladder.steps}
    metric = ladder.scheme.metric
    period = TierPeriod.objects.open().filter(customer=standing.customer_id).first() if standing.tier_id else None
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


def running(customer: Customer) -> list[Progress]:
    today = timezone.localdate()
    rows = Progress.objects.filter(customer=customer, ends_on__gte=today, challenge__put_away_at=None)
    met = Q(counted__gt=0) | Q(reached_at__isnull=False)
    found = list(rows.filter(met).select_related("challenge__badge").order_by("ends_on", "pk")[:SHOWN])
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


def awards(customer: Customer) -> list[BadgeAward]:
    return list(BadgeAward.objects.filter(customer=customer).select_related("badge").order_by("-at")[:SHOWN])


def rewards_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """What their points would buy now, for whoever may exchange them."""
    if not request.user.may("points.adjust"):  # type: ignore[union-attr]
        return None
    account = getattr(customer, "account", None)
    points = account.spendable() if account else 0
    if not points:
        return None
    offered = Reward.objects.to_be_had(timezone.localdate()).filter(cost__lte=points).select_related("tier")
    ladder, standing = Ladder.in_force(), standing_of(customer)
    rank = ladder.rank(standing.tier_id) if ladder and standing else -1
    within = [
        one
        for one in offered.order_by("-cost", "pk")
        if one.tier is None or (ladder and ladder.rank(one.tier_id) <= rank)
    ]
    if not within:
        return None
    rows = [(one, wording.gives(one)) for one in within[:SHOWN]]
    return Panel(
        "loyalty/programme/_rewards_panel.html", {"customer": customer, "rows": rows, "key": uuid.uuid4()}, order=28
    )


def tier_ends(request: HttpRequest, customer: Customer) -> NextStep | None:
    """A tier is about to be lost, and it can still be kept."""
    standing = standing_of(customer)
    today = timezone.localdate()
    if standing is None or standing.at_risk_on is None or standing.at_risk_on > today or not standing.to_keep:
        return None
    if standing.kept_until is None or standing.kept_until < today:
        return None
    scheme = TierScheme.in_force_at()
    missing = wording.counted(scheme.metric if scheme else "spend", standing.to_keep)
    words = {"tier": standing.tier, "day": formats.day(standing.kept_until)}
    return NextStep(
        text=_("Say what is missing to stay %(tier)s: %(missing)s.") % {**words, "missing": missing},
        why=_("%(tier)s is kept until %(day)s.") % words,
        weight=35,
        action_url=reverse("crm:customer", args=[customer.pk]) + "#tier",
        action_label=_("Look"),
    )
