"""What a database holds, in numbers that a restore leaves the same: rows and checksum of every table, and the schema.

The checksum of a table is the sum of a 64-bit hash of each row as text, so the order of rows does not matter.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any, TypedDict

import psycopg
from psycopg import sql


class Part(TypedDict):
    count: int
    sha256: str


class Evidence(TypedDict):
    tables: dict[str, tuple[int, str]]  # rows, checksum
    schema: dict[str, Part]
    migrations: list[str]


Counted = Callable[[int, int], None]

# A row as text must not depend on who asks.
_PLAIN = (
    "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET bytea_output = 'hex';"
    " SET extra_float_digits = 1; SET search_path = public; SET statement_timeout = 0; SET lock_timeout = 0"
)
_TABLES = """
SELECT relname, greatest(reltuples, 0)::bigint FROM pg_class
 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_ROWS = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} AS t"
_SCHEMA = {
    "columns": """
        SELECT format('%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                      pg_get_expr(d.adbin, d.adrelid))
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
          LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT format('%s %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT format('%s %s', tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t
          JOIN pg_class c ON c.oid = t.tgrelid
         WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace""",
    "functions": """
        SELECT pg_get_functiondef(p.oid) FROM pg_proc p
         WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
           AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')""",
    "views": "SELECT format('%s %s', viewname, definition) FROM pg_views WHERE schemaname = 'public'",
}

# PostgreSQL words a condition anew when it reads its own wording: the same cast moves, and brackets with it.
_NOISE = re.compile(r"::(character varying|text)(\[\])?|[()]")


def gather(connection: psycopg.Connection[Any], counted: Counted = lambda done, total: None) -> Evidence:
    """Reads every row once. `counted` hears how many of about how many rows are read."""
    connection.execute(_PLAIN)
    tables: dict[str, tuple[int, str]] = {}
    there = connection.execute(_TABLES).fetchall()
    done, total = 0, sum(rows for _name, rows in there)
    for name, _rows in there:
        row = connection.execute(sql.SQL(_ROWS).format(sql.Identifier(name))).fetchone()
        assert row
        tables[name] = (row[0], row[1])
        done += row[0]
        counted(done, max(total, done))
    return Evidence(tables=tables, schema=_schema(connection), migrations=_migrations(connection))


def _schema(connection: psycopg.Connection[Any]) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    for name, question in _SCHEMA.items():
        lines = sorted(_NOISE.sub("", str(line)) for (line,) in connection.execute(question))
        parts[name] = {"count": len(lines), "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest()}
    return parts


def _migrations(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return [name for (name,) in rows]


def differences(promised: Evidence, found: Evidence) -> Iterator[str]:
    """What a restored database lacks or has too much of; nothing when it is as the backup says."""
    for name in sorted(promised["tables"].keys() | found["tables"].keys()):
        there, here = promised["tables"].get(name), found["tables"].get(name)
        if there is None or here is None:
            yield f"table {name} is {'missing' if here is None else 'not in the list'}"
        elif there[0] != here[0]:
            yield f"{name} has {here[0]} rows, not {there[0]}"
        elif there[1] != here[1]:
            yield f"{name} has the right number of rows, but other values"
    for name, part in promised["schema"].items():
        if part != found["schema"].get(name):
            yield f"{name} differ: {found['schema'][name]['count']} found, {part['count']} promised"
