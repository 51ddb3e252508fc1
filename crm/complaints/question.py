"""What the list of complaints is asked for: a view, filters with several values, a place in its order."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.complaints.stages import ComplaintQuerySet, Stage
from crm.models import Complaint
from crm.staff import Staff
from shop import formats
from shop.typed import number_in

SIZE = 25
MONTHS = 24
NOBODY = "-"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

VIEWS = {
    "open": gettext_lazy("Open"),
    "mine": gettext_lazy("Mine"),
    "late": pgettext_lazy("complaints", "Late"),
    "all": gettext_lazy("All, newest first"),
}
LABELS = {
    "stage": gettext_lazy("Stage"),
    "severity": gettext_lazy("How bad"),
    "kind": pgettext_lazy("complaint", "About"),
    "owner": gettext_lazy("Owner"),
    "opened": gettext_lazy("Opened in"),
    "late": gettext_lazy("Too late"),
    "done": pgettext_lazy("complaint", "Reached"),
}
LATE = {
    "answer": gettext_lazy("first answer"),
    "solution": gettext_lazy("solution"),
    "any": gettext_lazy("either of them"),
}
DONE = {
    "answered": pgettext_lazy("reached", "first answer"),
    "told": pgettext_lazy("reached", "customer told"),
    "decided": pgettext_lazy("reached", "in time or late: decided"),
}


@dataclass(frozen=True)
class Chip:
    name: str
    label: Any
    words: list[str]
    off: str


@dataclass
class ComplaintQuestion:
    user: Any
    staff: Staff
    view: str = "open"
    asked: dict[str, list[str]] = field(default_factory=dict)
    after: str = ""

    @classmethod
    def read(cls, address: QueryDict, user: Any, staff: Staff) -> "ComplaintQuestion":
        """Values that are not among the choices are left out."""
        view = address.get("view", "")
        question = cls(user, staff, view if view in VIEWS else "open", after=address.get("after", "")[:60])
        for name in LABELS:
            known = {value for value, _label in question.options(name)}
            if values := [value for value in dict.fromkeys(address.getlist(name)) if value in known]:
                question.asked[name] = values
        return question

    def options(self, name: str) -> list[tuple[str, Any]]:
        if name == "stage":
            return [*Stage.choices, ("waiting", _("Waiting for the customer"))]
        if name == "severity":
            return [(str(value), label) for value, label in Complaint.Severity.choices]
        if name == "kind":
            return list(Complaint.Kind.choices)
        if name == "owner":
            return [
                *((actor.removeprefix("staff:"), known) for actor, known in self.staff.names.items()),
                (NOBODY, _("nobody")),
            ]
        if name == "opened":
            return [(f"{day:%Y-%m}", formats.month(day, long=True)) for day in months(MONTHS)]
        return list((LATE if name == "late" else DONE).items())

    @property
    def rows(self) -> ComplaintQuerySet:
        rows: Any = Complaint.objects.all() if self.view == "all" else Complaint.objects.open()
        if self.view == "mine":
            rows = rows.filter(owner=self.user)
        elif self.view == "late":
            rows = rows.late()
        for name, values in self.asked.items():
            met = Q()
            for value in values:
                met |= CONDITIONS[name](value)
            rows = rows.filter(met)
        return rows

    def page(self) -> tuple[list[Complaint], str]:
        """Those of one page, and the place after them."""
        if self.view == "all":
            rows: Any = self.rows.order_by("-pk")
            if (after := number_in(self.after)) is not None:
                rows = rows.filter(pk__lt=after)
        else:
            rows = _behind(self.rows.most_pressing(), self.after)
        rows = rows.select_related("customer", "owner").defer("details", "outcome")
        found = list(rows[: SIZE + 1])
        more = len(found) > SIZE
        return found[:SIZE], self._place(found[SIZE - 1]) if more else ""

    def _place(self, row: Complaint) -> str:
        if self.view == "all":
            return str(row.pk)
        due = "" if row.next_due_at is None else (row.next_due_at - EPOCH) // timedelta(microseconds=1)
        return f"{due}_{row.pk}"

    def counts(self) -> dict[str, int]:
        """One query for the three numbers in the tabs."""
        now = timezone.now()
        return Complaint.objects.open().aggregate(
            open=Count("pk"),
            mine=Count("pk", filter=Q(owner=self.user)),
            late=Count("pk", filter=Q(next_due_at__lt=now)),
        )

    @property
    def chips(self) -> list[Chip]:
        chips = []
        for name, values in self.asked.items():
            labels = dict(self.options(name))
            words = [str(labels[value]) for value in values]
            chips.append(Chip(name, LABELS[name], words, self.address(without=name)))
        return chips

    def address(self, *, without: str = "", **more: str) -> str:
        pairs = [("view", self.view if self.view != "open" else ""), *more.items()]
        asked = [(name, value) for name, values in self.asked.items() if name != without for value in values]
        return urlencode([*((name, value) for name, value in pairs if value), *asked])

    @property
    def is_open(self) -> bool:
        return not self.asked and self.view == "open"


def months(number: int) -> list[date]:
    """The first days of this month and of those before it."""
    day, found = timezone.localdate().replace(day=1), []
    for _number in range(number):
        found.append(day)
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def _stage(value: str) -> Q:
    return Q(waiting_since__isnull=False) if value == "waiting" else Q(stage=value, waiting_since=None)


def _opened(value: str) -> Q:
    first = date.fromisoformat(f"{value}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    midnight = [timezone.make_aware(datetime.combine(day, datetime.min.time())) for day in (first, following)]
    return Q(opened_at__gte=midnight[0], opened_at__lt=midnight[1])


def _late(value: str) -> Q:
    now = timezone.now()
    answer = Q(acknowledged_at__gt=F("answer_due_at")) | Q(acknowledged_at=None, next_due_at__lt=now)
    solution = Q(told_at__gt=F("solution_due_at")) | Q(acknowledged_at__isnull=False, next_due_at__lt=now)
    return {"answer": answer, "solution": solution, "any": answer | solution}[value]


def _done(value: str) -> Q:
    if value == "answered":
        return Q(answer_minutes__isnull=False)
    return Q(told_at__isnull=False) | _late("any") if value == "decided" else Q(told_at__isnull=False)


CONDITIONS = {
    "stage": _stage,
    "severity": lambda value: Q(severity=int(value)),
    "kind": lambda value: Q(kind=value),
    "owner": lambda value: Q(owner=None) if value == NOBODY else Q(owner=int(value)),
    "opened": _opened,
    "late": _late,
    "done": _done,
}


def _behind(rows: QuerySet[Complaint], after: str) -> QuerySet[Complaint]:
    """What presses less than the row of this place; a place that cannot be read is the beginning."""
    told, _dash, number = after.partition("_")
    due, pk = number_in(told), number_in(number)
    if pk is None or (told and due is None):
        return rows
    without_deadline = Q(next_due_at=None)
    if due is None:
        return rows.filter(without_deadline, pk__gt=pk)
    at = EPOCH + timedelta(microseconds=due)
    return rows.filter(without_deadline | Q(next_due_at__gt=at) | Q(next_due_at=at, pk__gt=pk))
