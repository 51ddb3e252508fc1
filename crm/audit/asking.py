"""The audit as it is asked: by whom, about whom, what, when; three tables read as one, newest first, page by page."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from crm.audit.words import DONE, OPENED
from shop.audit import DEEDS
from shop.typed import number_in

SIZE = 50


@dataclass(frozen=True)
class Asked:
    """What is looked for; None and empty: everything. `subject`: the number of a row, or of orders."""

    who: str = ""
    kind: str = ""
    customers: tuple[int, ...] | None = None
    subject: int | None = None
    orders: tuple[int, ...] | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Row:
    table: str
    pk: int
    at: datetime
    kind: str
    actor: str
    customer: int | None
    subject_type: str
    subject: int | None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.at.isoformat()}_{self.table}_{self.pk}"


@dataclass(frozen=True)
class Table:
    at: str
    columns: str
    where: str = ""


# In the order of their names rows of one moment follow each other.
TABLES = {
    "card": Table(
        "at", f"'{OPENED}' AS kind, row.actor, row.customer_id, '', NULL::bigint, NULL FROM crm_cardopened AS row"
    ),
    "deed": Table(
        "at",
        "row.kind, row.actor, NULL::bigint, row.subject_type, row.subject_id, row.data::text FROM shop_auditrow AS row",
    ),
    "event": Table(
        "recorded_at",
        "row.kind, row.actor, row.customer_id, row.subject_type, row.subject_id, row.data::text FROM crm_event AS row",
        "row.actor <> ''",
    ),
}


def page_of(asked: Asked, place: str = "", size: int = SIZE) -> tuple[list[Row], str]:
    """The rows, and where the next page begins; one statement, which takes a page of each table by its index."""
    begins = _read(place)
    branches = [f"({_branch(name, asked, begins)})" for name in TABLES if _may_hold(name, asked)]
    if not branches:
        return [], ""
    newest = (
        f"SELECT * FROM ({' UNION ALL '.join(branches)}) AS told ORDER BY at DESC, what DESC, row DESC LIMIT %(limit)s"
    )
    with connection.cursor() as cursor:
        cursor.execute(newest, {**_values(asked), **(begins or {}), "limit": size + 1})
        found = [_row(*told) for told in cursor.fetchall()]
    return found[:size], found[size - 1].place if len(found) > size else ""


def _row(*told: Any) -> Row:
    *fields, data = told
    return Row(*fields, json.loads(data or "{}"))  # type: ignore[call-arg]


def all_of(asked: Asked, most: int) -> Iterator[Row]:
    """At most so many, the newest first."""
    place, left = "", most
    while left:
        rows, place = page_of(asked, place, min(2000, left))
        yield from rows
        left = left - len(rows) if place else 0


def _may_hold(name: str, asked: Asked) -> bool:
    kinds = {"card": {OPENED}, "deed": DEEDS.keys(), "event": DONE.keys() - {OPENED}}[name]
    if asked.kind and asked.kind not in kinds:
        return False
    if name == "card":
        return asked.subject is None and asked.orders is None
    return name == "event" or (asked.customers is None and (asked.orders is None or asked.subject is not None))


def _branch(name: str, asked: Asked, begins: dict[str, Any] | None) -> str:
    table = TABLES[name]
    conditions = [table.where, *_conditions(name, table, asked)]
    if begins:
        conditions.append(_beyond(name, table.at, begins["what"]))
    where = " AND ".join(filter(None, conditions)) or "true"
    return (
        f"SELECT '{name}' AS what, row.id AS row, row.{table.at} AS at, {table.columns}"
        f" WHERE {where} ORDER BY row.{table.at} DESC, row.id DESC LIMIT %(limit)s"
    )


def _conditions(name: str, table: Table, asked: Asked) -> Iterator[str]:
    if asked.who:
        yield "row.actor = %(who)s"
    if asked.kind and name != "card":
        yield "row.kind = %(kind)s"
    if asked.customers is not None:
        yield "row.customer_id = ANY (%(customers)s)"
    if subject := _subject(name, asked):
        yield subject
    if asked.since:
        yield f"row.{table.at} >= %(since)s"
    if asked.until:
        yield f"row.{table.at} < %(until)s"


def _subject(name: str, asked: Asked) -> str:
    ways = ["row.subject_id = %(subject)s"] if asked.subject is not None else []
    if name == "event" and asked.orders:
        ways.append("row.order_id = ANY (%(orders)s)")
    if not ways:
        return "" if asked.orders is None else "false"
    return f"({' OR '.join(ways)})"


def _beyond(name: str, at: str, what: str) -> str:
    if name > what:
        return f"row.{at} < %(place)s"
    if name < what:
        return f"row.{at} <= %(place)s"
    return f"(row.{at}, row.id) < (%(place)s, %(place_row)s)"


def _values(asked: Asked) -> dict[str, Any]:
    return {
        "who": asked.who,
        "kind": asked.kind,
        "customers": list(asked.customers or ()),
        "subject": asked.subject,
        "orders": list(asked.orders or ()),
        "since": asked.since and _midnight(asked.since),
        "until": asked.until and _midnight(asked.until + timedelta(days=1)),
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _read(place: str) -> dict[str, Any] | None:
    """A place that cannot be read is the beginning."""
    at, _dash, rest = place.partition("_")
    what, _dash, pk = rest.partition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    number = number_in(pk)
    if moment.tzinfo is None or what not in TABLES or number is None:
        return None
    return {"place": moment, "what": what, "place_row": number}
