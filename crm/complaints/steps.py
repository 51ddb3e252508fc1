"""What can be done with a complaint: the verbs of crm.models.Complaint."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from crm.complaints import deadlines
from crm.complaints.stages import BEFORE, STAGES, Stage, StepRefused
from crm.models.event import Event

WAITING = "waiting"
CAN_WAIT = (Stage.ACKNOWLEDGED, Stage.IN_WORK, Stage.SOLVED)
OVER = (Stage.SOLVED, Stage.TOLD, Stage.CLOSED)
UNDONE = ("solved_at", "told_at", "closed_at", "agreed", "solution_warned_at", "solution_late_at")
DEADLINES = ("answer_due_at", "answer_warn_at", "solution_due_at", "solution_warn_at")


class Steps:
    """A step returns False when somebody else took it first, and raises StepRefused when it cannot be taken."""

    pk: int
    customer_id: int
    order: Any
    pauses: Any
    title: str
    stage: str
    severity: int
    owner: Any
    cause: str
    outcome: str
    reopened: int
    opened_at: datetime
    acknowledged_at: datetime | None
    told_at: datetime | None
    waiting_since: datetime | None
    clock_began_at: datetime
    solution_due_at: datetime
    solution_warn_at: datetime
    solution_minutes: int | None
    refresh_from_db: Any

    @classmethod
    @transaction.atomic
    def open_for(cls, customer: Any, *, actor: str, at: datetime | None = None, **values: Any) -> Any:
        """Without an owner it is the customer's, when there is one."""
        at = at or timezone.now()
        severity = values.setdefault("severity", 2)
        values["owner"] = values.get("owner") or customer.owner
        make: Any = cls
        complaint = make(customer=customer, opened_at=at, clock_began_at=at, **values)
        complaint._set("answer", deadlines.answer(at, severity))
        complaint._set("solution", deadlines.solution(at, severity))
        complaint.save(force_insert=True)
        complaint._tell("opened", actor, at, kind=complaint.kind, severity=complaint.severity)
        return complaint

    @transaction.atomic
    def acknowledge(self, *, actor: str) -> bool:
        """The customer has had a first answer."""
        now = timezone.now()
        return self._step(Stage.ACKNOWLEDGED, "acknowledged", actor, now, **self._answered(now))

    @transaction.atomic
    def work_on(self, *, actor: str) -> bool:
        return self._step(Stage.IN_WORK, "started", actor, timezone.now())

    @transaction.atomic
    def solve(self, *, actor: str, cause: str = "", outcome: str = "") -> bool:
        now = timezone.now()
        values = {"solved_at": now, "cause": cause, "outcome": outcome, **self._answered(now)}
        return self._step(Stage.SOLVED, "solved", actor, now, {"cause": cause}, **values)

    @transaction.atomic
    def tell(self, *, actor: str, agreed: bool | None = None) -> bool:
        """The customer knows how it was solved, which is when the time stops."""
        now = timezone.now()
        values = {"told_at": now, "agreed": agreed, "solution_minutes": self._worked_until(now)}
        return self._step(Stage.TOLD, "told", actor, now, {"agreed": agreed}, **values)

    @transaction.atomic
    def close(self, *, actor: str = "") -> bool:
        now = timezone.now()
        return self._step(Stage.CLOSED, "closed", actor, now, closed_at=now)

    @transaction.atomic
    def reopen(self, *, actor: str, why: str = "") -> bool:
        """It is not good after all: the time to solve it begins again."""
        now = timezone.now()
        left = deadlines.solution(now, self.severity)
        values = {
            **dict.fromkeys(UNDONE),
            "stage": Stage.IN_WORK,
            "clock_began_at": now,
            "solution_due_at": left.due_at,
            "solution_warn_at": left.warn_at,
            "solution_minutes": self.solution_minutes if self.told_at else self._worked_until(now),
            "reopened": self.reopened + 1,
        }
        if not self._write(self._still(OVER).filter(reopened=self.reopened), values):
            return self._missed(Stage.IN_WORK, OVER)
        self._tell("reopened", actor, now, why=why)
        return True

    @transaction.atomic
    def wait(self, *, actor: str) -> bool:
        """The customer was asked something; the deadline stands still. Asking back is a first answer too."""
        if self.stage == Stage.RECEIVED:
            self.acknowledge(actor=actor)
        now = timezone.now()
        if not self._write(self._still(CAN_WAIT), {"waiting_since": now}):
            return self._missed(WAITING, CAN_WAIT)
        self.pauses.create(began_at=now)
        self._tell("paused", actor, now)
        return True

    @transaction.atomic
    def resume(self, *, actor: str) -> bool:
        """The customer has answered: as much time is left as when it was asked."""
        now, began = timezone.now(), self.waiting_since
        if began is None:
            return False
        left = deadlines.Deadline(self.solution_due_at, self.solution_warn_at).moved(began, now)
        values = {"waiting_since": None, "solution_due_at": left.due_at, "solution_warn_at": left.warn_at}
        same = self._rows.filter(pk=self.pk, waiting_since=began, solution_due_at=self.solution_due_at)
        if not self._write(same, values):
            return False
        minutes = deadlines.minutes(began, now)
        self.pauses.filter(ended_at=None).update(ended_at=now, minutes=minutes)
        self._tell("resumed", actor, now)
        return True

    @transaction.atomic
    def assign(self, owner: Any, *, actor: str) -> bool:
        """False: it is theirs already."""
        if not self._rows.filter(pk=self.pk).exclude(owner=owner).update(owner=owner):
            return False
        self.owner = owner
        self._tell("assigned", actor, timezone.now(), owner=owner.actor if owner else "")
        return True

    @transaction.atomic
    def note_cause(self, cause: str, outcome: str, *, actor: str) -> bool:
        """What was found out, at any time. False: nothing was different."""
        if not self._rows.filter(pk=self.pk).exclude(cause=cause, outcome=outcome).update(cause=cause, outcome=outcome):
            return False
        changed = self.cause != cause
        self.cause, self.outcome = cause, outcome
        if changed:
            self._tell("edited", actor, timezone.now(), changes={"cause": [None, cause]})
        return True

    @transaction.atomic
    def regrade(self, severity: int, *, actor: str) -> bool:
        """Worse or less bad than it seemed: both deadlines are reckoned anew from their beginnings."""
        own = self._rows.select_for_update().get(pk=self.pk)
        if own.severity == severity:
            return False
        old, own.severity = own.severity, severity
        own._set("answer", deadlines.answer(own.opened_at, severity))
        own._set("solution", deadlines.solution(own.clock_began_at, severity, own._waited()))
        own.save(update_fields=["severity", *DEADLINES])
        self.refresh_from_db()
        self._tell("edited", actor, timezone.now(), changes={"severity": [old, severity]})
        return True

    # ---- The watch -----------------------------------------------------------------------------------

    def look(self, now: datetime) -> str:
        """Under the lock of the watch: a quarter is left, or it is late. Returns the deadline to tell the owner of."""
        which = "answer" if self.stage == Stage.RECEIVED else "solution"
        values, warn = {}, getattr(self, f"{which}_warned_at") is None
        if warn:
            values[f"{which}_warned_at"] = now
        if getattr(self, f"{which}_due_at") <= now and getattr(self, f"{which}_late_at") is None:
            values[f"{which}_late_at"] = now
            self._tell("late", "", getattr(self, f"{which}_due_at"), deadline=which)
        self._write(self._rows.filter(pk=self.pk), values)
        return which if warn else ""

    # ---- Inside --------------------------------------------------------------------------------------

    @property
    def _rows(self) -> Any:
        own: Any = type(self)
        return own._default_manager

    def _set(self, which: str, deadline: deadlines.Deadline) -> None:
        setattr(self, f"{which}_due_at", deadline.due_at)
        setattr(self, f"{which}_warn_at", deadline.warn_at)

    def _still(self, stages: tuple[Stage, ...]) -> Any:
        """The row, as long as nobody has moved it on: of two who click at once one matches nothing."""
        return self._rows.filter(pk=self.pk, stage__in=stages, waiting_since=None)

    def _write(self, rows: Any, values: dict[str, Any]) -> bool:
        mine = bool(rows.update(**values))
        if mine:
            self.refresh_from_db(fields=[*values, "stage", "next_due_at", "next_warn_at", "look_at"])
        return mine

    def _step(
        self, to: Stage, done: str, actor: str, now: datetime, data: dict[str, Any] | None = None, **values: Any
    ) -> bool:
        if not self._write(self._still(BEFORE[to]), {"stage": to, **values}):
            return self._missed(to, BEFORE[to])
        self._tell(done, actor, now, **(data or {}))
        return True

    def _missed(self, wanted: str, before: tuple[Stage, ...]) -> bool:
        """False when somebody has taken the step; refused when it cannot be taken from where the complaint is."""
        self.refresh_from_db()
        if self.waiting_since:
            reached = wanted == WAITING
        else:
            reached = wanted in STAGES and STAGES.index(Stage(self.stage)) >= STAGES.index(Stage(wanted))
        if not reached and (self.waiting_since or self.stage not in before):
            raise StepRefused(WAITING if self.waiting_since else self.stage, wanted)
        return False

    def _answered(self, now: datetime) -> dict[str, Any]:
        """Solved on the spot is answered on the spot."""
        if self.acknowledged_at:
            return {}
        return {"acknowledged_at": now, "answer_minutes": deadlines.minutes(self.opened_at, now)}

    def _waited(self) -> int:
        rows = self.pauses.filter(began_at__gte=self.clock_began_at, ended_at__isnull=False)
        return rows.aggregate(sum=Sum("minutes"))["sum"] or 0

    def _worked_until(self, now: datetime) -> int:
        worked = deadlines.minutes(self.clock_began_at, now) - self._waited()
        return (self.solution_minutes or 0) + max(worked, 0)

    def _tell(self, done: str, actor: str, at: datetime, **data: Any) -> None:
        Event.record(
            f"complaint.{done}",
            customer_id=self.customer_id,
            order=self.order,
            subject=self,
            actor=actor,
            at=at,
            complaint=self.pk,
            title=self.title,
            **data,
        )
