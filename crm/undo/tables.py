"""Which tables and columns the engine may name in SQL: those of models in the registry, and nothing else."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import connection

_GUARDED = """
    SELECT EXISTS (SELECT FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
                    WHERE tgrelid = %s::regclass AND proname = 'regulars_append_only')
"""

_NOTED_COLUMNS = """
    SELECT DISTINCT key FROM crm_change AS c, jsonb_object_keys(c.before) AS key
     WHERE c.changes_id = %(set)s AND c.model = %(label)s AND c.kept = '' {only}
"""


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@dataclass(frozen=True)
class Table:
    """`by_key`: columns of JSON objects that are put back key by key, as if every key were a column."""

    label: str
    name: str
    pk: str
    columns: tuple[str, ...]
    generated: tuple[str, ...]
    by_key: tuple[str, ...]
    customer: str

    @property
    def model(self) -> Any:
        return apps.get_model(self.label)

    @property
    def row(self) -> str:
        """The row `t` as JSON, without what the database works out itself."""
        names = ", ".join(f"'{name}'" for name in self.generated)
        return f"(to_jsonb(t) - ARRAY[{names}]::text[])" if names else "to_jsonb(t)"

    def part(self, columns: Collection[str]) -> str:
        """These columns of the row `t` as JSON; for 100,000 rows that is seconds less than all of them."""
        if set(columns) == set(self.columns):
            return self.row
        pairs = [f"'{name}', t.{quoted(name)}" for name in sorted(columns)]
        return f"jsonb_build_object({', '.join(pairs)})"

    def laid_over(self, part: str, columns: Collection[str]) -> str:
        """These columns of the row with the values of `part` instead of their own, where it has some."""
        over = f"({self.part(columns)} || {part})"
        for name in sorted(set(self.by_key) & set(columns)):
            column, values = f"t.{quoted(name)}", f"coalesce({part}->'{name}', '{{}}')"
            over += f" || jsonb_build_object('{name}', jsonb_strip_nulls({column} || {values}))"
        return f"({over})"

    @property
    def parents(self) -> list[tuple[str, "Table"]]:
        """(column, table) of every foreign key that the database holds."""
        return [(field.column, table_of(field.related_model)) for field in _held(self.model)]

    @property
    def children(self) -> list[tuple["Table", str]]:
        """(table, column) of every foreign key that holds on to a row of this table."""
        found = [
            (table_of(model), field.column)
            for model in apps.get_models()
            for field in _held(model)
            if field.related_model._meta.db_table == self.name and not model._meta.proxy
        ]
        return sorted(found, key=lambda pair: (pair[0].label, pair[1]))


def _held(model: Any) -> list[Any]:
    return [
        field
        for field in model._meta.local_concrete_fields
        if getattr(field, "remote_field", None) and getattr(field, "db_constraint", False)
    ]


@cache
def table_of(model: Any) -> Table:
    meta = model._meta
    fields = meta.local_concrete_fields
    generated = tuple(f.column for f in fields if f.generated)
    columns = tuple(f.column for f in fields if not f.generated)
    pk = meta.pk.column
    customer = pk if meta.label == "crm.Customer" else next((c for c in columns if c == "customer_id"), "")
    by_key = tuple(getattr(model, "UNDONE_BY_KEY", ()))
    return Table(meta.label, meta.db_table, pk, columns, generated, by_key, customer)


def tables_of(labels: Iterable[str]) -> list[Table]:
    """Parents before their children; rows are locked in this order. A label outside the registry raises."""
    tables = {label: table_of(apps.get_model(label)) for label in sorted(labels)}  # type: ignore[arg-type]
    before = {
        label: {parent.label for _column, parent in table.parents if parent.label in tables} - {label}
        for label, table in tables.items()
    }
    try:
        return [tables[label] for label in TopologicalSorter(before).static_order()]
    except CycleError:
        return list(tables.values())


def noted_columns(change_set: Any, table: Table, only: str = "", ids: list[int] | None = None) -> list[str]:
    """Those of which an old value is noted. `only`: a condition on `c`, which may ask for these ids."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTED_COLUMNS.format(only=only), {"set": change_set.pk, "label": table.label, "ids": ids})
        found = {key for (key,) in cursor.fetchall()}
    return [name for name in table.columns if name in found]


def append_only(table: Table) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_GUARDED, [table.name])
        return bool(cursor.fetchone()[0])
