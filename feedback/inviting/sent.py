"""What became of the mails that ask: heard from their events, so that an invitation says what is so."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from crm.models import Event, Message
from feedback.models import Invitation
from feedback.models.invitation import LASTS

State = Invitation.State


def heard(events: Sequence[Event]) -> None:
    """Of message.sent, .bounced and .dropped; safe to hear twice."""
    ids = [event.subject_id for event in events if event.data["template"].startswith("survey_")]
    if not ids:
        return
    rows = Invitation.objects.filter(message__in=ids).select_related("message", "survey")
    for one in rows.select_for_update(of=("self",)).order_by("pk"):
        _keep_to(one, one.message)


def _keep_to(invitation: Invitation, message: Any) -> None:
    """A mail that may have gone counts as gone; one that staff send after all too."""
    if message.sent_at and invitation.sent_at is None:
        _mark_sent(invitation, message)
    elif message.state == Message.State.NOT_SENT:
        invitation.withdraw("mail_refused" if message.why == "refused" else message.why)
    if message.state == Message.State.BOUNCED and message.why != "complaint":  # called spam, it had arrived
        Invitation.objects.filter(pk=invitation.pk, bounced_at=None).update(bounced_at=timezone.now())


def _mark_sent(invitation: Invitation, message: Any) -> None:
    values: dict[str, Any] = {"sent_at": message.sent_at, "why": ""}
    if invitation.state != State.ANSWERED:
        values |= {"state": State.SENT, "expires_at": message.sent_at + LASTS}
    Invitation.objects.filter(pk=invitation.pk).update(**values)
    Event.record(
        "invitation.sent",
        customer_id=invitation.customer_id,
        order=invitation.order,
        subject=invitation,
        at=message.sent_at,
        invitation=invitation.pk,
        survey=invitation.survey.name,
        kind=invitation.survey.kind,
        channel=invitation.channel,
    )
