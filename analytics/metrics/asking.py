"""The engine: figures of any period and any group, worked out from the purchase days and then kept.

    asking.sums(generation, [Question(span), Question(span.before)])     all figures' parts, one reading for both
    asking.months(generation, group)                                     who stayed, left and came, month by month

`analytics.metrics.table.METRICS` says what is made of the parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from hashlib import sha256
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import QuerySet
from numpy.typing import NDArray

from analytics.definition import Definition
from analytics.metrics import history, said
from analytics.metrics.groups import Group
from analytics.metrics.known_email import Cohorts
from analytics.metrics.movement import Movement
from analytics.metrics.periods import Months, Past, movements
from analytics.metrics.seen import Borders, Running, Seen, corrections, sums_of
from analytics.metrics.spans import Span
from analytics.metrics.sums import Moved, Ratio, Season, Sums
from analytics.models import AskedFigures, Generation
from analytics.purchases.local_days import month_start
from analytics.purchases.reading import numbers
from crm.models import Reach
from loyalty.models import Referral

Ints = NDArray[np.int64]

VERSION = 2  # of what is kept: another one makes everything be worked out anew
# Those who were known already, invited themselves, or were rejected by staff, did not come by an invitation.
NOT_BY_REFERRAL = (Referral.Why.KNOWN, Referral.Why.SELF, Referral.Why.STAFF)


@dataclass(frozen=True)
class Question:
    """One period of one group. `months`: how long the two equal windows of revenue retention are."""

    span: Span
    group: Group = field(default_factory=Group)
    months: int = 12

    @property
    def digest(self) -> str:
        span = f"{self.span.first}..{self.span.last}:{self.span.kind}:{self.span.cut}"
        said = f"{VERSION}|{span}|{self.group.key}|{self.group.marks}|{self.months}"
        return sha256(said.encode()).hexdigest()


def sums(generation: Generation, questions: list[Question]) -> list[Sums]:
    """The parts of every figure, one for each question; those asked before are only looked up."""
    if generation.history_from is None:
        return [Sums() for _question in questions]
    known = AskedFigures.known(generation, [one.digest for one in questions])
    missing = [one for one in dict.fromkeys(questions) if one.digest not in known]
    if missing:
        made = {one.digest: found.as_dict() for one, found in _worked_out(generation, missing).items()}
        AskedFigures.keep(generation, made)
        known |= made
    return [Sums.from_dict(known[one.digest]) for one in questions]


def ahead(generation: Generation) -> None:
    """What people look at first: the last month that is over and the one before, in a young shop the running one."""
    running = Span.of(generation.as_of, "month")
    last, shown = running.before, running.until(generation.as_of)
    spans = [last, last.before]
    if generation.history_from and generation.history_from > last.before.first and shown.days > 0:
        spans += [shown, shown.before]
    sums(generation, [Question(span) for span in spans])


def _worked_out(generation: Generation, questions: list[Question]) -> dict[Question, Sums]:
    with history.one_moment():
        assert generation.history_from
        definition = Definition.from_dict(generation.settings)
        found, referred, silent = {}, _referred(), _without_email()
        for ids, some in _by_members(questions):
            tallies = [Tally.of(generation, one, referred, silent) for one in some]
            earliest = min(tally.borders.earliest for tally in tallies)
            refunds = history.refunds_since(date.fromordinal(earliest), definition)
            days = set[int]().union(*(tally.borders.days for tally in tallies))
            for part in history.parts(ids):
                running = Running(part, days)
                for tally in tallies if len(part) else []:
                    tally.count(running, refunds)
            for question, tally in zip(some, tallies, strict=True):
                found[question] = tally.together(refunds if ids is None else refunds.of(ids))
    return found


def _by_members(questions: list[Question]) -> Iterator[tuple[Ints | None, list[Question]]]:
    """Questions about the same people are answered with one reading."""
    everybody = [one for one in questions if one.group.is_everybody]
    if everybody:
        yield None, everybody
    same: dict[bytes, list[Question]] = defaultdict(list)
    for one in questions:
        ids = one.group.ids(one.span)
        if ids is not None:
            same[ids.tobytes()].append(one)
    for members, some in same.items():
        yield np.frombuffer(members, dtype=np.int64), some


def _borders(generation: Generation, question: Question) -> Borders:
    assert generation.history_from
    return Borders.of(question.span, generation.active_days, generation.history_from, question.months)


class Tally:
    """Adds one question's parts up, some customers at a time."""

    def __init__(
        self, question: Question, borders: Borders, referred: Ints, without_email: Ints, kept: float = 1.0
    ) -> None:
        """referred, without_email: ids; kept: of what is spent, the share that historic value counts."""
        self.question, self.borders, self.kept = question, borders, kept
        self.referred_ids, self.without_email = referred, without_email
        self.window, self.bought, self.spent, self.season, self.worth = Moved(), Moved(), Ratio(), Season(), Ratio()
        self.cohorts, self.again = Cohorts({}), Sums().again
        self.referred, self.net, self.customers = [0, 0], 0.0, 0
        self.orders: list[Any] = []

    @classmethod
    def of(cls, generation: Generation, question: Question, referred: Ints, without_email: Ints) -> Tally:
        borders = _borders(generation, question)
        return cls(question, borders, referred, without_email, generation.settings.get("margin") or 1.0)

    def count(self, running: Running, refunds: history.Refunds) -> None:
        part = running.purchases
        low, high = int(part.customers[0]), int(part.customers[-1])
        seen = Seen(running, refunds.between(low, high), self.borders)
        self.window += seen.moved(*seen.by_window())
        self.bought += seen.moved(*seen.by_period())
        self.spent += seen.spent()
        self.season += seen.season()
        self.worth += sums_of(worth := seen.worth() * self.kept, np.ones(worth.size))
        self.cohorts += seen.cohorts(self.without_email)
        self.orders.append(seen.each_order())
        self.net += float(seen.net.sum())
        self.customers += int((seen.first <= self.borders.last).sum())
        for days, (k, n) in seen.again().items():
            self.again[days] = [self.again[days][0] + k, self.again[days][1] + n]
        new = part.customers[seen.fresh & ~seen.known]
        came = int(np.isin(new, self.referred_ids).sum())
        self.referred = [self.referred[0] + came, self.referred[1] + int(new.size)]

    def together(self, refunds: history.Refunds) -> Sums:
        """refunds: of the group, also of customers of whose orders nothing is left."""
        first, last = self.borders.first, self.borders.last
        late = (refunds.ordered >= first) & (refunds.ordered <= last) & (refunds.day > last)
        orders = np.concatenate([np.zeros(0), *self.orders])
        return Sums(
            window=self.window,
            bought=self.bought,
            spent=self.spent,
            median_order=float(np.median(orders)) if orders.size else None,
            revenue=round(self.net + float(corrections(refunds, first, last).sum()) / 1000, 3),
            late=float(refunds.amount[late].sum()) / 1000,
            late_orders=int(late.sum()),
            season=self.season,
            again=self.again,
            referred=self.referred,
            worth=self.worth,
            email=self.cohorts.compared(),
            customers=self.customers,
            said=said.of(self.question.span, self.question.group),
        )


def referrals() -> QuerySet[Referral]:
    """By which somebody came."""
    return Referral.objects.exclude(invited=None).exclude(why__in=NOT_BY_REFERRAL)


def _referred() -> Ints:
    return np.array(list(referrals().values_list("invited", flat=True)), dtype=np.int64)


def _without_email() -> Ints:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(int8send(customer_id), '') FROM {Reach._meta.db_table} WHERE NOT email")
        sent = cursor.fetchone()[0]
    return np.sort(numbers(bytes(sent) if sent else None))


def of_season(generation: Generation, question: Question, who: str) -> list[int]:
    """The customers behind revenue retention: all of them, those who spend nothing now, those who spend less."""
    borders = _borders(generation, question)
    found: list[int] = []
    with history.one_moment():
        earliest = date.fromordinal(borders.earliest)
        refunds = history.refunds_since(earliest, Definition.from_dict(generation.settings))
        for part in history.parts(question.group.ids(question.span)):
            if len(part):
                theirs = refunds.between(int(part.customers[0]), int(part.customers[-1]))
                seen = Seen(Running(part, borders.days), theirs, borders)
                found += part.customers[seen.of_season(who)].tolist()
    return found


# ---- Month by month --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """One month of a group in both modes, as PeriodFigure has it of the whole shop."""

    span: Span
    window: Moved
    bought: Moved


def months(generation: Generation, group: Group) -> list[Month]:
    """Every month of the shop's history for the customers who are in the group today (or always were)."""
    if generation.history_from is None:
        return []
    last = Span.of(generation.as_of, "month").until(generation.as_of)
    question = f"months:{replace(Question(last, group)).digest}"[:64]
    known = AskedFigures.known(generation, [question])
    if question not in known:
        known = {question: _counted_months(generation, group, last)}
        AskedFigures.keep(generation, known)
    return [_month(generation, row) for row in known[question]]


def _counted_months(generation: Generation, group: Group, last: Span) -> list[Any]:
    assert generation.history_from
    as_of = generation.as_of.toordinal()
    all_months = Months.of(np.array([generation.history_from.toordinal()]), as_of)
    known_until = generation.history_from.toordinal() + generation.active_days
    counted: list[tuple[Movement, Movement]] = []
    with history.one_moment():
        for part in history.parts(group.ids(last)):
            if len(part):
                known = part.day[part.starts] < known_until
                past = Past.within(part, all_months)
                counted.append(movements(past, generation.active_days, known))
    return _rows(all_months, counted)


def _rows(all_months: Months, parts: list[tuple[Movement, Movement]]) -> list[Any]:
    if not parts or not len(all_months):
        return []
    both = [Movement.together([part[mode] for part in parts]) for mode in (0, 1)]
    ever = np.append(0, np.cumsum(both[1].new + both[1].first_seen)[:-1])  # who had bought before each month
    rows: list[Any] = []
    for i in range(len(all_months)):
        row: list[Any] = [all_months.low + i]
        for moved in both:
            counts = {one.name: int(getattr(moved, one.name)[i]) for one in fields(Movement)}
            row.append(counts | {"lapsed": int(ever[i]) - counts["start"]})
        rows.append(row)
    return rows


def _month(generation: Generation, row: list[Any]) -> Month:
    number, window, bought = row
    span = Span.of(month_start(number), "month").until(generation.as_of)
    return Month(span, Moved(**window), Moved(**bought))
