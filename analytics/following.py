"""What follows a full run once everybody sees its figures. Each part stands alone and may be repeated."""

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext_noop

from analytics.metrics import asking, rfm_grid, rfm_moves, tenths
from analytics.models import Generation, Goal
from analytics.reports import goals
from analytics.risk import counting, flagging

FLAGS = gettext_noop("Raising and clearing flags")
MOVES = gettext_noop("Noting who moved to another group")
AHEAD = gettext_noop("Working out the months people look at first")
GRADES = gettext_noop("Grading the forecasts")


def make_all(progress: Callable[..., None], as_of: date | None = None) -> Generation:
    """A full run and what follows. The forecast that is graded then decides at once, not tomorrow night, whether the
    score is shown: if it says otherwise than these figures, they are made once more."""
    from analytics.grading import life

    generation = _made(progress, as_of)
    return generation if generation.why_off == life.why_off() else _made(progress, as_of)


def _made(progress: Callable[..., None], as_of: date | None) -> Generation:
    from analytics import recompute

    generation = recompute.full(as_of, progress)
    follow_up(generation, as_of or recompute.today(), progress)
    return generation


def follow_up(generation: Generation, today: date, progress: Callable[[str], None]) -> None:
    progress(FLAGS)
    flagging.raise_and_clear(generation, today)
    progress(MOVES)
    rfm_moves.record(generation)
    rfm_grid.count(generation)
    tenths.count(generation)
    counting.count(generation)
    progress(AHEAD)
    asking.ahead(generation)
    if generation.customers:
        goals.note(list(Goal.objects.running().select_related("made_by")), generation)
    progress(GRADES)
    from analytics.grading import life  # brings the models of the forecast, which no page needs
    from analytics.metrics import worth
    from analytics.publishing import tables

    life.follow(generation, today)
    worth.count(generation)
    tables.clean(tables.LASTING)
