"""Where mails land while none may leave: the demo, and every shop that has not said how it sends."""

from collections.abc import Sequence
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend

from crm.models import KeptMail


class MailboxBackend(BaseEmailBackend):
    """Keeps each mail as a row, to be read on a page; see crm/views/mailbox.py."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        for mail in email_messages:
            KeptMail.objects.create(
                sender=mail.from_email[:320],
                recipients=", ".join(mail.recipients())[:1000],
                subject=" ".join(str(mail.subject).split())[:250],
                raw=mail.message().as_bytes(linesep="\r\n"),
            )
        return len(email_messages)
