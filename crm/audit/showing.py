"""Rows of the audit in words, with the names that people and things have today."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from crm.audit import exported
from crm.audit.asking import Row
from crm.audit.words import CHANGED, DONE, SAID
from crm.card.timeline import field_label
from crm.models import Customer
from crm.privacy import clocks
from crm.privacy.values import detail
from shop.audit import DEEDS
from shop.models import ApiKey, Job, User
from shop.preferences import all_preferences
from shop.rights import RIGHTS
from shop.typed import key_in


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    what: str
    more: str
    customer: Customer | None
    customer_id: int | None
    subject: str
    url: str

    @property
    def about(self) -> str:
        named = str(self.customer) if self.customer else f"#{self.customer_id}" if self.customer_id else ""
        return ", ".join(filter(None, [named, self.subject]))


@dataclass(frozen=True)
class Names:
    """Everybody and every key, asked for once a page."""

    people: dict[int, str]
    keys: dict[str, str]
    key_rows: dict[int, str]

    @classmethod
    def all(cls) -> "Names":
        people = {user.pk: str(user) for user in User.objects.only("name", "email").order_by("name", "pk")}
        keys = list(ApiKey.objects.order_by("name", "-pk").only("identity", "name"))
        return cls(people, {key.actor: str(key) for key in keys}, {key.pk: str(key) for key in keys})

    def of(self, actor: str) -> str:
        what, _colon, number = actor.partition(":")
        if what == "staff":
            return self.people.get(key_in(number), actor)
        if what == "import":
            return _("Import %(number)s") % {"number": number}
        return self.keys.get(actor, actor)

    def subject(self, row: Row) -> str:
        if row.subject is None:
            return ""
        known = {"shop.user": self.people, "shop.apikey": self.key_rows}.get(row.subject_type, {})
        return known.get(row.subject, f"#{row.subject}")

    @property
    def actors(self) -> dict[str, str]:
        return {f"staff:{pk}": name for pk, name in self.people.items()} | self.keys


def kinds() -> list[tuple[str, str]]:
    """What can have been done, in the order of the reader's words."""
    said = {**DONE, **{name: deed.label for name, deed in DEEDS.items()}}
    return sorted(((name, str(words)) for name, words in said.items()), key=lambda pair: pair[1])


def lines(rows: list[Row], names: Names) -> list[Line]:
    """Two questions, however many rows: whose cards, and what is still there."""
    cards = Customer.objects.only("name", "given_name", "erased_at").in_bulk(
        {row.customer for row in rows if row.customer}
    )
    there = _there(rows)
    return [_line(row, names, cards.get(row.customer or 0), there) for row in rows]


def _line(row: Row, names: Names, customer: Customer | None, there: set[tuple[str, int]]) -> Line:
    what, more = _said(row, names)
    label, url = _place(row, there)
    return Line(row.at, names.of(row.actor), what, more, customer, row.customer, label, url)


def _said(row: Row, names: Names) -> tuple[str, str]:
    deed = DEEDS.get(row.kind)
    if deed is None:
        return str(DONE.get(row.kind, row.kind)), more(row.kind, row.data)
    told = {key: _worded(row.kind, key, value) for key, value in row.data.items()}
    if row.kind == "audit.exported":
        told["filter"] = exported.audit(told["filter"], names.of)
    if row.kind == "setting.changed":
        told = _setting(row.data)
    if row.subject_type == "shop.job":
        told["about"] = _job(row)
    return str(deed.words) % {"about": names.subject(row), **dict.fromkeys(deed.keys, ""), **told}, ""


def _worded(kind: str, key: str, value: Any) -> str:
    if key in ("role", "former"):
        return str(dict(User.Role.choices).get(value, value))
    if key == "scopes":
        return ", ".join(str(RIGHTS.get(name, name)) for name in value)
    if key == "clock" and (known := clocks.called(value)):
        return str(known.label)
    return str(value)


def _setting(data: dict[str, Any]) -> dict[str, str]:
    known = next((one for one in all_preferences() if one.name == data["name"]), None)
    if known is None:
        return {"name": str(data["name"]), "value": str(data["value"])}
    return {"name": str(known.label), "value": known.shown(known.from_json(data["value"]))}


def _job(row: Row) -> str:
    return f"{Job._meta.verbose_name} #{row.subject}"


def more(kind: str, data: dict[str, Any]) -> str:
    """What an event says beside its kind, as far as it names and quotes nobody."""
    noun = kind.partition(".")[0]
    there = {key: label for key, label in SAID.items() if data.get(key) not in (None, "", [], {})}
    said = [f"{label}: {detail(noun, key, data[key])}" for key, label in there.items()]
    if isinstance(changes := data.get("changes"), dict):
        said.append(f"{CHANGED}: {', '.join(str(field_label(name)) for name in changes)}")
    return "; ".join(said)


def _place(row: Row, there: set[tuple[str, int]]) -> tuple[str, str]:
    known = import_string(settings.SUBJECTS).get(row.subject_type)
    if known is None or row.subject is None:
        return "", ""
    label, name = known
    shared = name.endswith("*")
    said = str(label) if shared else f"{label} {row.subject}"
    if (row.subject_type, row.subject) not in there:
        return said, ""
    return said, reverse(name.rstrip("*"), args=[] if shared else [row.subject])


def _there(rows: list[Row]) -> set[tuple[str, int]]:
    """Which of the things they are about still exist, in one question."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.subject is not None and row.subject_type in import_string(settings.SUBJECTS):
            wanted[row.subject_type].add(row.subject)
    if not wanted:
        return set()
    parts = [f"SELECT %s, id FROM {_table(name)} WHERE id = ANY (%s)" for name in wanted]
    values = [value for name, pks in wanted.items() for value in (name, list(pks))]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return set(cursor.fetchall())


def _table(name: str) -> str:
    model: type[models.Model] = apps.get_model(name)
    return connection.ops.quote_name(model._meta.db_table)
