from datetime import date
from typing import Any

from celery import shared_task
from django.utils.translation import gettext_noop

from analytics import flagging
from analytics.models import Generation, Stale
from shop.jobs import job
from shop.models import Job

KIND = "analytics.recompute"
FLAGS = gettext_noop("Raising and clearing flags")


@job(KIND)
def make_figures(job: Job) -> dict[str, Any]:
    from analytics import recompute

    generation = recompute.full(progress=job.progress)
    job.progress(FLAGS)
    flagging.raise_and_clear(generation, recompute.today())
    return {"customers": generation.customers, "generation": generation.pk}


@shared_task(name="analytics.refresh")
def refresh() -> None:
    """At least once: a stale customer stays marked until the figures are written."""
    from analytics import recompute

    recompute.refresh()


def due() -> list[tuple[str, list[Any]]]:
    """What the relay finds to do: stale customers, or so many that everything is made anew."""
    waiting = Stale.objects.filter(refreshed_at=None)
    if not waiting.exists():
        return []
    if Generation.objects.filter(is_current=True).exists() and not waiting[Stale.MANY :].exists():
        return [("analytics.refresh", [])]
    if not Job.objects.live().filter(lane=KIND).exists():
        request_recompute()
    return []


def request_recompute(by: Any = None) -> Job:
    """A second request joins the first."""
    return Job.request(KIND, lane=KIND, by=by)


def nightly(day: date) -> Job:
    return Job.request(KIND, lane=KIND, period=day.isoformat())
