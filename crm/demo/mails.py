"""Mails of the demo shop: some arrived, one waits, one came back, so that the queue and the cards show each."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from crm.mail.kinds import mail_named
from crm.mail.rendering import GONE, preview
from crm.mail.texts import text_for
from crm.models import Identifier, Message

State = Message.State
# (who among those who spent most, hours ago, mail, state, why)
MAILS = [
    (0, 50, "preferences_link", State.SENT, ""),
    (1, 47, "complaint_received", State.SENT, ""),
    (15, 6, "complaint_solved", State.SENT, ""),
    (5, 31, "preferences_link", State.BOUNCED, "soft"),
    (9, 26, "data_copy", State.SENT, ""),
    (12, 9, "preferences_link", State.NOT_SENT, "taken_back"),
    (16, -12, "data_copy", State.QUEUED, ""),
]


def tell(best: list[Any]) -> None:
    """Call it inside a transaction."""
    Message.objects.bulk_create(_mails(best, timezone.now()))


def _about(customer: Any, name: str) -> dict[str, str | date]:
    """The complaint that a mail about one names is one of theirs."""
    complaint = customer.complaints.order_by("-opened_at").first() if name.startswith("complaint_") else None
    if complaint is None:
        return {}
    day = timezone.localdate(complaint.answer_due_at)
    return {"number": str(complaint.pk), "answer_by": day, "outcome": complaint.outcome or GONE}


def _mails(best: list[Any], now: datetime) -> Iterator[Message]:
    known = Identifier.objects.filter(kind="email", customer__in=best).values_list("customer", "value")
    addresses = dict(known)
    for number, (rank, hours, name, state, why) in enumerate(MAILS):
        customer, at = best[rank], now - timedelta(hours=hours)
        went = state in (State.SENT, State.BOUNCED)
        text = text_for(name, customer.language or "en")
        written = preview(mail_named(name), text, customer, **_about(customer, name))
        yield Message(
            customer=customer,
            address=addresses.get(customer.pk, ""),
            purpose="service",
            template=name,
            version=0 if went else None,
            language=text.language,
            cause=f"demo:{number}",
            queued_at=min(at, now),
            due_at=at,
            at=min(at, now),
            state=state,
            why=why,
            message_id=Message.new_message_id(),
            sent_at=at if went else None,
            **(written.without_secrets() if went else {}),
        )
