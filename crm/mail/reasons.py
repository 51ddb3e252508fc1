"""Why a mail waits, was not sent, or came back. Reasons of the contact budget are worded there."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.contact.reasons import sentence

REASONS: dict[str, Any] = {
    "taken_back": _("Somebody decided not to send it."),
    "no_longer_true": _("What it was about is no longer so."),
    "stands_still": _("What it belongs to is paused; it waits until that goes on."),
    "restored": _("Not sent after a restore: it may have gone out before."),
    "gave_up": _("The mail server refused it several times."),
    "refused": _("The mail server refused it."),
    "unclear": _("The connection broke while it was sent; it is not sent a second time."),
    "worker_died": _("The program stopped while it was sent; it is not sent a second time."),
    "server_away": _("The mail server does not answer; it is tried again."),
    "no_text": _("Its text could not be put together."),
    "hard": _("The address does not exist."),
    "soft": _("The mailbox did not take it."),
    "complaint": _("Marked as unwanted by the one who got it."),
    "erased": _("The customer was erased."),
}


def in_words(why: str) -> str:
    return str(REASONS[why]) if why in REASONS else sentence(why)
