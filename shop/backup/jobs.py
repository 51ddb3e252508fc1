"""Backups by the clock and by button: each a job with progress, one at a time."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from shop.backup import restoring, shelf, taking
from shop.backup.refusal import Refusal
from shop.jobs import job
from shop.models import Job

TAKE, VERIFY = "shop.take_backup", "shop.verify_backup"
LANE = "backup"
# So often one is restored into a scratch database, without anybody asking.
PROVED_EVERY = timedelta(days=7)


@job(TAKE)
def take(job: Job) -> dict[str, Any]:
    try:
        made = taking.take(shelf.shelf(), job.progress)
        faults = restoring.verify(made, job.progress) if job.params.get("verify") or proof_is_due() else None
    except Refusal as refusal:
        return {"refused": str(refusal)}
    if job.period:
        shelf.tidy(settings.BACKUP_KEEP)
    return {"backup": made.name, "faults": faults}


@job(VERIFY)
def verify(job: Job) -> dict[str, Any]:
    backup = shelf.called(job.params["backup"])
    if backup is None:
        return {"refused": "It is not there any more."}
    try:
        return {"backup": backup.name, "faults": restoring.verify(backup.folder, job.progress)}
    except Refusal as refusal:
        shelf.note(backup.folder, [str(refusal)])
        return {"refused": str(refusal)}


def proof_is_due() -> bool:
    proved = shelf.last_proved()
    return proved is None or proved < timezone.now() - PROVED_EVERY


def nightly(day: date) -> Job | None:
    """The demo is not backed up: it can be loaded again."""
    if settings.SHOP == "demo" or not settings.BACKUP_KEEP:
        return None
    return Job.request(TAKE, lane=LANE, period=day.isoformat())
