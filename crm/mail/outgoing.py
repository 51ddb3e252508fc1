"""A rendered mail as the mail server gets it, and what its refusals mean."""

import re
import smtplib
from email.utils import formataddr
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

from crm.mail.rendering import Rendered
from shop.models import Setting


def envelope(message: Any, rendered: Rendered, connection: Any = None) -> EmailMultiAlternatives:
    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"}
    if rendered.unsubscribe:
        headers["List-Unsubscribe"] = f"<{rendered.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    reply_to = Setting.get("mail.reply_to")
    mail = EmailMultiAlternatives(
        rendered.subject,
        rendered.text,
        sender(),
        [message.address],
        headers=headers,
        reply_to=[reply_to] if reply_to else None,
        connection=connection,
    )
    mail.attach_alternative(rendered.html, "text/html")
    if settings.EMAIL_PROVIDER:
        vars(mail)["metadata"] = {"message": str(message.pk)}  # anymail's own attribute
    return mail


def sender() -> str:
    """The shop's name beside the address that is set, or the one of the environment as it stands there."""
    address = Setting.get("mail.from_address")
    name = " ".join(Setting.get("shop.name").split())
    return formataddr((name, address)) if address else settings.DEFAULT_FROM_EMAIL


def is_sendable(address: str) -> bool:
    """Whether a mail server could be given this address at all."""
    if not address or any(c.isspace() or not c.isprintable() for c in address) or address.count("@") != 1:
        return False
    try:
        sanitize_address(address, "utf-8")
        address.encode("utf-8")
    except (ValueError, UnicodeError):
        return False
    return True


class Verdict(Enum):
    """What a failed attempt means."""

    LATER = "not taken; another time it may be"
    REFUSED = "not taken, and never will be"
    NO_SUCH_ADDRESS = "not taken: nobody has this address"
    UNCLEAR = "may have been taken"


# Enhanced status codes (RFC 3463) that are about the recipient's address, not about us.
BAD_ADDRESS = re.compile(rb"\b5\.1\.(?:1|2|3|6|10)\b")


def verdict(error: Exception) -> Verdict:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        said = said if isinstance(said, bytes) else str(said).encode()
        if code >= 500 and BAD_ADDRESS.search(said):
            return Verdict.NO_SUCH_ADDRESS
        return _by_code(code)
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code)
    if isinstance(error, smtplib.SMTPServerDisconnected | OSError):
        return Verdict.UNCLEAR
    if type(error).__module__.startswith("anymail."):
        return _of_provider(error)
    # Put together wrongly (a header, an address): it never reached a server.
    return Verdict.REFUSED if isinstance(error, ValueError) else Verdict.UNCLEAR


def _by_code(code: int) -> Verdict:
    return Verdict.REFUSED if code >= 500 else Verdict.LATER


def _of_provider(error: Any) -> Verdict:
    """A wrong key (401, 403) and too many requests (429) pass; 5xx and silence may hide a mail that went."""
    status = getattr(error, "status_code", None)
    if type(error).__name__ == "AnymailRecipientsRefused":
        return Verdict.REFUSED
    if status in (401, 403, 429):
        return Verdict.LATER
    return Verdict.REFUSED if status and 400 <= status < 500 else Verdict.UNCLEAR
