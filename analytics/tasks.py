from datetime import date, datetime
from typing import Any

from celery import shared_task
from django.utils.translation import gettext_noop

from analytics.definition import Definition
from analytics.models import Generation, Stale
from analytics.risk import flagging, telling
from shop.jobs import job
from shop.models import Job

KIND, RELEASE = "analytics.recompute", "analytics.release_flags"
TELLING = gettext_noop("Telling who is at risk")


@job(KIND)
def make_figures(job: Job) -> dict[str, Any]:
    from analytics.following import make_all

    generation = make_all(job.progress)
    return {"customers": generation.customers, "generation": generation.pk}


@shared_task(name="analytics.refresh")
def refresh() -> None:
    """At least once: a stale customer stays marked until the figures are written."""
    from analytics import refreshing
    from analytics.publishing import tables

    refreshing.refresh()
    flagging.clear_who_came_back()
    tables.clean_when_due()


@job(RELEASE)
def release_flags(job: Job) -> dict[str, Any]:
    """Once somebody said so, all of them are told, however often it is begun."""
    telling.mark_released(job.requested_by)
    told = telling.release(job.requested_by, lambda done, total: job.progress(TELLING, done, total))
    return {"told": told}


def request_release(by: Any) -> Job:
    return Job.request(RELEASE, lane=RELEASE, by=by)


def due() -> list[tuple[str, list[Any]]]:
    """What the relay finds to do: stale customers, or so many, or another definition, that all is made anew."""
    waiting = Stale.objects.filter(refreshed_at=None)
    begun = Generation.objects.filter(is_current=True).values_list("started_at", flat=True).first()
    if begun and waiting.exists() and not waiting[Stale.MANY :].exists():
        return [("analytics.refresh", []), *_anew_when(_is_redefined(begun))]
    return _anew_when(waiting.exists() or _is_redefined(begun))


def _anew_when(wanted: bool) -> list[tuple[str, list[Any]]]:
    if wanted and not Job.objects.live().filter(lane=KIND).exists():
        request_recompute()
    return []


def _is_redefined(begun: datetime | None) -> bool:
    """Somebody changed what the figures mean, and no run has been asked for since."""
    changed = Definition.changed_at() if begun else None
    if begun is None or changed is None or changed < begun:
        return False
    return not Job.objects.filter(lane=KIND, requested_at__gte=changed).exists()


def request_recompute(by: Any = None) -> Job:
    """A second request joins the first."""
    return Job.request(KIND, lane=KIND, by=by)


def nightly(day: date) -> Job:
    return Job.request(KIND, lane=KIND, period=day.isoformat())
