"""The three steps: summarise in the database, model in NumPy, publish at once; and the same for a few customers."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from analytics.beside import Beside
from analytics.definition import Definition
from analytics.grading import life
from analytics.metrics.gaps import FEWEST_GAPS, GapCurve
from analytics.metrics.periods import Past, cohort_cells, month_rows, totals
from analytics.metrics.rfm import Borders
from analytics.metrics.states_ahead import StatesAhead
from analytics.models import AskedFigures, CohortCell, Figures, Generation, PeriodFigure, PurchaseDays, Scores, Stale
from analytics.publishing import tables
from analytics.publishing.history import FORM, Changes
from analytics.purchases.reading import Purchases, all_purchases, purchases_of, unscored, written
from analytics.purchases.summary import Customers, summarise, summarised
from analytics.scoring.learning import Fitted, Timing, curve_of, learn, recent_from, spend_of
from analytics.scoring.scoring import Outlook, Stored, model_from, score, scored_in_parts, timing_from

Progress = Callable[[str, int, int], None]

READ = gettext_noop("Reading the orders")
MODEL = gettext_noop("Working out the models")
WRITE = gettext_noop("Writing the figures")
INDEX = gettext_noop("Making them quick to find")
SWITCH = gettext_noop("Showing them to everybody")

BATCH = 2_000  # stale customers refreshed in one transaction
# Who waits longest, noted as done in one step: whoever is marked meanwhile waits for the end, and is stale again.
_TAKE = """
    UPDATE analytics_stale SET refreshed_at = %s WHERE customer_id = ANY (ARRAY(
        SELECT customer_id FROM analytics_stale WHERE refreshed_at IS NULL
         ORDER BY marked_at LIMIT %s FOR UPDATE SKIP LOCKED))
    RETURNING customer_id
"""
KEEP = 90  # generations whose month figures stay readable


class AlreadyRunning(Exception):
    """Another process is making the figures."""


def silent(stage: str, done: int = 0, total: int = 0) -> None:
    """For who does not want to hear how far it is."""


def today() -> date:
    return timezone.now().astimezone(ZoneInfo(Definition.in_force().zone)).date()


def full(as_of: date | None = None, progress: Progress = silent) -> Generation:
    """Make everything anew from the orders and publish it at once."""
    with _alone(), Beside() as beside:
        asked = Definition.in_force()  # once: a change meanwhile is for the next run
        generation = _begun(as_of or today())
        purchases = _read(asked, progress, beside)
        objecting = beside.start(unscored)
        progress(MODEL, 0, 0)
        customers = summarised(purchases, recent_from(generation.as_of.toordinal(), asked.rfm_months), beside)
        fitted, lasting = _fitted(generation, purchases, customers, beside)
        _define(generation, asked, fitted.curve)
        months = beside.start(lambda: _publish_months(generation, purchases, customers), here_if_late=True)
        stored = _learn(generation, asked, fitted, purchases, customers)
        outlook = Outlook.of(customers, stored, fitted.timing.histories)
        progress(WRITE, 0, 0)
        states = StatesAhead(generation.as_of.toordinal(), generation.second_lasts)
        parts = scored_in_parts(customers, outlook, stored, objecting())
        tables.publish_scores(states.of(parts))
        sums = beside.start(lambda: _add_up(generation, customers, states), here_if_late=True)
        _publish(generation, stored, lasting, [months, sums], progress, beside)
        _forget_old(generation)
    return generation


def _begun(as_of: date) -> Generation:
    """Who is stale now is in what is about to be read."""
    generation = Generation.objects.create(as_of=as_of)
    Stale.objects.filter(refreshed_at__isnull=False).delete()
    Stale.objects.update(covered_by=generation.pk)
    tables.make_next_tables()
    return generation


@contextmanager
def _alone() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [tables.RUN])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [tables.RUN])


def _read(asked: Definition, progress: Progress, beside: Beside) -> Purchases:
    progress(READ, 0, 0)
    return all_purchases(asked, beside=beside, progress=lambda done, total: progress(READ, done, total))


def _fitted(
    generation: Generation, purchases: Purchases, customers: Customers, beside: Beside
) -> tuple[Fitted, Callable[[], Changes | None]]:
    """And what waits for all that lasts: it takes longest, so what is fitted beside goes before it."""
    as_of = generation.as_of.toordinal()
    curve = beside.start(lambda: curve_of(purchases, customers, as_of))
    spend = beside.start(lambda: spend_of(customers))
    lasting = beside.start(lambda: tables.publish_lasting(purchases, customers))
    return Fitted(timing=Timing.of(customers, as_of), curve=curve(), spend=spend()), lasting


def _define(generation: Generation, asked: Definition, curve: GapCurve) -> None:
    """A window that was proposed once stays until a person decides otherwise: a chart must not drift by itself."""
    before = Generation.objects.current()
    adopted = before.active_days if before and before.curves["window_adopted"] else curve.proposed_window()
    generation.settings = replace(asked, active_days=asked.active_days or adopted).as_dict()


def _learn(
    generation: Generation, asked: Definition, fitted: Fitted, purchases: Purchases, customers: Customers
) -> Stored:
    definition, before = Definition.from_dict(generation.settings), Generation.objects.current()
    known = before.timing if before and before.settings == generation.settings else None
    learned = learn(purchases, customers, fitted, definition, generation.as_of.toordinal(), generation.pk, known)
    # Nobody decided, and there were enough gaps to propose from.
    adopted = not asked.active_days and fitted.curve.completed >= FEWEST_GAPS
    generation.remember(learned, customers, adopted=adopted)
    generation.timing["off"] = life.why_off()
    return replace(learned.stored, is_off=bool(generation.why_off))


def _add_up(generation: Generation, customers: Customers, states: StatesAhead) -> None:
    found = totals(customers, generation, generation.as_of.toordinal())
    generation.totals = {**found, "states": states.as_dict(), "form": FORM}
    generation.name_definition()
    generation.save()


def _publish_months(generation: Generation, purchases: Purchases, customers: Customers) -> None:
    past = Past.of(purchases, generation.as_of.toordinal())
    PeriodFigure.objects.bulk_create(month_rows(past, customers, generation), batch_size=500)
    if len(past.months):
        tables.copy_to(CohortCell, cohort_cells(past, customers, generation))


def _publish(
    generation: Generation,
    stored: Stored,
    lasting: Callable[[], Changes | None],
    others: list[Callable[[], None]],
    progress: Progress,
    beside: Beside,
) -> None:
    progress(INDEX, 0, 0)
    tables.index_scores(beside, lambda done, total: progress(INDEX, done, total))
    for done in others:
        done()
    changes = lasting()
    progress(SWITCH, 0, 0)
    kept = changes is not None
    tables.switch(
        generation, partial(_catch_up, generation, stored, changes), (tables.SCORES,) if kept else tables.TABLES
    )


def _catch_up(generation: Generation, stored: Stored, changes: Changes | None) -> None:
    """What is kept is brought up to date, with whom the run read; then who has changed since."""
    if changes is not None:
        tables.change_lasting(changes)
    _refresh_changed(generation, stored, tables.NEXT if changes is None else "")


def _refresh_changed(generation: Generation, stored: Stored, lasting: str) -> None:
    """Who turned stale since the reading began is done again, in the tables that are about to be seen."""
    changed = Stale.objects.exclude(covered_by=generation.pk)
    ids = list(changed.values_list("pk", flat=True)[: Stale.MANY + 1])
    if len(ids) > Stale.MANY:
        return  # an import came meanwhile: they stay stale, and the next full run follows at once
    for first in range(0, len(ids), BATCH):
        _write(ids[first : first + BATCH], stored, tables.NEXT, lasting)
    changed.filter(pk__in=ids).update(refreshed_at=timezone.now())


def _forget_old(generation: Generation) -> None:
    """The last ones of each version of the definitions stay: whoever changed a setting can still read them."""
    old = Generation.objects.exclude(pk=generation.pk).order_by("-pk").values_list("pk", flat=True)
    named = set(Generation.objects.last_of_each_definition().values_list("pk", flat=True))
    Generation.objects.filter(pk__in=set(old[KEEP:]) - named).delete()
    AskedFigures.objects.exclude(generation=generation).delete()
    Generation.objects.filter(published_at=None, pk__lt=generation.pk).delete()


def refresh(limit: int = 20) -> int:
    """Bring the figures of stale customers up to date, in batches. Returns how many."""
    done = 0
    for _ in range(limit):
        size = _refresh_batch()
        done += size
        if size < BATCH:
            break
    return done


def _refresh_batch() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
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
