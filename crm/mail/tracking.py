"""What a mail provider tells of what it sent for us: bounces and complaints. Heard through anymail's webhook views.

Anymail would send a signal for each event; its views are asked for the events instead (see docs/decisions).
"""

import re
import warnings
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from crm.models import Message, Suppression
from shop.typed import key_in

VIEWS = {
    "amazon_ses": "amazon_ses.AmazonSESTrackingWebhookView",
    "brevo": "brevo.BrevoTrackingWebhookView",
    "mailersend": "mailersend.MailerSendTrackingWebhookView",
    "mailgun": "mailgun.MailgunTrackingWebhookView",
    "mailjet": "mailjet.MailjetTrackingWebhookView",
    "mailtrap": "mailtrap.MailtrapTrackingWebhookView",
    "mandrill": "mandrill.MandrillCombinedWebhookView",
    "postal": "postal.PostalTrackingWebhookView",
    "postmark": "postmark.PostmarkTrackingWebhookView",
    "resend": "resend.ResendTrackingWebhookView",
    "sendgrid": "sendgrid.SendGridTrackingWebhookView",
    "sparkpost": "sparkpost.SparkPostTrackingWebhookView",
    "unisender_go": "unisender_go.UnisenderGoTrackingWebhookView",
}

SOFT_WORDS = re.compile(r"soft|transient|temporary|mailbox.?full|over.?quota|undetermined|blocked", re.IGNORECASE)
SOFT_CODE = re.compile(r"\b4\d\d\b|\b4\.\d+\.\d+\b")
TYPE_KEYS = {"type", "event", "severity", "bounce_type", "bouncetype", "bounce_class", "classification"}


def listener(provider: str) -> Any:
    """Anymail's view of the provider in use; None: nobody we would listen to, or nothing that proves who speaks."""
    if provider != settings.EMAIL_PROVIDER or provider not in VIEWS:
        return None
    with warnings.catch_warnings(action="ignore"):  # that it would be open to anyone, which we refuse ourselves
        try:
            view = import_string(f"anymail.webhooks.{VIEWS[provider]}")()
        except ImproperlyConfigured:  # a key is missing
            return None
    signed = not getattr(view, "warn_if_no_basic_auth", True)
    return view if signed or settings.ANYMAIL.get("WEBHOOK_SECRET") else None


def hear(view: Any, request: HttpRequest) -> int:
    """Check who speaks, then note each event once. Whoever else speaks, or something else, is a bad request."""
    view.setup(request)
    view.run_validators(request)
    try:
        events = [event for event in view.parse_events(request) if kind_of(event)]
    except (ValueError, TypeError, LookupError, AttributeError):
        raise BadRequest("not what this provider sends") from None
    for event in events:
        note(event)
    return len(events)


def kind_of(event: Any) -> str:
    """hard, soft, complaint, or nothing that concerns us."""
    reason = getattr(event, "reject_reason", None) or ""
    if event.event_type == "complained" or (event.event_type == "rejected" and reason == "spam"):
        return "complaint"
    if event.event_type == "rejected" and reason in ("invalid", "bounced"):
        return "hard"
    if event.event_type == "bounced":
        return "soft" if _looks_soft(event, reason) else "hard"
    return ""


def _looks_soft(event: Any, reason: str) -> bool:
    """Providers say it in different places; what anymail leaves open is read from their own words."""
    if reason in ("timed_out", "blocked"):
        return True
    said = event.esp_event if isinstance(event.esp_event, dict) else {}
    inner = [value for value in said.values() if isinstance(value, dict)]
    words = [str(v) for part in (said, *inner) for k, v in part.items() if str(k).lower() in TYPE_KEYS]
    if any(SOFT_WORDS.search(word) for word in words):
        return True
    return bool(SOFT_CODE.search(event.mta_response or "")) and not re.search(r"\b5\.\d+\.\d+\b", event.mta_response)


@transaction.atomic
def note(event: Any) -> None:
    kind = kind_of(event)
    message = message_of(event)
    number = event.event_id or f"{event.message_id}:{event.event_type}"
    address = event.recipient or (message.address if message else "")
    if message:
        message.bounce(kind)
    if address:
        Suppression.note(
            address,
            kind,
            cause=f"{settings.EMAIL_PROVIDER}:{number}"[:120],
            at=event.timestamp,
            customer=message.customer if message else None,
        )


def message_of(event: Any) -> Message | None:
    """By the number we gave along, by the provider's, or by our Message-ID."""
    ours = key_in(str((event.metadata or {}).get("message", "")))
    finders: list[tuple[bool, Callable[[], Any]]] = [
        (bool(ours), lambda: Message.objects.filter(pk=ours)),
        (bool(event.message_id), lambda: Message.objects.filter(provider_id=event.message_id)),
        (bool(event.message_id), lambda: Message.objects.filter(message_id=event.message_id)),
    ]
    for asked, find in finders:
        if asked and (found := find().select_related("customer").first()):
            return found
    return None
