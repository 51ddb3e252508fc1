"""Figures of a few customers: of whom an event has marked as stale, within seconds of it."""

from django.db import connection, transaction
from django.utils import timezone

from analytics.beside import Beside
from analytics.definition import Definition
from analytics.metrics.rfm import Borders
from analytics.models import Figures, Generation, PurchaseDays, Scores, Stale
from analytics.publishing import tables
from analytics.purchases.reading import purchases_of, unscored, written
from analytics.purchases.summary import summarise
from analytics.scoring.learning import recent_from
from analytics.scoring.scoring import Stored, model_from, score, timing_from

BATCH = 2_500  # customers, in one transaction
BATCHES = 20  # in one go, on each connection
# Who waits longest, noted as done in one step: whoever is marked meanwhile waits for the end, and is stale again.
_TAKE = """
    UPDATE analytics_stale SET refreshed_at = %s WHERE customer_id = ANY (ARRAY(
        SELECT customer_id FROM analytics_stale WHERE refreshed_at IS NULL
         ORDER BY marked_at LIMIT %s FOR UPDATE SKIP LOCKED))
    RETURNING customer_id
"""


def refresh() -> int:
    """Bring the figures of stale customers up to date, in batches; where one is not enough, on two connections.

    Returns how many.
    """
    if not Stale.objects.filter(refreshed_at=None)[BATCH:].exists():
        return _refresh_batch()
    with Beside() as beside:
        others = beside.start(_refresh_batches)
        return _refresh_batches() + others()


def _refresh_batches() -> int:
    done = 0
    for _ in range(BATCHES):
        size = _refresh_batch()
        done += size
        if size < BATCH:
            break
    return done


def _refresh_batch() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")  # what a crash takes back is stale again
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [tables.SWITCH])
        if not cursor.fetchone()[0]:
            return 0
        generation = Generation.objects.current()
        if generation is None:
            return 0
        cursor.execute(_TAKE, [timezone.now(), BATCH])
        ids = sorted(pk for (pk,) in cursor.fetchall())
        if ids:
            _write(ids, stored_of(generation))
        return len(ids)


def catch_up(generation: Generation, stored: Stored, lasting: str) -> None:
    """Who turned stale since a full run began to read is done again, in the tables that are about to be seen."""
    changed = Stale.objects.exclude(covered_by=generation.pk)
    ids = list(changed.values_list("pk", flat=True)[: Stale.MANY + 1])
    if len(ids) > Stale.MANY:
        return  # an import came meanwhile: they stay stale, and the next full run follows at once
    for first in range(0, len(ids), BATCH):
        _write(ids[first : first + BATCH], stored, tables.NEXT, lasting)
    changed.filter(pk__in=ids).update(refreshed_at=timezone.now())


def stored_of(generation: Generation) -> Stored:
    return Stored(
        generation=generation.pk,
        as_of=generation.as_of.toordinal(),
        definition=Definition.from_dict(generation.settings),
        timing=timing_from(generation.timing),
        spend=model_from(generation.spend["used"]),
        borders=Borders.from_dict(generation.borders),
        second_after=generation.curves["second_after"],
        is_off=bool(generation.why_off),
    )


def _write(ids: list[int], stored: Stored, scores: str = "", lasting: str = "") -> None:
    """The same steps for a few customers, into the tables in use or, by their suffix, those about to be."""
    definition = stored.definition
    purchases = purchases_of(ids, definition)
    customers = summarise(purchases, recent_from(stored.as_of, definition.rfm_months))
    theirs = written(ids)
    tables.delete_of(Scores, theirs, scores)
    for model in (Figures, PurchaseDays):
        tables.delete_of(model, theirs, lasting)
    if len(customers):
        tables.copy_to(Scores, score(customers, stored, unscored(ids)), scores)
        tables.copy_lasting(purchases, customers, lasting)
