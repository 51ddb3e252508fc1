"""What merge does with rows that cannot simply follow (config/policies.py names these)."""

from crm.duplicates.merging import Moving
from crm.duplicates.strictest import refusals
from crm.models import Consent, Duplicate
from crm.policies import Policy


def pairs(moving: Moving, policy: Policy) -> None:
    """Open pairs of the card that goes are over: a new look finds those of the merged card.

    What staff said stays: who is not the one is not the other either.
    """
    stays, goes = moving.stays.pk, moving.goes.pk
    moving.delete(Duplicate.objects.pair(stays, goes))
    moving.delete(Duplicate.objects.open().of(goes))
    for pair in Duplicate.objects.of(goes).order_by("pk"):
        third = pair.second_id if pair.first_id == goes else pair.first_id
        known = Duplicate.objects.pair(stays, third)
        moving.delete(known.open())
        if known.exists():
            moving.delete(Duplicate.objects.filter(pk=pair.pk))
        else:
            row = Duplicate.objects.filter(pk=pair.pk)
            moving.update(row, first_id=min(stays, third), second_id=max(stays, third))


def consents(moving: Moving, policy: Policy) -> None:
    """What was said follows; then the strictest holds for all addresses of a channel."""
    tightened = refusals(moving.stays, moving.goes)
    moving.update(policy.rows_of(moving.goes), customer_id=moving.stays.pk)
    for (channel, address), purposes in sorted(tightened.items()):
        Consent.say(
            moving.stays,
            channel,
            address,
            dict.fromkeys(sorted(purposes), Consent.State.WITHDRAWN),
            method=Consent.Method.MERGE,
            source=f"merge:{moving.goes.pk}",
            by=moving.actor,
        )
