"""What the night and the relay bring."""

from datetime import date
from typing import Any

from celery import shared_task
from django.utils.translation import gettext_noop

from feedback.inviting import planning, reminding, triggers
from shop.jobs import job
from shop.models import Job

NIGHT = "feedback.invite_tonight"
ASKING = gettext_noop("Looking who is asked tonight")
REMINDING = gettext_noop("Reminding those who have not answered")


def nightly(day: date) -> Job:
    return Job.request(NIGHT, period=day.isoformat(), day=day.isoformat())


@job(NIGHT)
def invite_tonight(job: Job) -> dict[str, Any]:
    job.progress(ASKING)
    asked = triggers.every_few_months(date.fromisoformat(job.params["day"]))
    job.progress(REMINDING)
    return {"asked": asked, "reminded": reminding.remind()}


@shared_task(name="feedback.plan_invitations")
def plan_invitations(lane: int = 0) -> None:
    """At least once: rows are claimed, and a mail has its cause."""
    planning.plan_due()
