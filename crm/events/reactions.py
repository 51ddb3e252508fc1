"""Claim due reactions in batches, run them, and keep count of what failed."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from crm.models import Event, Reaction
from shop.models import Setting
from shop.outage import when_back

log = logging.getLogger(__name__)

BATCH = 200
LEASE = timedelta(seconds=120)
ATTEMPTS = 5
MANY = 32_767  # attempts: as many as the column holds
BACKOFF = [timedelta(seconds=s) for s in (5, 30, 120, 600, 1800)]

_OPEN = "done_at IS NULL AND parked_at IS NULL AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)"

_NAMES = f"""
    SELECT name FROM unnest(%(names)s::text[]) AS known (name)
     WHERE EXISTS (SELECT FROM crm_reaction AS r WHERE r.name = known.name AND {_OPEN})
"""

# An array, for it is made once: of "IN (SELECT … LIMIT …)" the planner may ask anew for every row, and take more.
_CLAIM = f"""
    UPDATE crm_reaction SET lease_until = %(lease)s, attempts = attempts + 1
     WHERE id = ANY (ARRAY(SELECT id FROM crm_reaction WHERE name = %(name)s AND {_OPEN}
                              AND attempts BETWEEN %(fewest)s AND %(most)s
                            ORDER BY due_at, id LIMIT %(size)s FOR UPDATE SKIP LOCKED))
    RETURNING id
"""
# What was begun so often and never ended may have killed its workers: it goes on alone, and takes nobody along.
TOGETHER = 2


def known_names() -> list[str]:
    from django.conf import settings

    return sorted({name for names in import_string(settings.REACTIONS).values() for name in names})


def due() -> list[tuple[str, list[Any]]]:
    """One wake-up per reaction that has something to do."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, {"names": known_names(), "now": timezone.now()})
        return [("crm.react", [name]) for (name,) in cursor.fetchall()]


def run_due(name: str, *, batches: int = 50) -> int:
    """Run what is due of one reaction. Returns how many were tried."""
    tried = 0
    for _ in range(batches):
        claimed = _claim(name)
        if not claimed:
            break
        tried += len(claimed)
        try:
            for _kind, same_kind in groupby(claimed, key=lambda reaction: reaction.event.kind):
                _run(import_string(name), list(same_kind))
        except (OperationalError, InterfaceError) as error:
            _give_back(claimed, error)
            break
    return tried


def _give_back(claimed: list[Reaction], error: Exception) -> None:
    """The database went away: others need not wait for the end of our lease."""
    log.warning("reactions lost the database", extra={"error": type(error).__name__})
    ours = Reaction.objects.filter(pk__in=[r.pk for r in claimed], lease_until=claimed[0].lease_until)
    when_back(lambda: ours.filter(done_at=None).update(lease_until=None))


def _claim(name: str) -> list[Reaction]:
    ids = _claim_some(name, fewest=0, most=TOGETHER - 1, size=BATCH)
    ids = ids or _claim_some(name, fewest=TOGETHER, most=MANY, size=1)
    claimed = Reaction.objects.filter(pk__in=ids).select_related("event")
    return sorted(claimed, key=lambda reaction: (reaction.event.kind, reaction.event_id))


def _claim_some(name: str, **which: int) -> list[int]:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"name": name, "now": now, "lease": now + LEASE, **which})
        return [pk for (pk,) in cursor.fetchall()]


def _run(function: Callable[[list[Event]], None], reactions: list[Reaction]) -> None:
    """The batch in one transaction; when that fails, each on its own, so that one never holds up another."""
    try:
        with Setting.read_once(), transaction.atomic():
            function([reaction.event for reaction in reactions])
            _mark_done(reactions)
    except Exception as error:
        if len(reactions) > 1:
            for reaction in reactions:
                _run(function, [reaction])
        else:
            _mark_failed(reactions[0], error)


def _mark_done(reactions: Iterable[Reaction]) -> None:
    Reaction.objects.filter(pk__in=[r.pk for r in reactions]).update(done_at=timezone.now(), lease_until=None)


def _mark_failed(reaction: Reaction, error: Exception) -> None:
    # Only the kind of error: its text may quote what a person typed.
    log.error("reaction failed", extra={"reaction": reaction.pk, "name_": reaction.name, "error": type(error).__name__})
    failed = Reaction.objects.filter(pk=reaction.pk)
    now = timezone.now()
    if reaction.attempts >= ATTEMPTS:
        failed.update(parked_at=now, lease_until=None, last_error=type(error).__name__)
    else:
        due_at = now + BACKOFF[reaction.attempts - 1]
        failed.update(due_at=due_at, lease_until=None, last_error=type(error).__name__)


def park_the_lethal() -> int:
    """Reactions whose worker died five times over them are parked, not tried for ever."""
    lethal = Reaction.objects.filter(
        done_at=None, parked_at=None, attempts__gte=ATTEMPTS, lease_until__lt=timezone.now()
    )
    return lethal.update(parked_at=timezone.now(), lease_until=None, last_error="worker died", attempts=F("attempts"))


def sweep(older_than: timedelta = timedelta(days=30)) -> int:
    return Reaction.objects.filter(done_at__lt=timezone.now() - older_than).delete()[0]
