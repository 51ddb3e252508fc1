"""Work of privacy in the background: files of the erased, the clock of old cards, what was written too late."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_noop

from crm.imports.keeping import Kept
from crm.models import Customer, Erasure, FileToRemove
from crm.privacy import clock, clocks, erasing, replay
from shop.jobs import job
from shop.models import Job, TryLater

READING = gettext_noop("Looking through what was written")
CLOCKS = "crm.run_clocks"
AGAIN = timedelta(minutes=10)
WATCHED = timedelta(hours=48)


@job(erasing.REMOVE_FILES)
def remove_files(job: Job) -> dict[str, Any]:
    """Raises TryLater while one of them cannot be removed."""
    left = remove_now()
    if left:
        raise TryLater(AGAIN, f"{left} files")
    return {}


def remove_now() -> int:
    """Returns how many could not be removed."""
    left = 0
    for waiting in FileToRemove.objects.order_by("pk"):
        try:
            waiting.file.unlink(missing_ok=True)
        except OSError:
            FileToRemove.objects.filter(pk=waiting.pk).update(tries=waiting.tries + 1)
            left += 1
        else:
            waiting.delete()
    return left


@job(erasing.ERASE)
def erase_one(claimed: Job) -> dict[str, Any]:
    """One transaction: a crash or a cancel leaves the card as it was, and the next try begins anew."""
    customer = Customer.objects.get(pk=claimed.params["customer"])
    with suppress(erasing.AlreadyErased), Kept(claimed) as kept:
        kept.say(READING, 0, 0)
        by, why = claimed.requested_by, claimed.params["why"]
        erasing.erase(customer, why=why, by=by, say=lambda done, total: kept.say(READING, done, total))
    return {}


@job(clock.KIND)
def propose_erasures(job: Job) -> dict[str, Any]:
    return {"proposed": clock.propose()}


@job(clock.ERASE)
def erase_old_cards(job: Job) -> dict[str, Any]:
    return {"erased": clock.erase_them(job.params["ids"], by=job.requested_by, progress=job.progress)}


@job(CLOCKS)
def run_clocks(job: Job) -> dict[str, Any]:
    """What went before a cancel is gone; the next run goes on from there."""
    went = {one.name: one.run(lambda label, gone: job.progress(str(label)[:64], gone)) for one in clocks.all_clocks()}
    return {"went": {name: count for name, count in went.items() if count}}


def nightly(day: date) -> Job:
    return Job.request(CLOCKS, period=day.isoformat())


@shared_task(name="crm.sweep_erased")
def sweep_erased() -> None:
    """Files that would not go, numbers that a crash kept out of the file, rows that came in after an erasure."""
    remove_now()
    replay.catch_up()
    for certificate in Erasure.objects.filter(at__gt=timezone.now() - WATCHED).order_by("pk"):
        erasing.wipe_again(certificate)
