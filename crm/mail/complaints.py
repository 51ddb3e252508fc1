"""Mails that follow a complaint by themselves, where the shop has switched them on."""

from typing import Any

from django.utils import timezone

from crm.complaints.stages import Stage
from crm.models import Complaint, Event, Message
from shop import formats
from shop.models import Setting
from shop.typed import key_in


def tell_received(events: list[Event]) -> None:
    if Setting.get("mail.complaint_received"):
        _queue(events, "complaint_received")


def tell_solved(events: list[Event]) -> None:
    if Setting.get("mail.complaint_solved"):
        _queue(events, "complaint_solved")


def _queue(events: list[Event], template: str) -> None:
    """Once per event, so that a complaint solved a second time is told a second time."""
    for event in events:
        cause, number = f"{template}:{event.pk}", str(event.data["complaint"])
        Message.queue(event.customer, "service", template, cause, context={"number": number})


def minted(message: Message) -> dict[str, str]:
    """What holds when it is sent, not when it was asked for."""
    complaint = _complaints([message]).get(str(message.context.get("number")))
    if complaint is None:
        return {}
    return {"answer_by": formats.day(timezone.localdate(complaint.answer_due_at)), "outcome": complaint.outcome}


def received_still(messages: list[Message]) -> dict[int, str]:
    """Whoever has had an answer already needs no word that one will come."""
    return _gone(messages, lambda complaint: complaint.stage == Stage.RECEIVED)


def solved_still(messages: list[Message]) -> dict[int, str]:
    return _gone(messages, lambda complaint: complaint.stage in (Stage.SOLVED, Stage.TOLD, Stage.CLOSED))


def _gone(messages: list[Message], holds: Any) -> dict[int, str]:
    known = _complaints(messages)
    about = {message.pk: known.get(str(message.context.get("number"))) for message in messages}
    return {pk: "no_longer_true" for pk, complaint in about.items() if complaint and not holds(complaint)}


def _complaints(messages: list[Message]) -> dict[str, Complaint]:
    wanted = {key_in(str(message.context.get("number", ""))) for message in messages}
    return {str(complaint.pk): complaint for complaint in Complaint.objects.filter(pk__in=wanted)}
