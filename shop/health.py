"""Is the site alive, is it ready, is it well? The first two answer before sessions, users or settings are read."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Min, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from shop import disk
from shop.backup import shelf
from shop.models import Heartbeat, Job

# How old the oldest open work, and a process's last sign of life, may be.
OLDEST_WORK = timedelta(minutes=2)
OLDEST_PROOF, HOUR = timedelta(days=9), timedelta(hours=1)
SILENCE = {"relay": timedelta(seconds=30), "beat": timedelta(minutes=3)}


def livez(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok", "shop": settings.SHOP})


def readyz(request: HttpRequest) -> HttpResponse:
    try:
        reason = "" if is_migrated() else "migrations are missing"
    except DatabaseError:
        reason = "the database does not answer"
    if reason:
        return JsonResponse({"status": "not ready", "reason": reason}, status=503, headers={"Retry-After": "5"})
    return JsonResponse({"status": "ok"})


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/livez": livez, "/readyz": readyz}


def is_migrated() -> bool:
    """Asks the database every time, but what the code expects only once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    return expected_migrations() <= applied


@cache
def expected_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def report() -> dict[str, Any]:
    """What the spine is doing, and in `reasons` what somebody should look at."""
    began = time.perf_counter()
    facts = {"relay": age("relay"), "beat": age("beat"), "disk_free_mb": disk.free_bytes() // 1_000_000}
    facts |= work_waiting()
    facts["jobs_stuck"] = stuck_jobs()
    facts |= last_proofs()
    reasons = list(complaints(facts))
    return {
        "status": "degraded" if reasons else "ok",
        "reasons": reasons,
        **facts,
        "checked_in_ms": round((time.perf_counter() - began) * 1000, 1),
    }


def complaints(facts: dict[str, Any]) -> Iterator[str]:
    for name, longest in SILENCE.items():
        if facts[name] is None or facts[name] > longest.total_seconds():
            yield f"{name} is silent"
    if facts["oldest_reaction_s"] > OLDEST_WORK.total_seconds():
        yield "reactions wait too long"
    if facts["parked"]:
        yield "reactions are parked"
    if facts["jobs_stuck"]:
        yield "jobs are stuck"
    if facts["backup_unproved_h"] > OLDEST_PROOF / HOUR:
        yield "no backup was proved for long"
    if facts["ledger_differences"]:
        yield "points and their entries differ"
    if disk.nearly_full():
        yield "the disk is nearly full"


def age(name: str) -> int | None:
    """Seconds since a process showed a sign of life."""
    at = Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
    return _seconds_since(at) if at else None


def work_waiting() -> dict[str, int]:
    """The spine is another room's: its table is looked up, not imported."""
    reactions = apps.get_model("crm", "Reaction").objects
    now = timezone.now()
    oldest = reactions.filter(done_at=None, parked_at=None, due_at__lte=now).aggregate(due_at=Min("due_at"))["due_at"]
    return {
        "oldest_reaction_s": _seconds_since(oldest) if oldest else 0,
        "parked": reactions.filter(parked_at__isnull=False).count(),
    }


def last_proofs() -> dict[str, Any]:
    """Hours since a backup was made that could be restored (or since there is something to back up); of the ledger."""
    expected = settings.BACKUP_KEEP and settings.SHOP != "demo"
    since = shelf.last_proved() or _began() if expected else None
    checks: Any = apps.get_model("loyalty", "LedgerCheck").objects
    ledger = checks.exclude(ended_at=None).order_by("-pk").first()
    return {
        "backup_unproved_h": int((timezone.now() - since) / HOUR) if since else 0,
        "ledger_checked_h": int((timezone.now() - ledger.ended_at) / HOUR) if ledger else None,
        "ledger_differences": ledger.differences if ledger else 0,
    }


def _began() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(applied) FROM django_migrations")
        began: datetime | None = cursor.fetchone()[0]
    return began


def stuck_jobs() -> int:
    """Due for minutes and not taken, or taken by a worker that has not been heard of since."""
    late = timezone.now() - OLDEST_WORK
    waiting = Q(state=Job.State.QUEUED, due_at__lt=late)
    return Job.objects.filter(waiting | Q(state=Job.State.RUNNING, lease_until__lt=late)).count()


def _seconds_since(at: datetime) -> int:
    return max(int((timezone.now() - at).total_seconds()), 0)
