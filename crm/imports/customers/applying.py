"""Brings customers in: new cards and what they are known by, changes of cards, tags, and what people do not want.

New cards and what they are known by carry the number of the import; whatever else is made or changed is noted, so
that the import can be taken back (crm.undo).
"""

from typing import Any

from django.db import connection, models

from crm.imports.columns import Mapping
from crm.imports.customers.fields import MARKS, OTHERS, TEXTS
from crm.imports.customers.refusing import refuse
from crm.imports.inserting import insert
from crm.imports.kinds import Say
from crm.imports.reach import told
from crm.models import ChangeSet, Customer, Identifier, Import, Tag, Tagging
from crm.undo.recording import note_after, note_before, note_created

CARDS = """
    UPDATE crm_customer AS card SET {values} FROM matched WHERE verdict = 'change' AND card.id = matched.customer_id
"""
MARK = """
    INSERT INTO crm_identifier (customer_id, kind, source, value, normalised)
    SELECT customer_id, '{mark}', {source}, {mark}, {mark}_is FROM matched
     WHERE verdict = 'change' AND {mark}_is IS NOT NULL AND NOT EXISTS (
           SELECT FROM crm_identifier AS i WHERE i.customer_id = matched.customer_id
              AND i.kind = '{mark}' AND i.normalised = matched.{mark}_is)
    ON CONFLICT DO NOTHING
    RETURNING id
"""
# Card after card: what is new of one is looked for, checked and written side by side.
NEW_MARKS = """
    INSERT INTO crm_identifier (customer_id, kind, source, value, normalised, brought_by)
    SELECT new_id, known.kind, known.source, known.value, known.normalised, %(id)s
      FROM matched, LATERAL (VALUES {marks}) AS known (kind, source, value, normalised)
     WHERE verdict = 'create' AND known.normalised IS NOT NULL
"""
NEW_MARK = "('{mark}', {source}, {mark}, {mark}_is)"
NEWCOMERS_REACH = """
    SELECT new_id, email_is IS NOT NULL, phone_is IS NOT NULL, false, false FROM matched WHERE verdict = 'create'
"""
TAGGED = """
      FROM (SELECT customer_id, tags FROM matched WHERE verdict = 'change' AND tags IS NOT NULL
             UNION ALL SELECT new_id, tags FROM matched WHERE verdict = 'create' AND tags IS NOT NULL) AS told,
           jsonb_array_elements_text(told.tags::jsonb) AS name
"""
TAGS = f"""
    INSERT INTO crm_tag (name, created_at) SELECT DISTINCT ON (lower(name.value)) name.value, now() {TAGGED}
    ON CONFLICT DO NOTHING RETURNING id
"""
TAGGINGS = f"""
    INSERT INTO crm_tagging (customer_id, tag_id) SELECT DISTINCT told.customer_id, crm_tag.id {TAGGED}
      JOIN crm_tag ON lower(crm_tag.name) = lower(name.value)
    ON CONFLICT DO NOTHING RETURNING id
"""


def write(order_import: Import, mapping: Mapping, counts: dict[str, Any], say: Say) -> dict[str, Any]:
    params: dict[str, Any] = {"id": order_import.pk, "source": order_import.source}
    changes = ChangeSet.objects.create(kind=ChangeSet.Kind.IMPORT, by=order_import.created_by)
    order_import.remember(changes=changes)
    with connection.cursor() as cursor:
        say("customers")
        marks = {mark: "%(source)s" if mark == "external" else "''" for mark in MARKS if MARKS[mark] in mapping.columns}
        with told(cursor, NEWCOMERS_REACH):
            _write_new(cursor, params)
            say("numbers")
            told_by = ", ".join(NEW_MARK.format(mark=mark, source=source) for mark, source in marks.items())
            cursor.execute(NEW_MARKS.format(marks=told_by), params)
        _change(cursor, mapping, changes)
        for mark, source in marks.items():
            _note(cursor, changes, Identifier, MARK.format(mark=mark, source=source), params)
        if "tags" in mapping.columns:
            say("tags")
            _note(cursor, changes, Tag, TAGS, params)
            _note(cursor, changes, Tagging, TAGGINGS, params)
        say("consent")
        return refuse(cursor, order_import, mapping)


def _write_new(cursor: Any, params: dict[str, Any]) -> None:
    known = {name: f"coalesce({name}, '')" for name in [*TEXTS, "language"]}
    known |= {"id": "new_id", "birthday": "birthday", "owner_id": "owner_id", "custom": "custom"}
    known["brought_by"] = "%(id)s"
    known["created_at"] = "least(coalesce(created_at, now()), now())"
    cursor.execute(insert(Customer, known, "FROM matched WHERE verdict = 'create'"), params)


def _change(cursor: Any, mapping: Mapping, changes: ChangeSet) -> None:
    cursor.execute("SELECT customer_id FROM matched WHERE verdict = 'change'")
    ids = [pk for (pk,) in cursor.fetchall()]
    values = _values(mapping)
    if not ids:
        return
    note_before(changes, Customer, ids, fields=list(values))
    cursor.execute(CARDS.format(values=", ".join(f"{name} = {value}" for name, value in values.items())))
    note_after(changes, Customer, ids)


def _values(mapping: Mapping) -> dict[str, str]:
    """An empty cell leaves the value of the card; the day somebody became a customer is not moved."""
    columns = {"owner": "owner_id"}
    told = [columns.get(name, name) for name in mapping.columns]
    names = [name for name in told if name in TEXTS or (name in OTHERS and name != "created_at")]
    values = {name: f"coalesce(matched.{name}, card.{name})" for name in names}
    return values | {"custom": "card.custom || matched.custom"}


def _note(cursor: Any, changes: ChangeSet, model: type[models.Model], statement: str, params: Any) -> None:
    cursor.execute(statement, params)
    note_created(changes, model, [pk for (pk,) in cursor.fetchall()])
