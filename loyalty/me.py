"""What the customer sees on their own card (config/panels.py lists these): points, tier, discounts, challenges."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.models import Customer
from crm.panels import Panel
from loyalty.discounts import codes, wording
from loyalty.models import Account, EarningRule, Grant, ReferralCode, Standing, TierScheme
from loyalty.points import wording as points_wording
from loyalty.points.balance import Balance
from loyalty.programme.panels import awards, running
from loyalty.programme.referrals import code_to_be
from loyalty.programme.tiers import Ladder
from loyalty.programme.wording import counted
from shop import qr
from shop.address import number_in

SHOWN, OLDER = 8, 25


def pass_panel(request: HttpRequest, customer: Customer) -> Panel:
    """Points, tier, and the code that the till reads."""
    code = customer.card_number
    context = {
        "balance": Balance.of(Account.objects.filter(customer=customer).first()),
        "code": code,
        "qr": qr.drawn(code, _("Your card, number %(code)s") % {"code": code}),
        **_tier(customer),
    }
    return Panel("loyalty/me/_pass.html", context, zone="me", order=10)


def _tier(customer: Customer) -> dict[str, Any]:
    standing = Standing.objects.filter(customer=customer).select_related("tier", "next_tier").first()
    ladder = Ladder.in_force() if standing else None
    if standing is None or ladder is None:
        return {}
    metric = ladder.scheme.metric
    told: dict[str, Any] = {"standing": standing, "counts_money": metric == TierScheme.Metric.SPEND}
    if standing.next_tier and standing.to_next:
        threshold = ladder.threshold(ladder.rank(standing.next_tier_id))
        share = float(standing.counted / threshold) * 100 if threshold else 0.0
        told |= {"to_next": counted(metric, standing.to_next), "share": f"{min(max(share, 0), 100):.1f}"}
    return told


def offers_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """What they can use now, each with its conditions; with a code, also as a picture for the till."""
    usable = Grant.objects.usable().filter(customer=customer).select_related("discount", "version")
    rows = [_offer(grant) for grant in usable.order_by("expires_at", "pk")[:SHOWN]]
    return Panel("loyalty/me/_offers.html", {"offers": rows}, zone="me", order=20) if rows else None


def _offer(grant: Grant) -> dict[str, Any]:
    code = codes.shown(grant.code) if grant.code else ""
    return {
        "gives": wording.gives(grant.version),
        "conditions": list(wording.conditions(grant.version)),
        "until": wording.until(grant),
        "code": code,
        "qr": qr.drawn(grant.code, _("The code %(code)s") % {"code": code}) if grant.code else "",
    }


def points_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """Where the points came from, the newest first; what begins and what ends next. `?before=` goes further back."""
    account = Account.objects.filter(customer=customer).first()
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
        "balance": Balance.of(account),
        "older": found[most - 1].sequence if len(found) > most else None,
        "is_older": before is not None,
        "language": get_language() or "",
    }
    return Panel("loyalty/me/_points.html", context, zone="me", order=30)


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
        panel = _invitation(code_to_be(answer.customer))
    return replace(panel, zone="thanks", order=20) if panel else None


def invitation_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """The code they can pass on, when inviting somebody brings points."""
    code = ReferralCode.objects.filter(customer=customer).first()
    return _invitation(code.code) if code else None


def _invitation(code: str) -> Panel | None:
    rule = EarningRule.in_force_at()
    if rule is None or not rule.referral_inviter:
        return None
    return Panel("loyalty/me/_invitation.html", {"code": code, "rule": rule}, zone="me", order=50)
