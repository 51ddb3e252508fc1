"""Looking at a text before anybody gets it: with a real customer's card, and as a mail to oneself."""

import smtplib
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from crm.mail.kinds import mail_named
from crm.mail.outgoing import sender
from crm.mail.rendering import Rendered, preview
from crm.mail.texts import Text
from crm.models import Customer, Identifier
from shop.jobs import job
from shop.models import Job, User

TEST = "crm.test_mail"


def somebody(whom: str) -> Customer | None:
    """The customer known by this, or with nothing asked the newest card."""
    present = Customer.objects.present()
    if not whom.strip():
        return present.order_by("-created_at", "-pk").first()
    for kind in Identifier.Kind.values:
        normalised = Identifier.normalise(kind, whom)
        if normalised and (found := present.filter(identifiers__kind=kind, identifiers__normalised=normalised).first()):
            return found
    return None


def request_test(user: User, text: Text) -> Job:
    """The worker sends it; the web talks to no mail server."""
    values = {"template": text.template, "language": text.language, "subject": text.subject, "body": text.body}
    return Job.request(TEST, lane=f"{TEST}:{user.pk}", by=user, user=user.pk, **values)


@job(TEST)
def test_mail(job: Job) -> dict[str, Any] | None:
    asked = job.params
    user = User.objects.active().filter(pk=asked["user"]).first()
    if user is None:
        return None
    text = Text(asked["template"], asked["language"], 0, asked["subject"], asked["body"])
    with translation.override(user.language):
        written = preview(mail_named(text.template), text, somebody(""))
    return {"sent": _send(user.email, written)}


def _send(address: str, written: Rendered) -> bool:
    mail = EmailMultiAlternatives(f"[Test] {written.subject}", written.text, sender(), [address])
    mail.attach_alternative(written.html, "text/html")
    try:
        return bool(mail.send())
    except (OSError, smtplib.SMTPException):
        return False
