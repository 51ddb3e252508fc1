"""How a complaint's time is said: until when, how much of it is left in opening hours, and in which tone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.complaints import deadlines
from crm.complaints.stages import STAGES, Stage
from crm.models import Complaint
from shop import formats


@dataclass(frozen=True)
class Due:
    """The deadline that runs. `tone`: bad when it is over, warn when a quarter of the time is left."""

    at: datetime
    awaits_answer: bool
    minutes: int  # of work; below nothing it is late
    tone: str

    @property
    def left(self) -> str:
        if self.minutes < 0 or self.tone == "bad":
            return _("%(time)s late") % {"time": lasting(-self.minutes)}
        return _("%(time)s left") % {"time": lasting(self.minutes)}

    @property
    def badge(self) -> str:
        """First answer 2 h late; solution by tomorrow 14:30."""
        day, clock = formats.local(self.at)
        by = formats.relative(day, timezone.localdate(), clock)
        if self.tone == "bad":
            said = _("first answer %(left)s") if self.awaits_answer else _("solution %(left)s")
            return said % {"left": self.left}
        said = _("first answer by %(when)s") if self.awaits_answer else _("solution by %(when)s")
        return said % {"when": by}


def due_of(complaint: Complaint, now: datetime | None = None) -> Due | None:
    at = complaint.next_due_at
    if at is None:
        return None
    now = now or timezone.now()
    tone = "bad" if at < now else "warn" if complaint.is_pressing else ""
    return Due(at, complaint.awaits_answer, deadlines.minutes(now, at), tone)


def lasting(minutes: float) -> str:
    """35 min, 2 h 30 min, 27 h: hours of work, so a day is not 24 of them."""
    minutes = round(minutes)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)s min") % {"n": formats.number(rest)}
    if not rest or hours >= 10:
        return _("%(n)s h") % {"n": formats.number(hours + (rest >= 30))}
    return _("%(h)s h %(m)s min") % {"h": formats.number(hours), "m": formats.number(rest)}


@dataclass(frozen=True)
class StageStep:
    """One stage on the way. `state`: done, now or empty."""

    label: Any
    state: str
    at: datetime | None


def steps(complaint: Complaint) -> list[StageStep]:
    here = STAGES.index(Stage(complaint.stage))
    reached = {
        Stage.RECEIVED: complaint.opened_at,
        Stage.ACKNOWLEDGED: complaint.acknowledged_at,
        Stage.SOLVED: complaint.solved_at,
        Stage.TOLD: complaint.told_at,
        Stage.CLOSED: complaint.closed_at,
    }
    return [
        StageStep(
            stage.label,
            "done" if number < here or complaint.closed_at else "now" if number == here else "",
            reached.get(stage) if number <= here else None,
        )
        for number, stage in enumerate(STAGES)
    ]
