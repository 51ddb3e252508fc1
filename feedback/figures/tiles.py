"""The figures of a report, each with what it rests on."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from feedback.figures.measures import FEWEST
from feedback.figures.overview import Report
from feedback.models import Response
from feedback.surveys.kinds import Band, Kind
from shop import formats
from shop.charts import Tile, Whisker
from shop.intervals import FEW, Interval, difference_of_shares, share


def tiles(report: Report) -> list[Tile]:
    found = [_score(report)] if report.measure else [_answers(report)]
    if report.survey.kind == Kind.CES:
        found.append(_easy(report))
    found.append(_rate(report))
    if report.measure:
        found.append(_low(report))
    return found


def _score(report: Report) -> Tile:
    measure, found = report.measure, report.found
    assert measure
    if found is None:
        return Tile(
            measure.name,
            ngettext("%(n)s answer", "%(n)s answers", report.now.n) % {"n": formats.number(report.now.n)},
            range=_("too few for a score"),
            url=report.behind(),
            is_small=True,
        )
    past = measure.of(report.before) if report.before.n >= FEWEST else None
    verdict, tone, change = said(report.change, measure.say_change)
    return Tile(
        measure.name,
        measure.say(found.value),
        whisker=whisker(found, past),
        range=_between(measure.say(found.low), measure.say(found.high), report.now.n),
        verdict=verdict,
        tone=tone,
        change=change or _nothing_before(report),
        url=report.behind(),
        is_small=report.now.n < FEW,
    )


def _nothing_before(report: Report) -> str:
    return "" if report.change else _("too few answers before to compare")


def _answers(report: Report) -> Tile:
    """Of a survey without a score."""
    return Tile(_("Answers"), formats.number(report.now.answers), url=report.behind())


def _easy(report: Report) -> Tile:
    scale, now, before = report.scale, report.now, report.before
    assert scale
    name = _("Easy: 5 to 7")
    if now.n < FEWEST:
        return Tile(name, "–", range=_("too few for a share"), is_small=True)
    k, k0 = now.within(scale, Band.HIGH), before.within(scale, Band.HIGH)
    return _share(name, (k, now.n), (k0, before.n), report.behind(band=Band.HIGH))


def _rate(report: Report) -> Tile:
    now, before = report.rates
    name = _("Response rate")
    if not now.asked:
        return Tile(name, _("not yet"), range=_("nobody was asked in it seven days ago or earlier"), is_small=True)
    tile = _share(name, (now.answered, now.asked), (before.answered, before.asked), report.url("feedback:asked"))
    words = {"answered": formats.number(now.answered), "asked": formats.number(now.asked)}
    return replace(tile, aside=_("%(answered)s of %(asked)s") % words)


def _share(name: Any, now: tuple[int, int], before: tuple[int, int], url: str) -> Tile:
    found = share(*now)
    enough = min(now[1], before[1]) >= FEWEST
    verdict, tone, change = said(difference_of_shares(*now, *before), _points) if enough else ("", "", "")
    return Tile(
        name,
        formats.percent(found.value, 1),
        whisker=whisker(found, share(*before) if enough else None),
        range=_between(formats.percent(found.low, 1), formats.percent(found.high, 1), now[1]),
        verdict=verdict,
        tone=tone,
        change=change,
        url=url,
        is_small=now[1] < FEW,
    )


def _low(report: Report) -> Tile:
    """How many, and how many of them somebody has still to put right."""
    scale = report.scale
    assert scale
    low, n = report.now.within(scale, Band.LOW), report.now.n
    waiting = open_low_scores(report.survey.pk)
    said_ = ngettext("%(n)s in all not closed yet", "%(n)s in all not closed yet", waiting)
    return Tile(
        pgettext("answers", "Low scores"),
        formats.number(low),
        aside=_("of %(n)s") % {"n": formats.number(n)},
        range=said_ % {"n": formats.number(waiting)} if waiting else _("none waits for anything"),
        tone="bad" if waiting else "",
        url=report.behind(band=Band.LOW),
        range_url=report.open_answers if waiting else "",
    )


def open_low_scores(survey: int) -> int:
    return Response.objects.counted().filter(survey=survey, complaint__closed_at=None, complaint__isnull=False).count()


def _points(value: float) -> str:
    return formats.signed(100 * value, 1)


def said(change: Interval | None, write: Any) -> tuple[str, str, str]:
    """Up, down or cannot tell; whether that is good; the interval of the difference."""
    if change is None:
        return "", "", ""
    between = _("%(low)s to %(high)s") % {"low": write(change.low), "high": write(change.high)}
    verdict = change.verdict()
    words = {"up": pgettext("a score", "Up"), "down": pgettext("a score", "Down"), "cannot_tell": _("Cannot tell")}
    return words[verdict], {"up": "good", "down": "bad"}.get(verdict, ""), between


def whisker(found: Interval, past: Interval | None) -> Whisker:
    bounds = [(found.low, found.high)] + ([(past.low, past.high)] if past else [])
    drawn = (past.low, past.high) if past else None
    return Whisker(found.value, found.low, found.high, Whisker.around(*bounds), drawn)


def _between(low: str, high: str, n: int) -> str:
    return _("%(low)s to %(high)s · n %(n)s") % {"low": low, "high": high, "n": formats.number(n)}
