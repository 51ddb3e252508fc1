"""Running jobs: what the relay finds due, and the frame in which a worker does one."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import psycopg
from celery import shared_task
from django.db import InterfaceError, OperationalError

from shop.models import Cancelled, Job, TryLater
from shop.outage import when_back

log = logging.getLogger(__name__)

AGAIN = timedelta(seconds=10)


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
        if _passes(error):
            _give_back(claimed, error)
        else:
            # The message may hold what somebody typed; the kind of error is enough for the row and the log.
            log.exception("job failed", extra={"job": claimed.pk, "kind": claimed.kind})
            claimed.end(Job.State.FAILED, error=type(error).__name__)


def _passes(error: Exception) -> bool:
    """The database went away or somebody stood in the way; a statement that takes too long would again."""
    of_database = OperationalError | InterfaceError | psycopg.OperationalError
    lasting = psycopg.errors.QueryCanceled | psycopg.errors.DiskFull
    return isinstance(error, of_database) and not isinstance(error.__cause__ or error, lasting)


def _give_back(claimed: Job, error: Exception) -> None:
    """To be taken up again from its beginning, by whoever is free then."""
    log.warning("job lost the database", extra={"job": claimed.pk, "kind": claimed.kind, "error": type(error).__name__})
    when_back(lambda: claimed.postpone(AGAIN, type(error).__name__))
