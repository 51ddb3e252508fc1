"""What the customer sees on their own card (config/panels.py lists these): points, tier, discounts, challenges."""

from dataclasses import replace
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.models import Customer
from crm.panels import Panel
from loyalty.discounts import codes, wording
from loyalty.models import Account, EarningRule, Grant, ReferralCode, Reward
from loyalty.points import wording as points_wording
from loyalty.points.balance import by_day, endings
from loyalty.points.panels import balance_of
from loyalty.programme.panels import awards, in_danger, ladder_of, running, standing_of
from loyalty.programme.referrals import code_to_be, link_of
from loyalty.programme.rewards import is_paid_for
from loyalty.programme.wording import conditions, counted, gives
from shop import qr
from shop.at_once import once
from shop.prepared import NOW, TODAY, prepared
from shop.typed import number_in

SHOWN, OLDER, ALL = 8, 25, 100
DAYS_SHOWN = 3


def pass_panel(request: HttpRequest, customer: Customer) -> Panel:
    """Points, tier, and the code that the till reads."""
    code = customer.card_number
    context = {
        "balance": balance_of(customer),
        "code": code,
        "qr": qr.drawn(code, _("Your card, number %(code)s") % {"code": code}),
        **_tier(customer),
    }
    return Panel("loyalty/me/_pass.html", context, zone="me", order=10)


def _tier(customer: Customer) -> dict[str, Any]:
    standing, ladder = standing_of(customer), ladder_of(customer)
    if standing is None or ladder is None:
        return {}
    metric = ladder.scheme.metric
    tiers = {step.tier_id: step.tier for step in ladder.steps}
    next_tier = tiers.get(standing.next_tier_id or 0)
    told: dict[str, Any] = {"standing": standing, "tier": tiers.get(standing.tier_id or 0), "next_tier": next_tier}
    if next_tier and standing.to_next:
        threshold = ladder.threshold(ladder.rank(standing.next_tier_id))
        share = float(standing.counted / threshold) * 100 if threshold else 0.0
        told |= {"to_next": counted(metric, standing.to_next), "share": f"{min(max(share, 0), 100):.1f}"}
    if standing.to_keep and in_danger(standing):
        told["to_keep"] = counted(metric, standing.to_keep)
    return told


@once
@prepared
def offers_of(customer: Any) -> Any:
    theirs = Grant.objects.usable_or_held(NOW).filter(customer=customer).select_related("discount", "version")
    return theirs.order_by("expires_at", "pk")[:ALL]


def offers_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """What they can use now, each with its conditions; with a code, also as a picture for the till."""
    most = ALL if request.GET.get("discounts") == "all" else SHOWN
    found = list(offers_of(customer))
    context = {
        "offers": [_offer(grant) for grant in found[:most]],
        "more": len(found) > most,
        "language": get_language() or "",
    }
    return Panel("loyalty/me/_offers.html", context, zone="me", order=20) if found else None


def _offer(grant: Grant) -> dict[str, Any]:
    """What is put aside for a basket that nobody has paid is still theirs, but there is nothing to show at a till."""
    if grant.uses_left == 0:
        return {"gives": wording.gives(grant.version), "at_the_till": True}
    code = codes.shown(grant.code) if grant.code else ""
    return {
        "gives": wording.gives(grant.version),
        "conditions": list(wording.conditions(grant.version)),
        "until": wording.until(grant),
        "code": code,
        "qr": qr.drawn(grant.code, _("The code %(code)s") % {"code": code}) if grant.code else "",
    }


@once
def endings_of(customer: Customer) -> Any:
    account = getattr(customer, "account", None)
    return endings(account) if account else None


def points_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """Where the points came from, the newest first; what begins and what ends next. `?before=` goes further back."""
    account: Account | None = getattr(customer, "account", None)
    if account is None:
        return None
    before = number_in(request.GET.get("before", ""))
    entries = account.entries.select_related("order", "lot").order_by("-sequence")
    if before is not None:
        entries = entries.filter(sequence__lt=before)
    most = SHOWN if before is None else OLDER
    found = list(entries[: most + 1])
    context = {
        "rows": [(entry, points_wording.reason_of(entry) or points_wording.what(entry)) for entry in found[:most]],
        "balance": balance_of(customer),
        "ends": list(islice(by_day(endings_of(customer) or ()), DAYS_SHOWN)),
        "older": found[most - 1].sequence if len(found) > most else None,
        "is_older": before is not None,
        "language": get_language() or "",
    }
    return Panel("loyalty/me/_points.html", context, zone="me", order=30)


@once
def rewards_of(customer: Customer) -> Any:
    return _offered(None)


@prepared
def _offered(_shop: Any) -> Any:
    offered = Reward.objects.to_be_had(TODAY).select_related("tier", "discount__budget")
    return offered.order_by("cost", "pk")[:ALL]


def rewards_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """What their points bring, the cheapest first; what cannot be had by anybody now is left out."""
    there = [reward for reward in rewards_of(customer) if is_paid_for(reward)][:SHOWN]
    points = balance_of(customer).available
    rows = [_reward(reward, customer, points) for reward in there]
    return Panel("loyalty/me/_rewards.html", {"rows": rows}, zone="me", order=25) if rows else None


def _reward(reward: Reward, customer: Customer, points: int) -> dict[str, Any]:
    ladder, standing = ladder_of(customer), standing_of(customer)
    rank = ladder.rank(standing.tier_id) if ladder and standing else -1
    needed = max(ladder.rank(reward.tier_id), 0) if ladder and reward.tier_id else 0
    return {
        "reward": reward,
        "gives": gives(reward),
        "conditions": conditions(reward),
        "missing": max(reward.cost - points, 0),
        "above": reward.tier_id is not None and rank < needed,
    }


def challenges_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    progress, badges = running(customer), awards(customer)
    if not progress and not badges:
        return None
    rows = [(one, f"{min(float(one.counted / one.challenge.target) * 100, 100):.1f}") for one in progress]
    return Panel("loyalty/me/_challenges.html", {"rows": rows, "badges": badges}, zone="me", order=40)


def thanks_panel(request: HttpRequest, answer: Any) -> Panel | None:
    """After a high score: the code that friends can be given. Loyalty knows of the answer only who gave it."""
    if answer.band != "high" or answer.customer is None:
        return None
    panel = invitation_panel(request, answer.customer)
    if panel is None and answer.survey.kind == "nps" and not answer.test:
        # It is theirs in a moment (give_promoters_a_code); this page may be faster.
        panel = _invitation(answer.customer, code_to_be(answer.customer))
    if panel is None:
        return None
    return replace(panel, zone="thanks", order=20, context={**panel.context, "qr": ""})  # they hold the phone


def invitation_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """The code they can pass on, when inviting somebody brings points."""
    code = next(iter(codes_of(customer)), None)
    return _invitation(customer, code.code) if code else None


@once
@prepared
def codes_of(customer: Any) -> Any:
    return ReferralCode.objects.filter(customer=customer)


@once
def rules_of(customer: Customer) -> Any:
    return _in_force(None)


@prepared
def _in_force(_shop: Any) -> Any:
    return EarningRule.objects.in_force(NOW)[:1]


def _invitation(customer: Customer, code: str) -> Panel | None:
    rule = next(iter(rules_of(customer)), None)
    if rule is None or not rule.referral_inviter:
        return None
    link = link_of(code)
    context = {"code": code, "rule": rule, "link": link}
    context["qr"] = qr.drawn(link, _("My link as a picture")) if link else ""
    return Panel("loyalty/me/_invitation.html", context, zone="me", order=50)
