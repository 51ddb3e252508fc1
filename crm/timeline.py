"""Everything that happened to one person, newest first, in pages that are as fast for 10,000 entries as for ten.

Events, orders, refunds and notes are four tables, each with an index (customer, at, id);
every page takes a few rows of each. Orders are read from their table because an import writes no events.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.core import signing
from django.db.models import CharField, DateTimeField, F, JSONField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.template.loader import select_template
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.events.kinds import KINDS
from crm.models import Customer, Event, Identifier, Note, Order, OrderLine, Refund
from crm.models.order import money

SIZE = 30
SALT = "crm.timeline"
FOLD = timedelta(hours=1)
LINES_SHOWN = 3
# Their rows are read from tables of their own.
TOLD_ELSEWHERE = ("order.placed", "order.paid", "order.refunded", "note.logged")


@dataclass(frozen=True)
class Show:
    """One filter: its name on the page, the tables it reads, the beginnings of kinds of events it reads."""

    label: Any
    tables: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


SHOWS = {
    "": Show(_("All"), ("order", "refund", "note"), ("",)),
    "orders": Show(_("Orders"), ("order", "refund"), ("order.",)),
    "talks": Show(_("Talks"), ("note",)),
    "tasks": Show(_("Tasks"), (), ("task.",)),
    "risk": Show(_("Risk"), (), ("risk.",)),
    "changes": Show(_("Changes"), (), ("customer.",)),
}


@dataclass
class Entry:
    what: str
    row: int
    at: datetime
    kind: str
    text: str
    amount: Any
    net: Any
    data: dict[str, Any] | None
    actor: str
    ended_at: datetime | None
    by: str = ""
    lines: list[OrderLine] = field(default_factory=list)
    begins_month: bool = False

    @property
    def month(self) -> tuple[int, int]:
        day = timezone.localtime(self.at)
        return day.year, day.month

    @property
    def template(self) -> Any:
        """templates/timeline/NAME.html; a kind without one says what it means."""
        name = self.kind.replace(".", "_") if self.what == "event" else self.what
        return select_template([f"timeline/{name}.html", "timeline/event.html"]).template

    @property
    def meaning(self) -> str:
        return KINDS[self.kind].meaning if self.kind in KINDS else self.kind

    @property
    def changes(self) -> list[tuple[Any, Any, Any]]:
        """(field, old, new) of an edit."""
        return [(_field_label(name), old, new) for name, (old, new) in (self.data or {}).get("changes", {}).items()]

    @property
    def lines_shown(self) -> list[OrderLine]:
        return self.lines[:LINES_SHOWN]

    @property
    def lines_folded(self) -> list[OrderLine]:
        return self.lines[LINES_SHOWN:]


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: str


def page_of(customer: Customer, names: dict[str, str], *, show: str = "", before: str = "") -> Page:
    """Two queries: the entries, and the lines of the orders among them. `names`: actor -> name."""
    place = _read(before)
    rows = [branch[: SIZE + 1] for branch in _branches(customer, SHOWS.get(show, SHOWS[""]), place)]
    both = rows[0].union(*rows[1:], all=True) if len(rows) > 1 else rows[0]
    entries = (
        [Entry(*row) for row in both.order_by("-e_at", "-e_what", "-e_row")[: SIZE + 1]]
        if len(rows) > 1
        else [Entry(*row) for row in both]
    )
    more, entries = len(entries) > SIZE, entries[:SIZE]
    older = _written(entries[-1]) if more else ""
    _add_lines(entries)
    entries = list(folded(entries))
    month = (place or {}).get("month")
    for entry in entries:
        entry.by = names.get(entry.actor, "")
        entry.begins_month, month = list(entry.month) != list(month or ()), entry.month
    return Page(entries, older)


def _branches(customer: Customer, show: Show, place: dict[str, Any] | None) -> list[QuerySet[Any, Any]]:
    branches = [TABLES[name](customer, place) for name in show.tables]
    if show.kinds:
        branches.append(_events(customer, place, show.kinds))
    return branches


NO_TEXT = Value("", output_field=CharField())
NO_MONEY = Value(None, output_field=money(null=True))
NO_DATA = Value(None, output_field=JSONField(null=True))
NO_MOMENT = Value(None, output_field=DateTimeField(null=True))
COLUMNS = ["what", "row", "at", "kind", "text", "amount", "net", "data", "actor", "ended_at"]


def _columns(rows: QuerySet[Any], what: str, at: str, place: dict[str, Any] | None, **known: Any) -> QuerySet[Any, Any]:
    """The newest rows of one table, in the columns that all have in common, from a place on."""
    if place:
        rows = rows.filter(_beyond(what, at, place))
    empty = {"kind": NO_TEXT, "text": NO_TEXT, "amount": NO_MONEY, "net": NO_MONEY}
    empty |= {"data": NO_DATA, "actor": NO_TEXT, "ended_at": NO_MOMENT}
    all_of_them = {"what": Value(what), "row": F("pk"), "at": F(at), **empty, **known}
    named = {f"e_{name}": all_of_them[name] for name in COLUMNS}
    return rows.order_by(f"-{at}", "-pk").annotate(**named).values_list(*named)


def _beyond(what: str, at: str, place: dict[str, Any]) -> Q:
    """Older than the place; at the same moment tables follow each other by name, then rows by number."""
    older = Q(**{f"{at}__lt": place["at"]})
    if what > place["what"]:
        return older
    if what < place["what"]:
        return Q(**{f"{at}__lte": place["at"]})
    return Q(**{f"{at}__lte": place["at"]}) & (older | Q(pk__lt=place["row"]))


def _events(customer: Customer, place: dict[str, Any] | None, kinds: tuple[str, ...]) -> QuerySet[Any, Any]:
    rows = Event.objects.filter(customer=customer).exclude(kind__in=TOLD_ELSEWHERE)
    if kinds != ("",):
        rows = rows.filter(reduce(or_, (Q(kind__startswith=kind) for kind in kinds)))
    return _columns(rows, "event", "at", place, kind=F("kind"), data=F("data"), actor=F("actor"))


def _orders(customer: Customer, place: dict[str, Any] | None) -> QuerySet[Any, Any]:
    shown = {"kind": F("channel"), "text": F("reference"), "amount": F("total"), "net": F("net")}
    return _columns(
        Order.objects.filter(customer=customer), "order", "placed_at", place, ended_at=F("cancelled_at"), **shown
    )


def _refunds(customer: Customer, place: dict[str, Any] | None) -> QuerySet[Any, Any]:
    rows = Refund.objects.filter(customer=customer)
    return _columns(rows, "refund", "at", place, text=F("order__reference"), amount=F("amount"))


def _notes(customer: Customer, place: dict[str, Any] | None) -> QuerySet[Any, Any]:
    by = Concat(Value("staff:"), Cast("by_id", CharField()))
    rows = Note.objects.filter(customer=customer)
    return _columns(rows, "note", "at", place, kind=F("kind"), text=F("body"), actor=by)


TABLES = {"order": _orders, "refund": _refunds, "note": _notes}


def _written(entry: Entry) -> str:
    place = {"at": entry.at.isoformat(), "what": entry.what, "row": entry.row, "month": entry.month}
    return signing.dumps(place, salt=SALT)


def _read(text: str) -> dict[str, Any] | None:
    """A place that cannot be read is the beginning."""
    try:
        place = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return {**place, "at": datetime.fromisoformat(place["at"])}


def _add_lines(entries: list[Entry]) -> None:
    orders = {entry.row: entry for entry in entries if entry.what == "order"}
    if orders:
        for line in OrderLine.objects.filter(order_id__in=orders).order_by("order_id", "position"):
            orders[line.order_id].lines.append(line)


def folded(entries: list[Entry]) -> Any:
    """Edits by one person within an hour are one entry: the oldest old value, the newest new one."""
    last: Entry | None = None
    for entry in entries:
        if last and _goes_into(entry, last):
            for name, (old, new) in entry.data["changes"].items():
                changes = last.data["changes"]
                changes[name] = [old, changes[name][1] if name in changes else new]
        else:
            yield entry
            last = entry


def _goes_into(entry: Entry, last: Entry) -> bool:
    edits = entry.kind == last.kind == "customer.edited" and entry.what == last.what == "event"
    return edits and entry.actor == last.actor and last.at - entry.at < FOLD


def _field_label(name: str) -> Any:
    if name in Identifier.Kind.values:
        return Identifier.Kind(name).label
    return Customer._meta.get_field(name).verbose_name if hasattr(Customer, name) else name
