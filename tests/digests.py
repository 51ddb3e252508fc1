"""The content of every table as one line of digits each: what two moments are compared by."""

from collections.abc import Collection

from django.apps import apps
from django.db import connection

# They only grow, or say who did what when; taking something back adds to them.
GROWING = ("crm_event", "crm_reaction", "crm_change", "crm_changeset", "shop_job")


def digests(*, without: Collection[str] = GROWING) -> dict[str, str]:
    """{table: digest} of all tables of the models, whatever the order of their rows."""
    names = sorted({model._meta.db_table for model in apps.get_models()} - set(without))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(_digest, names)), names)
        return dict(cursor.fetchall())


def digest(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_digest(table), [table])
        return cursor.fetchone()[1]


def _digest(table: str) -> str:
    return (
        "SELECT %s, md5(coalesce(string_agg(row, chr(10) ORDER BY row), '')) FROM"
        f" (SELECT to_jsonb(t)::text AS row FROM {connection.ops.quote_name(table)} AS t) AS rows"
    )
