"""Links by mail for staff: to choose a new password, to accept an invitation.

The web only asks for a job; the worker makes the secret when it sends, so that no secret waits in a table.
"""

import secrets
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from shop.models import Job, Setting, StaffToken, TryLater, User

Purpose = StaffToken.Purpose
LASTS = {Purpose.RESET: timedelta(hours=1), Purpose.INVITE: timedelta(days=7)}
VIEWS = {Purpose.RESET: "shop:reset", Purpose.INVITE: "shop:invitation"}
RETRY = timedelta(minutes=1)


def ask_for_link(purpose: str, user_id: int = 0) -> Job:
    """Somebody unknown is 0: a job that does nothing, so that asking takes as long for everyone."""
    return Job.request(f"shop.mail_{purpose}", lane=f"mail:{secrets.token_hex(8)}", user=user_id)


def link_for(user: User, purpose: str) -> str:
    secret = StaffToken.issue(purpose=purpose, lasts=LASTS[purpose], user=user)
    return settings.SITE_URL.rstrip("/") + reverse(VIEWS[purpose], args=[secret])


def send_link(job: Job, purpose: str) -> None:
    user = User.objects.active().filter(pk=job.params["user"]).first()
    if user is None:
        return
    with translation.override(user.language):
        context = {"user": user, "link": link_for(user, purpose), "shop_name": Setting.get("shop.name")}
        subject, _, body = render_to_string(f"shop/mail/{purpose}.txt", context).strip().partition("\n")
        message = EmailMessage(subject.strip(), body.strip() + "\n", to=[user.email])
        try:
            message.send()
        except (OSError, smtplib.SMTPException) as error:
            raise TryLater(RETRY, type(error).__name__) from error
