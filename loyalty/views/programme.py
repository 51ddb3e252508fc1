"""The overview of the programme: what is in force, who is of which tier, what waits for somebody."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, Sum, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from loyalty.models import Account, Challenge, EarningRule, Referral, Reward, Standing, TierScheme, TierStep
from loyalty.programme import wording
from loyalty.programme.challenges import span_of
from shop.access import right
from shop.at_once import fetch

FEW = 6


@require_GET
@right("reports.view")
def programme(request: HttpRequest) -> HttpResponse:
    rule, scheme, today = EarningRule.in_force_at(), TierScheme.in_force_at(), timezone.localdate()
    rewards = Reward.objects.to_be_had(today).order_by("cost", "pk")[:FEW]
    challenges = Challenge.objects.filter(put_away_at=None).select_related("badge").order_by("-pk")[:FEW]
    steps = scheme.steps.select_related("tier").order_by("-threshold") if scheme else None
    counts = {"n": Count("pk"), "soon": Count("pk", Q(at_risk_on__lte=today))}
    standing = Standing.objects.order_by().values_list("tier").annotate(**counts)
    rules, schemes = (model.objects.coming().values_list("pk", "since")[:1] for model in (EarningRule, TierScheme))
    fetch([rewards, challenges, steps, standing, rules, schemes])
    if rule:
        prefetch_related_objects([rule], "categories", "tiers__tier")
    context = {
        "rule": rule,
        "sentences": wording.sentences(rule) if rule else [],
        "next_rule": next(iter(rules), None),
        "scheme": scheme,
        "how": wording.how(scheme) if scheme else "",
        "next_scheme": next(iter(schemes), None),
        "tiers": tiers_of(scheme, steps, {tier: n for tier, n, _soon in standing}) if steps else [],
        "at_risk": sum(soon for _tier, _n, soon in standing),
        "sums": Account.objects.aggregate(available=Sum("available"), pending=Sum("pending"), accounts=Count("pk")),
        "rewards": list(rewards),
        "challenges": [one for one in challenges if span_of(one, today)],
        **Referral.objects.waiting(),
        "may_edit": request.user.may("programme.edit"),
    }
    return render(request, "loyalty/programme/overview.html", context)


def tiers_of(scheme: TierScheme, steps: Iterable[TierStep], counts: dict[int | None, int]) -> list[dict[str, Any]]:
    """From the highest on, with their customers; the last row is those without one."""
    most = max(counts.values(), default=0)
    return [
        {
            "tier": step.tier,
            "from": wording.counted(scheme.metric, step.threshold) if step.threshold else "",
            "customers": counts.get(step.tier_id, 0),
            "most": most,
        }
        for step in steps
    ]
