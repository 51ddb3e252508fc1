"""Many mails into the queue at once: each still once per cause, and each asked about again when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Message
from crm.models.message import TAKE_BACK
from shop.models import Setting
from shop.models.job import wake_relay


@dataclass(frozen=True)
class Wish:
    """A mail to one customer who may get it: the contact budget has been asked (crm/contact/budget.py, `answers`).

    `batch`: of a bulk send; it waits a minute and can be taken back.
    """

    customer: int
    cause: str
    address: str
    language: str = ""
    due_at: datetime | None = None
    batch: str = ""
    context: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def queue_many(purpose: str, template: str, wishes: Sequence[Wish]) -> dict[str, int]:
    """The number of the message of each cause, made now or earlier."""
    Message.refuse_unknown(purpose, template, {name: "" for wish in wishes for name in wish.context})
    now, language = timezone.now(), Setting.get("mail.language")
    rows = [
        Message(
            customer_id=wish.customer,
            purpose=purpose,
            template=template,
            cause=wish.cause,
            batch=wish.batch,
            context=wish.context,
            address=wish.address,
            language=wish.language or language,
            queued_at=now,
            at=now,
            due_at=max(wish.due_at or now, now + TAKE_BACK if wish.batch else now),
            message_id=Message.new_message_id(),
        )
        for wish in wishes
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    if any(row.due_at <= now for row in rows):
        wake_relay()
    causes = [wish.cause for wish in wishes]
    return dict(Message.objects.filter(cause__in=causes).values_list("cause", "pk"))
