"""What a merge does with rows of the programme that cannot simply follow (config/policies.py names these)."""

from django.db.models import Q
from django.utils import timezone

from crm.duplicates.merging import Moving
from crm.policies import Policy
from loyalty.models import Referral, TierPeriod, TierScheme


def tiers(moving: Moving, policy: Policy) -> None:
    """The better tier is kept; the other one is over as of today. The history of both stays."""
    open_ = {row.customer_id: row for row in TierPeriod.objects.open().filter(customer__in=[moving.stays, moving.goes])}
    if len(open_) == 2:
        worse = min(open_.values(), key=lambda row: (_rank(row.tier_id), row.kept_until))
        moving.update(TierPeriod.objects.filter(pk=worse.pk), ended_on=max(timezone.localdate(), worse.began_on))
    moving.update(policy.rows_of(moving.goes), customer_id=moving.stays.pk)


def _rank(tier: int) -> float:
    scheme = TierScheme.in_force_at()
    step = scheme.steps.filter(tier=tier).first() if scheme else None
    return float(step.threshold) if step else -1.0


def referrals(moving: Moving, policy: Policy) -> None:
    """Who turns out to have invited themselves is not rewarded for it; what was rewarded stays, without the pair."""
    stays, goes = moving.stays.pk, moving.goes.pk
    of_both = Q(inviter=stays, invited=goes) | Q(inviter=goes, invited=stays)
    moving.update(Referral.objects.under_way().filter(of_both), state="rejected", why="self", ended_at=timezone.now())
    moving.update(Referral.objects.filter(of_both, state="rewarded"), invited_id=None)
    if policy.field.name == "invited":
        known = Referral.objects.exclude(state="rejected").filter(invited=stays).exists()
        if known:
            again = Referral.objects.exclude(state="rejected").filter(invited=goes)
            moving.update(again.under_way(), state="rejected", why="known", ended_at=timezone.now())
            moving.update(again.filter(state="rewarded"), invited_id=None)
    moving.update(policy.rows_of(moving.goes), **{policy.field.attname: stays})
