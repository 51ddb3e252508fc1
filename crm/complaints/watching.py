"""The watch over deadlines: owners hear once when a quarter of the time is left; what is late is written down once."""

import smtplib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from crm.complaints.stages import Stage
from crm.models import Complaint
from shop.jobs import job
from shop.models import Job, Setting, TryLater, User
from shop.rights import ROLES

BATCH = 200
MAIL = "crm.mail_deadline"
RETRY = timedelta(minutes=1)


def due() -> list[tuple[str, list[Any]]]:
    """What the relay finds to do."""
    return [("crm.watch_complaints", [])] if Complaint.objects.to_look_at().exists() else []


def watch() -> int:
    """Returns how many were looked at. Two workers never take the same rows."""
    looked = 0
    while rows := _look():
        looked += rows
    return looked


@transaction.atomic
def _look() -> int:
    now = timezone.now()
    found = Complaint.objects.to_look_at(now).select_related("owner").order_by("pk")
    rows = list(found.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    for complaint in rows:
        which = complaint.look(now)
        if which:
            ask_to_mail(complaint, which)
    return len(rows)


def ask_to_mail(complaint: Complaint, which: str) -> Job:
    """Asked for in the transaction of the watch; the period makes it one mail a deadline."""
    once = f"{complaint.pk}:{which}:{complaint.reopened}"
    return Job.request(MAIL, lane=f"{MAIL}:{once}", period=once, complaint=complaint.pk, deadline=which)


@job(MAIL)
def mail_deadline(job: Job) -> None:
    """To those who must act, when the deadline still runs. Nothing about the customer leaves the shop."""
    complaint = Complaint.objects.select_related("owner").filter(pk=job.params["complaint"]).first()
    if complaint is None or complaint.next_due_at is None:
        return
    if complaint.awaits_answer != (job.params["deadline"] == "answer"):
        return
    once = job.period or str(job.pk)
    try:
        for user in who_must_act(complaint):
            _message(complaint, user, once if user == complaint.owner else f"{once}:{user.pk}").send()
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(RETRY, type(error).__name__) from error


def who_must_act(complaint: Complaint) -> list[User]:
    """Whoever owns it by then; while nobody who works here does, those who may give it to somebody."""
    if complaint.owner and complaint.owner.is_active:
        return [complaint.owner]
    roles = [role for role, rights in ROLES.items() if "complaints.assign" in rights]
    return list(User.objects.who_can_sign_in().filter(role__in=roles).order_by("pk"))


def _message(complaint: Complaint, user: User, once: str) -> EmailMessage:
    """Sent twice by a worker that died in between, it has the same Message-ID and is shown once."""
    zone = ZoneInfo(Setting.get("shop.time_zone"))
    with translation.override(user.language), timezone.override(zone):
        context = {
            "complaint": complaint,
            "user": user,
            "unowned": user != complaint.owner,
            "link": settings.SITE_URL.rstrip("/") + complaint.get_absolute_url(),
            "shop_name": Setting.get("shop.name"),
        }
        text = render_to_string("crm/complaints/mail_deadline.txt", context)
    subject, _, body = text.strip().partition("\n")
    place = urlsplit(settings.SITE_URL).hostname or "localhost"
    headers = {"Message-ID": f"<complaint.{once.replace(':', '.')}@{place}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[user.email], headers=headers)


def close_the_told() -> int:
    """Nothing more came since the customer was told."""
    days = Setting.get("complaints.close_after_days")
    if not days:
        return 0
    told = Complaint.objects.filter(stage=Stage.TOLD, told_at__lt=timezone.now() - timedelta(days=days))
    return sum(complaint.close() for complaint in told.order_by("pk")[:1000])
