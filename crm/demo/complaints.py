"""The complaints of the demo: a few in every stage, and a year of closed ones behind them for the figures."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from crm.complaints import deadlines
from crm.complaints.stages import STAGES, Stage
from crm.models import Complaint, ComplaintPause, Event, Note
from shop import business_hours
from shop.models import User

SEED = 415
PAST = 90  # closed ones, over a year

# (who among those who spent most, hours of work ago, severity, kind, channel, owner, stage, title, what the customer says)
NOW = [
    (1, 21, 1, "goods", "email", "sam", "in_work", "Two lanterns with cracked glass", "Two of the six lanterns arrived with cracked glass. The box looked fine from outside. They are a present for Sunday."),
    (21, 5, 2, "delivery", "call", "mira", "received", "Second delivery in a row came a day late", "It was promised for Tuesday, and on Tuesday nobody came. That was the same in October."),
    (6, 1, 2, "money", "email", "sam", "received", "Invoice shows the old address", ""),
    (9, 8, 2, "goods", "visit", "sam", "acknowledged", "Cake stand chipped at the edge", "Bought on Saturday, unpacked today: a chip at the edge of the top plate."),
    (12, 12, 2, "delivery", "chat", "mira", "waiting", "Parcel said to be delivered, nothing there", "The carrier says it was left with a neighbour; none of them has it."),
    (15, 15, 3, "service", "call", "sam", "solved", "Rung three times, nobody answered", "On Monday, three times between noon and one."),
    (18, 20, 2, "goods", "email", "mira", "told", "Wrong colour of bunting", "Ordered the green one, the red one came."),
    (24, 30, 3, "programme", "call", "mira", "told", "Christmas discount was not taken off", ""),
]  # fmt: skip
# (what was done, of those above that are solved)
OUTCOMES = {
    15: "Rang back the same afternoon; the phone is answered at noon as well now.",
    18: "The green one was sent at once; the red one may be kept.",
    24: "The discount was paid back.",
}
PAST_TITLES = [
    ("goods", "Mug arrived in pieces", "Damaged on the way", "A new one was sent the same day."),
    ("goods", "Lid of the tin does not close", "Fault in the goods", "Money back, the tin may be kept."),
    ("goods", "Red instead of green", "Wrong thing sent", "The right one was sent; the wrong one is picked up."),
    ("delivery", "Came a week late", "Delivered late", "Apologised, shipping refunded."),
    ("delivery", "Box left in the rain", "Damaged on the way", "The carrier pays; a new one was sent."),
    ("money", "Charged twice", "Wrong price or invoice", "The second payment went back."),
    ("service", "Was told two different prices", "Misunderstanding", "The lower one holds."),
    ("goods", "Smaller than it looked", "Unclear description", "Taken back; the picture has a ruler in it now."),
]
TALK = "Rang about the lanterns: new ones leave today, foam corners this time."


def open_and_closed(best: list[Any], staff: dict[str, User], now: datetime) -> None:
    """Call it inside a transaction. Events are written as they would have been at the time."""
    chance = random.Random(SEED)  # noqa: S311 (the same complaints everywhere is the point)
    made = [*_past(chance, best, staff, now), *_now(best, staff, now)]
    Complaint.objects.bulk_create(made)
    waiting = [complaint for complaint in made if complaint.waiting_since]
    ComplaintPause.objects.bulk_create(ComplaintPause(complaint=one, began_at=one.waiting_since) for one in waiting)
    events = [event for complaint in made for event in _events(complaint)]
    Event.objects.bulk_create(sorted(events, key=lambda event: event.at))
    first = next(complaint for complaint in made if complaint.stage == Stage.IN_WORK)
    Note.log(first.customer, "call", TALK, by=staff["sam"], complaint=first)


def _now(best: list[Any], staff: dict[str, User], now: datetime) -> Iterator[Complaint]:
    for rank, hours, severity, kind, channel, owner, stage, title, details in NOW:
        opened_at = _before(now, hours)
        waits = stage == "waiting"
        complaint = _begun(best[rank], severity, opened_at)
        complaint.kind, complaint.channel, complaint.owner = kind, channel, staff[owner]
        complaint.title, complaint.details, complaint.outcome = title, details, OUTCOMES.get(rank, "")
        _bring_on(complaint, Stage.ACKNOWLEDGED if waits else Stage(stage), hours / 6)
        if waits:
            complaint.waiting_since = business_hours.add(opened_at, hours / 3)
        yield complaint


def _past(chance: random.Random, best: list[Any], staff: dict[str, User], now: datetime) -> Iterator[Complaint]:
    for _number in range(PAST):
        kind, title, cause, outcome = chance.choice(PAST_TITLES)
        opened_at = business_hours.add(now - timedelta(days=chance.randint(20, 355)), chance.random() * 9)
        complaint = _begun(chance.choice(best), chance.choice([1, 2, 2, 2, 3]), opened_at)
        complaint.kind, complaint.title, complaint.cause, complaint.outcome = kind, title, cause, outcome
        complaint.channel = chance.choice(["call", "call", "email", "email", "chat", "visit"])
        complaint.owner = staff[chance.choice(["sam", "mira"])]
        complaint.agreed = chance.choice([True, True, True, None, False])
        _bring_on(complaint, Stage.CLOSED, chance.expovariate(1 / 3.2) + 0.2)
        yield complaint


def _begun(customer: Any, severity: int, opened_at: datetime) -> Complaint:
    complaint = Complaint(customer=customer, severity=severity, opened_at=opened_at, clock_began_at=opened_at)
    complaint._set("answer", deadlines.answer(opened_at, severity))
    complaint._set("solution", deadlines.solution(opened_at, severity))
    return complaint


def _bring_on(complaint: Complaint, stage: Stage, pace: float) -> None:
    """To this stage, a step taking about `pace` hours of work."""
    reached, opened_at = STAGES.index(stage), complaint.opened_at
    times = [business_hours.add(opened_at, pace * hours) for hours in (0, 1, 1.5, 4, 4.6)]
    complaint.stage = stage
    if reached >= STAGES.index(Stage.ACKNOWLEDGED):
        complaint.acknowledged_at = times[1]
        complaint.answer_minutes = deadlines.minutes(opened_at, times[1])
    if reached >= STAGES.index(Stage.SOLVED):
        complaint.solved_at = times[3]
    if reached >= STAGES.index(Stage.TOLD):
        complaint.told_at = times[4]
        complaint.solution_minutes = deadlines.minutes(opened_at, times[4])
    if reached >= STAGES.index(Stage.CLOSED):
        complaint.closed_at = times[4] + timedelta(days=7)


def _before(now: datetime, hours: float) -> datetime:
    """The moment since which so many hours of work have passed."""
    at, work = now, timedelta(hours=hours)
    while business_hours.between(at, now) < work:
        at -= timedelta(minutes=20)
    return at


def _events(complaint: Complaint) -> Iterator[Event]:
    told: list[tuple[str, datetime | None, dict[str, Any]]] = [
        ("opened", complaint.opened_at, {"kind": complaint.kind, "severity": complaint.severity}),
        ("acknowledged", complaint.acknowledged_at, {}),
        ("paused", complaint.waiting_since, {}),
        ("solved", complaint.solved_at, {"cause": complaint.cause}),
        ("told", complaint.told_at, {"agreed": complaint.agreed}),
        ("closed", complaint.closed_at, {}),
    ]
    for done, at, data in told:
        if at:
            yield Event(
                kind=f"complaint.{done}",
                at=at,
                customer=complaint.customer,
                actor=complaint.owner.actor if complaint.owner else "",
                subject_type="crm.complaint",
                subject_id=complaint.pk,
                data={"complaint": complaint.pk, "title": complaint.title, **data},
            )
