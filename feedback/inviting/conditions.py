"""What must still be so when somebody is asked: looked at when it is due, and once more when the mail is sent."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.contact.budget import objecting
from crm.models import Order
from feedback.models import Invitation, Survey

Trigger = Invitation.Trigger
AFTER_COMPLAINT = (Trigger.COMPLAINT, Trigger.REASK)
AGAIN = timedelta(hours=1)  # a survey that is paused is looked at again


def gone(invitations: Sequence[Invitation]) -> dict[int, str]:
    """Those that are not wanted any more, each with the reason. Some thousand at a time: a few statements."""
    ids, now = [one.pk for one in invitations], timezone.now()
    found = {one.pk: "too_late" for one in invitations if one.expires_at <= now}
    for why, rows in _looks(Invitation.objects.filter(pk__in=ids), {one.trigger for one in invitations}):
        found |= dict.fromkeys(rows.values_list("pk", flat=True), why)
    return found


def _looks(asked: Any, triggers: set[str]) -> Iterable[tuple[str, Any]]:
    yield "gone", asked.filter(Q(customer__merged_into__isnull=False) | Q(customer__erased_at__isnull=False))
    yield "survey_over", asked.filter(survey__archived_at__isnull=False)
    if Trigger.ORDER in triggers:
        about_order = asked.filter(trigger=Trigger.ORDER)
        yield "order_refunded", about_order.filter(order__refunded__gt=0)
        yield "order_cancelled", about_order.filter(order__cancelled_at__isnull=False)
    if triggers & set(AFTER_COMPLAINT):
        after = asked.filter(trigger__in=AFTER_COMPLAINT, complaint__isnull=False)
        yield "complaint_reopened", after.filter(complaint__closed_at=None)
    if Trigger.LAPSE in triggers:
        yield from _of_the_lost(asked.filter(trigger=Trigger.LAPSE))
    yield "answered", asked.filter(state=Invitation.State.ANSWERED)


def _of_the_lost(lapsed: Any) -> Iterable[tuple[str, Any]]:
    bought = Order.objects.filter(
        customer=OuterRef("customer"), placed_at__gt=OuterRef("invited_at"), cancelled_at=None
    )
    yield "came_back", lapsed.filter(Exists(bought))
    yield "objected", lapsed.filter(customer__in=objecting())


def paused(invitations: Sequence[Invitation]) -> set[int]:
    """Of surveys that stand still: they wait."""
    running = set(Survey.objects.running().values_list("pk", flat=True))
    return {one.pk for one in invitations if one.survey_id not in running}
