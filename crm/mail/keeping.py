"""For how long what was written stays readable."""

from datetime import date, timedelta

from django.utils import timezone

from crm.models import KeptMail, Message
from shop.jobs import job
from shop.models import Job

BLANK = "crm.blank_mails"
KEPT = timedelta(hours=48)  # mails that did not leave the machine hold links that work


def nightly(day: date) -> Job:
    return Job.request(BLANK, period=day.isoformat())


@job(BLANK)
def blank_mails(job: Job) -> dict[str, int]:
    return {"blanked": Message.blank_bodies()}


def sweep() -> int:
    return KeptMail.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
