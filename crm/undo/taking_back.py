"""Takes a change set back: what it changed becomes what it was, what it made goes, what it deleted returns.

Rows that somebody changed since, in the same fields, are kept and listed, with the reason. Once only.
"""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm.models import Change, ChangeSet
from crm.undo.tables import Table, noted_columns, quoted, tables_of


class AlreadyTakenBack(Exception):
    """Somebody else was quicker, or the same person clicked twice."""


@dataclass(frozen=True)
class Outcome:
    """How many rows are as they were, and how many were kept; ChangeSet.rows.kept() lists those."""

    restored: int
    kept: int


_OF_TABLE = "c.changes_id = %(set)s AND c.model = %(label)s"
_OF_PART = f"{_OF_TABLE} AND c.id > %(after)s AND c.id <= %(upto)s"

_LOCK = """
    SELECT count(*) FROM (SELECT 1 FROM {table} AS t WHERE t.{pk} IN
        (SELECT c.row_id FROM crm_change AS c WHERE {of}) ORDER BY t.{pk} FOR UPDATE) AS locked
"""

_EDITED = """
    UPDATE crm_change AS noted SET kept = CASE WHEN now.pk IS NULL THEN 'gone' ELSE 'edited' END
      FROM (SELECT c.id, t.{pk} AS pk FROM crm_change AS c LEFT JOIN {table} AS t ON t.{pk} = c.row_id
             WHERE {of} AND c.after IS NOT NULL
               AND CASE WHEN c.before IS NULL THEN c.after <> {row}
                        ELSE t.{pk} IS NULL OR {laid_over} <> {part} END) AS now
     WHERE noted.id = now.id
"""

_PARENTLESS = """
    UPDATE crm_change AS c SET kept = 'parentless'
     WHERE {of} AND c.kept = '' AND c.before ->> '{column}' IS NOT NULL
       AND NOT EXISTS (SELECT FROM {parent} AS p WHERE p.{parent_pk} = (c.before ->> '{column}')::bigint)
       AND NOT EXISTS (SELECT FROM crm_change AS p WHERE p.changes_id = %(set)s AND p.model = '{parent_label}'
                          AND p.row_id = (c.before ->> '{column}')::bigint AND p.after IS NULL AND p.kept = '')
"""

_POINTED_AT = """
    UPDATE crm_change AS c SET kept = 'pointed_at'
     WHERE {of} AND c.kept = '' AND c.before IS NULL
       AND EXISTS (SELECT FROM {child} AS child WHERE child.{column} = c.row_id AND NOT EXISTS (
                   SELECT FROM crm_change AS made WHERE made.changes_id = %(set)s AND made.model = '{child_label}'
                      AND made.row_id = child.{child_pk} AND made.before IS NULL AND made.kept = ''))
"""

# A card that stays keeps the number it came with.
_STAYS = """
    UPDATE crm_change AS c SET kept = 'stays'
     WHERE {of} AND c.kept = '' AND c.before IS NULL
       AND EXISTS (SELECT FROM crm_change AS p WHERE p.changes_id = %(set)s AND p.model = '{parent_label}'
                      AND p.row_id = (c.after ->> '{column}')::bigint AND p.before IS NULL AND p.kept <> '')
"""

_DELETE = """
    DELETE FROM {table} AS t USING crm_change AS c
     WHERE {of} AND c.kept = '' AND c.before IS NULL AND t.{pk} = c.row_id
"""

_PUT_BACK = """
    UPDATE {table} AS t SET ({columns}) = (SELECT {values} FROM jsonb_populate_record(t, {part}) AS old)
      FROM crm_change AS c
     WHERE {of} AND c.kept = '' AND c.before IS NOT NULL AND c.after IS NOT NULL AND t.{pk} = c.row_id {only}
"""

_BRING_BACK = """
    INSERT INTO {table} ({columns})
    SELECT {values} FROM crm_change AS c, jsonb_populate_record(NULL::{table}, c.before) AS old
     WHERE {of} AND c.kept = '' AND c.after IS NULL ORDER BY c.row_id
    ON CONFLICT DO NOTHING
"""

_TAKEN = """
    UPDATE crm_change AS c SET kept = 'taken'
     WHERE {of} AND c.kept = '' AND c.after IS NULL
       AND NOT EXISTS (SELECT FROM {table} AS t WHERE t.{pk} = c.row_id)
"""


@transaction.atomic
def take_back(change_set: ChangeSet, *, by: Any) -> Outcome:
    """Raises AlreadyTakenBack. Writes no event: whoever calls knows what to call it."""
    now = timezone.now()
    if not ChangeSet.objects.filter(pk=change_set.pk, undone_at=None).update(undone_at=now, undone_by=by):
        raise AlreadyTakenBack
    change_set.undone_at, change_set.undone_by = now, by
    put_right(change_set, noted_tables(change_set))
    return outcome_of(change_set)


def noted_tables(change_set: ChangeSet) -> list[Table]:
    return tables_of(change_set.rows.order_by().values_list("model", flat=True).distinct())


def outcome_of(change_set: ChangeSet) -> Outcome:
    kept = change_set.rows.kept().count()
    return Outcome(change_set.rows.count() - kept, kept)


def put_right(
    change_set: ChangeSet,
    tables: list[Table],
    part: tuple[int, int] | None = None,
    columns: dict[str, list[str]] | None = None,
) -> None:
    """Call it inside a transaction. `part`: only what was noted after the one and up to the other. `columns`: what is
    known of the columns of each table, from one part to the next."""
    with connection.cursor() as cursor:
        # Entries that only moved to another card move back; the reason opens those columns and no others.
        cursor.execute("SELECT set_config('regulars.reason', %s, true)", [f"undo:{change_set.pk}"])
        undoing = Undoing(change_set, cursor, part, columns)
        for table in tables:
            undoing.lock(table)
        for table in tables:
            undoing.keep_edited(table)
        for table in tables:
            undoing.keep_parentless(table)
        made = [table for table in tables if undoing.made(table)]
        for table in reversed(made):
            undoing.keep_pointed_at(table)
        for table in made:
            undoing.keep_with_its_parent(table)
        for table in reversed(made):
            undoing.keep_pointed_at(table)
        for table in reversed(made):
            undoing.run(_DELETE, table)
        for table in tables:
            undoing.put_back(table)
        for table in tables:
            undoing.bring_back(table)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT set_config('regulars.reason', '', true)")


class Undoing:
    """The steps, each one statement per table."""

    def __init__(
        self,
        change_set: ChangeSet,
        cursor: Any,
        part: tuple[int, int] | None = None,
        columns: dict[str, list[str]] | None = None,
    ) -> None:
        self.change_set, self.cursor, self.part = change_set, cursor, part
        self.columns: dict[str, list[str]] = {} if columns is None else columns

    def run(self, statement: str, table: Table, ids: list[int] | None = None, /, **words: str) -> int:
        words |= {"table": quoted(table.name), "pk": quoted(table.pk), "of": _OF_PART if self.part else _OF_TABLE}
        asked: dict[str, Any] = {"set": self.change_set.pk, "label": table.label, "ids": ids}
        if self.part:
            asked |= {"after": self.part[0], "upto": self.part[1]}
        self.cursor.execute(statement.format(**words), asked)
        return self.cursor.rowcount

    def lock(self, table: Table) -> None:
        self.run(_LOCK, table)

    def keep_edited(self, table: Table) -> None:
        if table.label not in self.columns:
            self.columns[table.label] = noted_columns(self.change_set, table, "AND c.after IS NOT NULL")
        columns = self.columns[table.label]
        words = {"laid_over": table.laid_over("c.after", columns), "part": table.part(columns)}
        self.run(_EDITED, table, row=table.row, **words)

    def keep_parentless(self, table: Table) -> None:
        for column, parent in table.parents:
            words = {"parent": quoted(parent.name), "parent_pk": quoted(parent.pk), "parent_label": parent.label}
            self.run(_PARENTLESS, table, column=column, **words)

    def made(self, table: Table) -> bool:
        return self._any(table, before__isnull=True)

    def keep_pointed_at(self, table: Table) -> None:
        """Something of later, or of this change and kept, belongs to the row."""
        for child, column in table.children:
            words = {"child": quoted(child.name), "child_pk": quoted(child.pk), "child_label": child.label}
            self.run(_POINTED_AT, table, column=quoted(column), **words)

    def keep_with_its_parent(self, table: Table) -> None:
        for column, parent in table.parents:
            self.run(_STAYS, table, column=column, parent_label=parent.label)

    def put_back(self, table: Table) -> None:
        """Only these are written, so that indexes of the others are left alone."""
        columns = [name for name in self.columns[table.label] if name != table.pk]
        if not columns:
            return
        names = ", ".join(quoted(name) for name in columns)
        values = ", ".join(f"old.{quoted(name)}" for name in columns)
        self._in_parts(table, None, columns=names, values=values, part=table.laid_over("c.before", columns))

    def _in_parts(self, table: Table, ids: list[int] | None, **words: str) -> None:
        """All at once; where one stands in the way (a unique value is taken), halves, down to that one."""
        try:
            with transaction.atomic():
                self.run(_PUT_BACK, table, ids, only="" if ids is None else "AND c.id = ANY(%(ids)s)", **words)
        except IntegrityError:
            if ids is None:
                changed = self._of(table, before__isnull=False, after__isnull=False)
                ids = list(changed.order_by("row_id").values_list("pk", flat=True))
            if len(ids) == 1:
                Change.objects.filter(pk=ids[0]).update(kept=Change.Why.TAKEN)
                return
            middle = len(ids) // 2
            self._in_parts(table, ids[:middle], **words)
            self._in_parts(table, ids[middle:], **words)

    def bring_back(self, table: Table) -> None:
        if not self._any(table, after__isnull=True):
            return
        names = ", ".join(quoted(name) for name in table.columns)
        values = ", ".join(f"old.{quoted(name)}" for name in table.columns)
        self.run(_BRING_BACK, table, columns=names, values=values)
        self.run(_TAKEN, table)

    def _of(self, table: Table, **conditions: Any) -> Any:
        if self.part:
            conditions |= {"pk__gt": self.part[0], "pk__lte": self.part[1]}
        return Change.objects.filter(changes=self.change_set, model=table.label, kept="", **conditions)

    def _any(self, table: Table, **conditions: Any) -> bool:
        return self._of(table, **conditions).exists()
