"""When a complaint must be answered and when it must be solved, in the opening hours of the shop."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shop import business_hours
from shop.models import Setting

TOLD_AT = 0.75  # of the time: a quarter is left


@dataclass(frozen=True)
class Deadline:
    """`warn_at`: when a quarter of the time is left and the owner is told."""

    due_at: datetime
    warn_at: datetime

    @classmethod
    def after(cls, begun: datetime, hours: timedelta) -> "Deadline":
        working = business_hours.in_force()
        return cls(working.add(begun, hours), working.add(begun, hours * TOLD_AT))

    def moved(self, waited_from: datetime, waited_to: datetime) -> "Deadline":
        """As much time is left after a pause as before it; what was over stays over."""
        return Deadline(*(_moved(moment, waited_from, waited_to) for moment in (self.due_at, self.warn_at)))


def _moved(moment: datetime, waited_from: datetime, waited_to: datetime) -> datetime:
    if moment <= waited_from:
        return moment
    working = business_hours.in_force()
    return working.add(waited_to, working.between(waited_from, moment))


def answer(begun: datetime, severity: int) -> Deadline:
    return Deadline.after(begun, timedelta(hours=Setting.get(f"complaints.answer_{severity}")))


def solution(begun: datetime, severity: int, waited: int = 0) -> Deadline:
    """`waited`: minutes of work that went by while the customer was asked something."""
    hours = timedelta(hours=Setting.get(f"complaints.solution_{severity}"), minutes=waited)
    return Deadline.after(begun, hours)


def minutes(first: datetime, last: datetime) -> int:
    """Whole minutes of work between two moments."""
    return round(business_hours.between(first, last).total_seconds() / 60)
