"""Running jobs: what the relay finds due, and the frame in which a worker does one."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from celery import shared_task

from shop.models import Cancelled, Job, TryLater

log = logging.getLogger(__name__)


def due() -> list[tuple[str, list[Any]]]:
    return [(kind, [pk]) for pk, kind in Job.objects.due().order_by("pk").values_list("pk", "kind")[:50]]


def job(name: str) -> Callable[[Callable[[Job], dict[str, Any] | None]], Any]:
    """Makes a Celery task of a function that takes a claimed Job and returns what to remember of it."""

    def decorate(function: Callable[[Job], dict[str, Any] | None]) -> Any:
        @shared_task(name=name)
        @wraps(function)
        def run(pk: int) -> None:
            claimed = Job.claim(pk)
            if claimed:
                _run(function, claimed)

        run.do = function
        return run

    return decorate


def _run(function: Callable[[Job], dict[str, Any] | None], claimed: Job) -> None:
    try:
        claimed.end(Job.State.DONE, **(function(claimed) or {}))
    except Cancelled:
        claimed.refresh_from_db()
        if claimed.cancel_requested_at:
            claimed.end(Job.State.CANCELLED)
    except TryLater as later:
        log.warning("job postponed", extra={"job": claimed.pk, "kind": claimed.kind, "error": str(later)})
        claimed.postpone(later.after, str(later))
    except Exception as error:
        # The message may hold what somebody typed; the kind of error is enough for the row and the log.
        log.exception("job failed", extra={"job": claimed.pk, "kind": claimed.kind})
        claimed.end(Job.State.FAILED, error=type(error).__name__)
