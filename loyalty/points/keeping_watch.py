"""The ledger is checked every night, and what came out is kept for the owner to see."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from loyalty.models import LedgerCheck
from loyalty.points.checking import Difference, check
from shop.jobs import job
from shop.models import Job

KIND = "loyalty.check_ledger"
READING = gettext_noop("Comparing points with their entries")
SHOWN = 100


def run(
    *, tell: Callable[[Difference], None] | None = None, progress: Callable[[int, int], None] | None = None
) -> LedgerCheck:
    began = timezone.now()
    outcome = check(tell=tell, progress=progress)
    return LedgerCheck.objects.create(
        started_at=began,
        ended_at=timezone.now(),
        accounts=outcome.accounts,
        entries=outcome.entries,
        differences=outcome.count,
        first=[asdict(difference) for difference in outcome.differences[:SHOWN]],
    )


@job(KIND)
def check_ledger(job: Job) -> dict[str, Any]:
    """Whoever cancels it stops it after the accounts it is at; then nothing is kept of it."""
    job.progress(READING)
    kept = run(progress=lambda done, total: job.progress(READING, done, total))
    return {"check": kept.pk, "differences": kept.differences}


def request_check(by: Any = None) -> Job:
    return Job.request(KIND, lane=KIND, by=by)


def nightly(day: date) -> Job:
    return Job.request(KIND, lane=KIND, period=day.isoformat())
