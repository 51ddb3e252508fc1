"""The three steps: summarise in the database, model in NumPy, publish at once."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_noop

from analytics import refreshing
from analytics.beside import Beside
from analytics.definition import Definition
from analytics.grading import life
from analytics.metrics.gaps import FEWEST_GAPS, GapCurve
from analytics.metrics.periods import Past, cohort_cells, month_rows, totals
from analytics.metrics.states_ahead import StatesAhead
from analytics.models import AskedFigures, CohortCell, Generation, PeriodFigure, Stale
from analytics.publishing import tables
from analytics.publishing.history import FORM, Changes
from analytics.purchases.reading import Purchases, all_purchases, unscored
from analytics.purchases.summary import Customers, summarised
from analytics.scoring.learning import Fitted, Timing, curve_of, learn, recent_from, spend_of
from analytics.scoring.scoring import Outlook, Stored, scored_in_parts

Progress = Callable[[str, int, int], None]

READ = gettext_noop("Reading the orders")
MODEL = gettext_noop("Working out the models")
COMPARE = gettext_noop("Comparing with what is here")
WRITE = gettext_noop("Writing the figures")
INDEX = gettext_noop("Making them quick to find")
SWITCH = gettext_noop("Showing them to everybody")

KEEP = 90  # generations whose month figures stay readable


class AlreadyRunning(Exception):
    """Another process is making the figures."""


def silent(stage: str, done: int = 0, total: int = 0) -> None:
    """For who does not want to hear how far it is."""


def today() -> date:
    return timezone.now().astimezone(ZoneInfo(Definition.in_force().zone)).date()


@dataclass(frozen=True)
class Known:
    """What the purchases tell; they themselves take the most memory and are let go."""

    customers: Customers
    stored: Stored
    outlook: Outlook
    changes: Changes | None  # None: what lasts gets fresh tables, too


def full(as_of: date | None = None, progress: Progress = silent) -> Generation:
    """Make everything anew from the orders and publish it at once."""
    with _alone(), Beside() as beside:
        asked = Definition.in_force()  # once: a change meanwhile is for the next run
        generation = _begun(as_of or today())
        objecting = beside.start(unscored)
        known = _known(generation, asked, progress, beside)
        progress(WRITE, 0, 0)
        states = StatesAhead(generation.as_of.toordinal(), generation.second_lasts)
        tables.publish_scores(states.of(scored_in_parts(known.customers, known.outlook, known.stored, objecting())))
        progress(INDEX, 0, 0)
        tables.index_scores(beside, lambda done, total: progress(INDEX, done, total))
        generation.totals["states"] = states.as_dict()
        _show(generation, known, progress)
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


def _known(generation: Generation, asked: Definition, progress: Progress, beside: Beside) -> Known:
    purchases = _read(asked, progress, beside)
    progress(MODEL, 0, 0)
    customers = summarised(purchases, recent_from(generation.as_of.toordinal(), asked.rfm_months), beside)
    fitted, lasting = _fitted(generation, purchases, customers, beside)
    _define(generation, asked, fitted.curve)
    past = Past.of(purchases, generation.as_of.toordinal())
    counts = (
        lambda: _publish_months(generation, past, customers),
        lambda: _publish_cohorts(generation, past, customers),
        lambda: _add_up(generation, customers),
    )
    counted = [beside.start(count, here_if_late=True) for count in counts]
    stored = _learn(generation, asked, fitted, purchases, customers)
    outlook = Outlook.of(customers, stored, fitted.timing.histories)
    for done in reversed(counted):  # what comes last has most likely not begun
        done()
    progress(COMPARE, 0, 0)
    return Known(customers, stored, outlook, changes=lasting())


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


def _add_up(generation: Generation, customers: Customers) -> None:
    generation.totals = {**totals(customers, generation, generation.as_of.toordinal()), "form": FORM}
    generation.name_definition()


def _publish_months(generation: Generation, past: Past, customers: Customers) -> None:
    PeriodFigure.objects.bulk_create(month_rows(past, customers, generation), batch_size=500)


def _publish_cohorts(generation: Generation, past: Past, customers: Customers) -> None:
    if len(past.months):
        tables.copy_to(CohortCell, cohort_cells(past, customers, generation))


def _show(generation: Generation, known: Known, progress: Progress) -> None:
    progress(SWITCH, 0, 0)
    replaced = tables.TABLES if known.changes is None else (tables.SCORES,)
    tables.switch(generation, partial(_catch_up, generation, known), replaced)


def _catch_up(generation: Generation, known: Known) -> None:
    """What is kept is brought up to date, with whom the run read; then who has changed since."""
    if known.changes is not None:
        tables.change_lasting(known.changes)
    refreshing.catch_up(generation, known.stored, tables.NEXT if known.changes is None else "")


def _forget_old(generation: Generation) -> None:
    """The last ones of each version of the definitions stay: whoever changed a setting can still read them."""
    old = Generation.objects.exclude(pk=generation.pk).order_by("-pk").values_list("pk", flat=True)
    named = set(Generation.objects.last_of_each_definition().values_list("pk", flat=True))
    Generation.objects.filter(pk__in=set(old[KEEP:]) - named).delete()
    AskedFigures.objects.exclude(generation=generation).delete()
    Generation.objects.filter(published_at=None, pk__lt=generation.pk).delete()
