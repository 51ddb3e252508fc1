"""Every table of the database as it is, to be compared row by row."""

from typing import Any

from django.apps import apps
from django.db import connection

# What a merge leaves behind: its entries, its record, and that figures must be made anew.
GAINS = {"crm_event", "crm_reaction", "crm_merge", "crm_changeset", "crm_change", "crm_consent", "analytics_stale"}
# Points move by pairs of entries: what the cards have is compared, not the sums' own rows.
LEDGER = {"loyalty_account", "loyalty_entry", "loyalty_lot", "loyalty_allocation"}
FOLLOWS_CONSENT = {"crm_consentinforce"}

Rows = dict[Any, dict[str, Any]]


def everything() -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            meta = model._meta
            cursor.execute(f'SELECT t."{meta.pk.column}", to_jsonb(t)::text FROM "{meta.db_table}" AS t')
            found[meta.db_table] = dict(cursor.fetchall())
    return found


def differences(before: dict[str, Rows], after: dict[str, Rows]) -> dict[str, tuple[list[Any], list[Any], list[Any]]]:
    """{table: (gone, changed, new)} of tables that are not the same."""
    found = {}
    for table, rows in before.items():
        now = after[table]
        gone, new = sorted(rows.keys() - now.keys()), sorted(now.keys() - rows.keys())
        changed = sorted((rows[key], now[key]) for key in rows.keys() & now.keys() if rows[key] != now[key])
        if gone or changed or new:
            found[table] = (gone, changed, new)
    return found
