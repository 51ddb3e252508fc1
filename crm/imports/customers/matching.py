"""What the rows of a file of customers would change: each row beside the card it means.

`match` fills a temporary table `matched`, one row for a row of the file, for the transaction it runs in.
Verdicts: create, change, same, or a reason of FOUND_BY_MATCHING. Whom a row means, crm.models.known_by says for
one order; here the same is asked for a million rows at once.
"""

import json
from typing import Any

from django.db import connection

from crm.imports import staging
from crm.imports.columns import Mapping
from crm.imports.customers.fields import MARKS, OTHERS, TEXTS, own_keys
from crm.imports.customers.refusing import foreseen
from crm.imports.whom import CUSTOMER, LIKELIEST
from crm.models import Import

FOUND_BY_MATCHING = ("twice", "card_taken")
SAMPLES = 20

FORGET = "DROP TABLE IF EXISTS pg_temp.matched"

FOUND = f"""
    CREATE TEMP TABLE matched ON COMMIT DROP AS
    SELECT told.*, {{own}} AS custom, {CUSTOMER} AS customer_id,
           by_card.customer_id AS card_of, {{new_id}} AS new_id,
           CASE WHEN holder.id IS NULL THEN 'create' ELSE 'same' END AS verdict
      FROM {{staging}} AS told {LIKELIEST}
"""

# Told here, so that nobody has to be looked up for it afterwards; one that turns out not to be needed is left out.
NEXT_ID = "CASE WHEN holder.id IS NULL THEN nextval((SELECT pg_get_serial_sequence('crm_customer', 'id'))) END"

ASKED = "line, verdict, customer_id, card_of, external_is, card_is, email_is, phone_is"  # by the statements below

# The first row about somebody counts.
TWICE = """
    UPDATE matched SET verdict = 'twice'
      FROM (SELECT line, row_number() OVER (PARTITION BY {key} ORDER BY line) AS number
              FROM matched WHERE verdict IN ('create', 'same') AND {asked}) AS counted
     WHERE counted.line = matched.line AND counted.number > 1
"""
NAMED = "lower(concat(given_name, ' ', family_name))"
NEW = "customer_id IS NULL AND external_is IS NULL"
WAYS = {
    "customer_id": "customer_id IS NOT NULL",
    "external_is": "external_is IS NOT NULL",
    "card_is": "card_is IS NOT NULL",
    f"email_is, {NAMED}": f"{NEW} AND email_is IS NOT NULL",
    f"phone_is, {NAMED}": f"{NEW} AND email_is IS NULL AND phone_is IS NOT NULL",
}
CARD_TAKEN = """
    UPDATE matched SET verdict = 'card_taken'
     WHERE verdict IN ('create', 'same') AND card_of IS NOT NULL AND card_of IS DISTINCT FROM customer_id
       AND NOT EXISTS (SELECT FROM crm_customer AS c WHERE c.id = card_of AND c.merged_into_id = customer_id)
"""
CHANGED = """
    UPDATE matched SET verdict = 'change' FROM crm_customer AS card
     WHERE verdict = 'same' AND card.id = matched.customer_id AND ({differs})
"""
OTHER_VALUE = "(matched.{name} <> '' AND matched.{name} <> card.{name})"
OTHER_TYPED = "(matched.{name} IS NOT NULL AND matched.{name} IS DISTINCT FROM card.{name})"
NEW_MARK = """
    (matched.{mark}_is IS NOT NULL AND NOT EXISTS (SELECT FROM crm_identifier AS i WHERE i.customer_id = card.id
        AND i.kind = '{mark}' AND i.normalised = matched.{mark}_is))
"""
_NEW_MARKS = ", ".join(f"('{field}', '{mark}', matched.{mark}, matched.{mark}_is)" for mark, field in MARKS.items())
NEW_TAG = """
    (matched.tags IS NOT NULL AND EXISTS (SELECT FROM jsonb_array_elements_text(matched.tags::jsonb) AS name
      WHERE NOT EXISTS (SELECT FROM crm_tagging JOIN crm_tag ON crm_tag.id = tag_id
                         WHERE customer_id = card.id AND lower(crm_tag.name) = lower(name.value))))
"""
REJECT = """
    INSERT INTO crm_rejectedrow (import_id, line, "column", reason, cells)
    SELECT %(id)s, line, '', verdict, jsonb_build_array(external, card, email, phone, given_name, family_name)
      FROM matched WHERE verdict = ANY(%(reasons)s)
"""
# What the card gets beside what it has: addresses, numbers and tags, under the names of their columns in a file.
NEW_TO_IT = f"""
    (SELECT jsonb_object_agg(new.name, new.value) FROM (
        SELECT known.name, known.value FROM (VALUES {_NEW_MARKS}) AS known (name, kind, value, normalised)
         WHERE known.normalised IS NOT NULL AND NOT EXISTS (SELECT FROM crm_identifier AS i
               WHERE i.customer_id = card.id AND i.kind = known.kind AND i.normalised = known.normalised)
         UNION ALL
        SELECT 'tags', string_agg(tag.value, ', ') FROM jsonb_array_elements_text(matched.tags::jsonb) AS tag
         WHERE NOT EXISTS (SELECT FROM crm_tagging JOIN crm_tag ON crm_tag.id = tag_id
               WHERE customer_id = card.id AND lower(crm_tag.name) = lower(tag.value))
        HAVING count(*) > 0) AS new)
"""
CHANGES = f"SELECT * FROM matched WHERE verdict = 'change' ORDER BY line LIMIT {SAMPLES}"


def match(order_import: Import, mapping: Mapping, preview: bool) -> dict[str, Any]:
    """Call it inside a transaction. Returns the counts; `matched` stays until the transaction ends."""
    staging.take_time()
    params: dict[str, Any] = {"id": order_import.pk, "source": order_import.source, "reasons": list(FOUND_BY_MATCHING)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(FORGET)
        new_id = "NULL::bigint" if preview else NEXT_ID
        cursor.execute(FOUND.format(staging=order_import.staging, own=_own(mapping), new_id=new_id), params)
        cursor.execute(f"ANALYZE matched ({ASKED})")
        for key, asked in WAYS.items():
            cursor.execute(TWICE.format(key=key, asked=asked))
        cursor.execute(CARD_TAKEN)
        cursor.execute(CHANGED.format(differs=" OR ".join(_differences(mapping))))
        order_import.rejected.filter(reason__in=FOUND_BY_MATCHING).delete()
        cursor.execute(REJECT, params)
        counts = _counts(cursor)
        if preview:
            counts |= {"samples": _samples(cursor, mapping), **foreseen(cursor, mapping)}
        return counts


def _own(mapping: Mapping) -> str:
    """The shop's own fields of a row as one JSON object, without the empty ones."""
    pairs = [f"'{name}', custom_{name}::jsonb" for name in own_keys(mapping)]
    return f"jsonb_strip_nulls(jsonb_build_object({', '.join(pairs)}))"


def _differences(mapping: Mapping) -> list[str]:
    found = [OTHER_VALUE.format(name=name) for name in [*TEXTS, "language"] if name in mapping.columns]
    typed = {"birthday": "birthday", "owner": "owner_id"}
    found += [OTHER_TYPED.format(name=column) for name, column in typed.items() if name in mapping.columns]
    found += [NEW_MARK.format(mark=mark) for mark, field in MARKS.items() if field in mapping.columns]
    if "tags" in mapping.columns:
        found.append(NEW_TAG)
    return [*found, "NOT card.custom @> matched.custom"]


def _counts(cursor: Any) -> dict[str, Any]:
    counts: dict[str, Any] = dict.fromkeys(("create", "change", "same"), 0)
    rejected: dict[str, int] = {}
    cursor.execute("SELECT verdict, count(*) FROM matched GROUP BY 1")
    for verdict, number in cursor.fetchall():
        (rejected if verdict in FOUND_BY_MATCHING else counts)[verdict] = number
    return {**counts, "matching_rejected": rejected}


def _samples(cursor: Any, mapping: Mapping) -> list[dict[str, Any]]:
    """Old and new of the first that would change; the names of columns are those of the card."""
    names = [name for name in [*TEXTS, *OTHERS] if name != "created_at"]
    cursor.execute(
        f"SELECT card.name, {', '.join(f'matched.{n}, card.{n}' for n in names)}, card.custom, matched.custom,"
        f" {NEW_TO_IT}, matched.external, matched.card, matched.email, matched.phone"
        f" FROM ({CHANGES}) AS matched JOIN crm_customer AS card ON card.id = matched.customer_id ORDER BY line"
    )
    return [_sample(names, row) for row in cursor.fetchall()]


def _sample(names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    who, values, (old_own, new_own, new, *marks) = row[0], row[1 : 1 + 2 * len(names)], row[1 + 2 * len(names) :]
    pairs = {name: (values[2 * at + 1], values[2 * at]) for at, name in enumerate(names)}
    fields = {name: [_plain(old), _plain(new)] for name, (old, new) in pairs.items() if new not in (None, "", old)}
    old_own, new_own = _parsed(old_own), _parsed(new_own)
    other = {name: value for name, value in new_own.items() if old_own.get(name) != value}
    fields |= {f"custom.{name}": [old_own.get(name), value] for name, value in other.items()}
    fields |= {name: [None, value] for name, value in _parsed(new).items()}
    return {"who": who or next(filter(None, marks), ""), "fields": fields}


def _parsed(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value or {}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | type(None)) else value.isoformat()
