"""Everything that happened to one person, newest first, in pages that are as fast for 10,000 entries as for ten.

Events, orders, refunds and notes are four tables, each with an index (customer, at, id);
every page takes a few rows of each. Orders are read from their table because an import writes no events.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from django.db import connection
from django.template.loader import select_template
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.card.putting_back import can_be_put_back
from crm.events.kinds import KINDS
from crm.mail.kinds import mails
from crm.mail.reasons import in_words
from crm.models import Consent, Customer, CustomField, Identifier, OrderLine
from crm.models.custom_field import PREFIX

FIRST, SIZE = 12, 40  # entries of the first page, about a screen, and of those that follow while one scrolls
SALT = "crm.timeline"
FOLD = timedelta(hours=1)
LINES_SHOWN = 3
# Their rows are read from tables of their own.
TOLD_ELSEWHERE = (
    *("order.placed", "order.paid", "order.refunded", "note.logged"),
    *("message.sent", "message.bounced", "message.dropped"),
)


@dataclass(frozen=True)
class Show:
    """One filter: its name on the page, the tables it reads, the beginnings of kinds of events it reads."""

    label: Any
    tables: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


SHOWS = {
    "": Show(_("All"), ("event", "order", "refund", "note", "message"), ("",)),
    "orders": Show(_("Orders"), ("event", "order", "refund"), ("order.",)),
    "talks": Show(_("Talks"), ("note",)),
    "mail": Show(pgettext_lazy("timeline", "Mail"), ("message",)),
    "complaints": Show(_("Complaints"), ("event",), ("complaint.",)),
    "feedback": Show(_("Feedback"), ("event",), ("response.", "invitation.")),
    "points": Show(pgettext_lazy("timeline", "Points"), ("event",), ("points.",)),
    "discounts": Show(_("Discounts"), ("event",), ("discount.",)),
    "tasks": Show(_("Tasks"), ("event",), ("task.",)),
    "consent": Show(_("Consent"), ("event",), ("consent.", "pause.", "address.")),
    "risk": Show(_("Risk"), ("event",), ("risk.",)),
    "changes": Show(_("Changes"), ("event",), ("customer.",)),
}


@dataclass(frozen=True)
class Change:
    """One field of an edit; `event` knows the old value, so that it can be put back."""

    name: str
    label: Any
    old: Any
    new: Any
    event: int

    @property
    def can_be_put_back(self) -> bool:
        return can_be_put_back(self.name)


@dataclass
class Entry:
    what: str
    row: int
    at: datetime
    kind: str
    text: str
    amount: Any
    net: Any
    data: dict[str, Any]
    actor: str
    ended_at: datetime | None
    by: str = ""
    names: dict[str, str] = field(default_factory=dict)
    custom: dict[str, CustomField] = field(default_factory=dict)  # the shop's own fields, as an edit names them
    lines: list[OrderLine] = field(default_factory=list)
    begins_month: bool = False
    other: Customer | None = None  # of a merge: the other card
    oldest: dict[str, int] = field(default_factory=dict)  # field -> the event of a fold that has its oldest value

    @property
    def month(self) -> tuple[int, int]:
        day = timezone.localtime(self.at)
        return day.year, day.month

    @property
    def template(self) -> Any:
        """templates/timeline/NAME.html; a kind without one says what it means."""
        name = self.kind.replace(".", "_") if self.what == "event" else self.what
        subject = name.partition("_")[0]  # all kinds of one subject may share a template
        return select_template([f"timeline/{name}.html", f"timeline/{subject}.html", "timeline/event.html"]).template

    @property
    def meaning(self) -> str:
        return KINDS[self.kind].meaning if self.kind in KINDS else self.kind

    @property
    def changes(self) -> list[Change]:
        return [
            Change(name, self._label(name), old, new, self.oldest.get(name, self.row))
            for name, values in self.data.get("changes", {}).items()
            for old, new in [self._words(name, values)]
        ]

    def _label(self, name: str) -> Any:
        return self.custom[name].label if name in self.custom else field_label(name)

    def _words(self, name: str, values: list[Any]) -> list[Any]:
        """Staff are kept as actors and shown by the name they have today."""
        if name in self.custom:
            return [self.custom[name].words(value) for value in values]
        return [self.names.get(value, value) for value in values] if name == "owner" else values

    @property
    def mail_label(self) -> Any:
        """What a mail was about: its subject, and before it is written its sort."""
        known = mails().get(self.data["mail"])
        return self.text or (known.label if known else self.data["mail"])

    @property
    def mail_reason(self) -> str:
        return in_words(self.data["why"])

    @property
    def owner_name(self) -> str:
        return self.names.get(self.data.get("owner", ""), "")

    @property
    def purposes(self) -> list[Any]:
        """Of a consent: what it is about."""
        return [Consent.Purpose(name).label for name in self.data.get("purposes", []) if name in Consent.PURPOSES]

    @property
    def until(self) -> date | None:
        """Of a pause: its last day; erased with what the person chose."""
        return parse_date(self.data.get("until") or "")

    @property
    def how(self) -> Any:
        """Of a consent: how the customer said it."""
        method = self.data.get("method")
        return Consent.Method(method).label if method in Consent.Method.values else ""

    @property
    def lines_shown(self) -> list[OrderLine]:
        """Lines of which none has a name would only say the amount again."""
        return self.lines[:LINES_SHOWN] if any(line.name or line.sku for line in self.lines) else []

    @property
    def lines_folded(self) -> list[OrderLine]:
        return self.lines[LINES_SHOWN:] if self.lines_shown else []


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: str


def page_of(customer: Customer, names: dict[str, str], *, show: str = "", before: str = "") -> Page:
    """Two queries: the entries, and the lines of the orders among them. `names`: actor -> name."""
    place = _read(before)
    size = SIZE if place else FIRST
    entries = _entries(customer, SHOWS.get(show, SHOWS[""]), place, size + 1)
    more, entries = len(entries) > size, entries[:size]
    older = _written(entries[-1]) if more else ""
    _add_lines(entries)
    _add_other_cards(customer, entries)
    entries = list(folded(entries))
    month = tuple((place or {}).get("month", ()))
    custom = _custom_fields(entries)
    for entry in entries:
        entry.by, entry.names, entry.custom = names.get(entry.actor, ""), names, custom
        entry.begins_month, month = entry.month != month, entry.month
    return Page(entries, older)


def _entries(customer: Customer, show: Show, place: dict[str, Any] | None, limit: int) -> list[Entry]:
    """The newest of each table from the place on, then the newest of those."""
    branches = [f"({_branch(name, place)})" for name in show.tables]
    newest = f"SELECT * FROM ({' UNION ALL '.join(branches)}) AS happened"
    newest += " ORDER BY at DESC, what DESC, row DESC LIMIT %(limit)s"
    asked = {**(place or {}), "customer": customer.pk, "limit": limit}
    asked |= {"elsewhere": list(TOLD_ELSEWHERE), "kinds": [f"{kind}%" for kind in show.kinds]}
    with connection.cursor() as cursor:
        cursor.execute(newest, asked)
        rows = cursor.fetchall()
        return [Entry(*row[:7], json.loads(row[7] or "{}"), *row[8:]) for row in rows]  # type: ignore[call-arg]


def _branch(name: str, place: dict[str, Any] | None) -> str:
    table = TABLES[name]
    beyond = f"AND {_beyond(name, table.at, place['what'])}" if place else ""
    return (
        f"SELECT '{name}' AS what, row.id AS row, row.{table.at} AS at, {table.columns}"
        f" WHERE row.customer_id = %(customer)s {table.condition} {beyond}"
        f" ORDER BY row.{table.at} DESC, row.id DESC LIMIT %(limit)s"
    )


def _beyond(name: str, at: str, what: str) -> str:
    """Older than the place; at the same moment tables follow each other by name, then rows by number."""
    if name > what:
        return f"row.{at} < %(at)s"
    if name < what:
        return f"row.{at} <= %(at)s"
    return f"(row.{at}, row.id) < (%(at)s, %(row)s)"


@dataclass(frozen=True)
class Table:
    """Where entries of one sort come from: kind, text, amount, net, data, actor, ended_at."""

    at: str
    columns: str
    condition: str = ""


TABLES = {
    "event": Table(
        "at",
        "row.kind, '' AS text, NULL::numeric AS amount, NULL::numeric AS net, row.data::text AS data, row.actor,"
        " NULL::timestamptz AS ended_at FROM crm_event AS row",
        "AND row.kind <> ALL (%(elsewhere)s) AND row.kind LIKE ANY (%(kinds)s)",
    ),
    "order": Table(
        "placed_at",
        "row.channel, row.reference, row.total, row.net, NULL, '', row.cancelled_at FROM crm_order AS row",
    ),
    "refund": Table(
        "at",
        "'', coalesce(back.reference, ''), row.amount, NULL, NULL, '', NULL"
        " FROM crm_refund AS row LEFT JOIN crm_order AS back ON back.id = row.order_id",
    ),
    "message": Table(
        "at",
        "row.state, row.subject, NULL, NULL, jsonb_build_object('mail', row.template, 'why', row.why)::text, '',"
        " row.due_at FROM crm_message AS row",
    ),
    "note": Table(
        "at",
        "row.kind, row.body, NULL, NULL, json_build_object('complaint', row.complaint_id, 'files', (SELECT"
        " json_agg(json_build_object('id', file.id, 'name', file.name) ORDER BY file.id) FROM crm_attachment AS file"
        " WHERE file.note_id = row.id))::text, 'staff:' || row.by_id, NULL FROM crm_note AS row",
    ),
}


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


def _custom_fields(entries: list[Entry]) -> dict[str, CustomField]:
    edited = {name for entry in entries if entry.kind == "customer.edited" for name in entry.data["changes"]}
    keys = [name.removeprefix(PREFIX) for name in edited if name.startswith(PREFIX)]
    return {field.name: field for field in CustomField.objects.filter(key__in=keys)} if keys else {}


def _add_other_cards(customer: Customer, entries: list[Entry]) -> None:
    """Whose card was merged with this one, by the name it has today."""
    told = {entry.row: _other_card(customer, entry.data) for entry in entries if "stays" in entry.data}
    if told:
        cards = Customer.objects.only("name", "given_name").in_bulk(set(told.values()))
        for entry in entries:
            if entry.what == "event" and entry.row in told:
                entry.other = cards.get(told[entry.row])


def _other_card(customer: Customer, data: dict[str, Any]) -> int:
    return data["stays"] if data["goes"] == customer.pk else data["goes"]


def folded(entries: list[Entry]) -> Any:
    """Edits by one person within an hour are one entry: the oldest old value, the newest new one."""
    last: Entry | None = None
    for entry in entries:
        if last and _goes_into(entry, last):
            for name, (old, new) in entry.data["changes"].items():
                changes = last.data["changes"]
                changes[name] = [old, changes[name][1] if name in changes else new]
                last.oldest[name] = entry.row
        else:
            yield entry
            last = entry


def _goes_into(entry: Entry, last: Entry) -> bool:
    edits = entry.kind == last.kind == "customer.edited" and entry.what == last.what == "event"
    return edits and entry.actor == last.actor and last.at - entry.at < FOLD


def field_label(name: str) -> Any:
    if name in Identifier.Kind.values:
        return Identifier.Kind(name).label
    return Customer._meta.get_field(name).verbose_name if hasattr(Customer, name) else name.removeprefix(PREFIX)
