"""The overview of the programme: what is in force, who is of which tier, what waits for somebody."""

from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from loyalty.models import Account, Challenge, EarningRule, Referral, Reward, Standing, TierScheme
from loyalty.programme import wording
from loyalty.programme.challenges import span_of
from shop.access import right

FEW = 6


@require_GET
@right("reports.view")
def programme(request: HttpRequest) -> HttpResponse:
    rule, scheme = EarningRule.in_force_at(), TierScheme.in_force_at()
    context = {
        "rule": rule,
        "sentences": wording.sentences(rule) if rule else [],
        "rules_coming": EarningRule.objects.coming().count() if rule else 0,
        "scheme": scheme,
        "how": wording.how(scheme) if scheme else "",
        "tiers": tiers_of(scheme) if scheme else [],
        "at_risk": Standing.objects.filter(at_risk_on__lte=timezone.localdate()).count(),
        "sums": Account.objects.aggregate(available=Sum("available"), pending=Sum("pending"), accounts=Count("pk")),
        "rewards": list(Reward.objects.to_be_had(timezone.localdate()).order_by("cost", "pk")[:FEW]),
        "challenges": running_challenges(),
        "to_decide": Referral.objects.to_decide().count(),
        "under_way": Referral.objects.under_way().count(),
        "may_edit": request.user.may("programme.edit"),
    }
    return render(request, "loyalty/programme/overview.html", context)


def tiers_of(scheme: TierScheme) -> list[dict[str, Any]]:
    """From the highest on, with their customers; the last row is those without one."""
    counts = dict(Standing.objects.values_list("tier").annotate(n=Count("pk")).order_by())
    most = max(counts.values(), default=0)
    steps = scheme.steps.select_related("tier").order_by("-threshold")
    return [
        {
            "tier": step.tier,
            "from": wording.counted(scheme.metric, step.threshold) if step.threshold else "",
            "customers": counts.get(step.tier_id, 0),
            "most": most,
        }
        for step in steps
    ]


def running_challenges() -> list[Challenge]:
    today = timezone.localdate()
    present = Challenge.objects.filter(put_away_at=None).select_related("badge").order_by("-pk")[:FEW]
    return [challenge for challenge in present if span_of(challenge, today)]
