"""A job in words: its stage, the count, the rate and the time left."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.formats import number
from shop.models import Job

ENDED: dict[str, Callable[[], str]] = {
    Job.State.DONE: lambda: _("Done"),
    Job.State.FAILED: lambda: _("Stopped by an error; nothing half-done is left"),
    Job.State.CANCELLED: lambda: _("Cancelled"),
}


def progress_of(job: Job) -> dict[str, Any]:
    """What shell/_job.html needs. Stages are marked with gettext_noop where the work is done."""
    ended = job.state in ENDED
    return {
        "job": job,
        "job_url": reverse("shop:job", args=[job.pk]),
        "cancel_url": reverse("shop:job_cancel", args=[job.pk]),
        "finished": ended,
        "stage": ENDED[job.state]() if ended else _stage(job),
        "facts": "" if ended else " · ".join(_facts(job)),
        "done": job.state == Job.State.DONE if ended else job.done,
        "total": 1 if ended else job.total,
    }


def _stage(job: Job) -> str:
    if job.cancel_requested_at:
        return _("Stopping at the next step")
    if job.state == Job.State.QUEUED:
        return _("Waiting for its turn")
    return _(job.stage) if job.stage else _("Starting")


def _facts(job: Job) -> list[str]:
    if job.state == Job.State.QUEUED or not job.done:
        return []
    count = _("%(done)s of %(total)s") if job.total else "%(done)s"
    facts = [count % {"done": number(job.done), "total": number(job.total)}]
    seconds = (timezone.now() - (job.stage_started_at or job.requested_at)).total_seconds()
    rate = job.done / seconds if seconds > 1 else 0
    if rate >= 1:
        facts.append(_("%(rate)s a second") % {"rate": number(_rough(rate))})
    if rate and job.total > job.done:
        facts.append(_time_left((job.total - job.done) / rate))
    return facts


def _rough(rate: float) -> int:
    """Two digits are what a rate is worth: 21,487 → 21,000."""
    size = 10 ** max(len(str(int(rate))) - 2, 0)
    return int(rate) // size * size


def _time_left(seconds: float) -> str:
    if seconds < 90:
        return _("%(n)s s left") % {"n": number(max(int(seconds), 1))}
    return _("%(n)s min left") % {"n": number(round(seconds / 60))}
