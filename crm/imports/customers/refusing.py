"""What a file says people do not want. A no in the file is a no here; a yes is not: only the customer says that."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from crm.contact.tightening import tighten
from crm.imports.columns import Mapping
from crm.imports.customers.fields import refusals
from crm.models import Import

FEW = 10_000
TAKEN = "verdict IN ('create', 'change', 'same')"
SAID = f"""
      FROM matched, LATERAL (VALUES ('email', email_is), ('phone', phone_is)) AS known (channel, address)
     WHERE {TAKEN} AND address IS NOT NULL AND consent_{{purpose}}
"""
REFUSED = f"SELECT channel, address {SAID} IS FALSE"
# As crm.contact.tightening has it: what is refused already stays as it is.
TO_REFUSE = f"""
    SELECT count(*) FROM (SELECT DISTINCT channel, address {SAID} IS FALSE) AS told
      LEFT JOIN crm_consentinforce AS held ON held.channel = told.channel AND held.address = told.address
                                          AND held.purpose = '{{purpose}}'
     WHERE held.state IS NULL OR held.state = 'given'
"""
# Joined before they are told apart: what is held is little beside all that a file says.
STAYS = f"""
    SELECT count(DISTINCT held.consent_id)
      FROM matched, LATERAL (VALUES ('email', email_is), ('phone', phone_is)) AS known (channel, address)
      JOIN crm_consentinforce AS held USING (channel, address)
     WHERE {TAKEN} AND consent_{{purpose}} AND held.purpose = '{{purpose}}' AND held.state <> 'given'
"""
IGNORED = f"SELECT count(*) FROM matched WHERE {TAKEN} AND consent_{{purpose}}"


def foreseen(cursor: Any, mapping: Mapping) -> dict[str, int]:
    """How many noes would be written down, how many stay whatever the file says, and how many a yes of it is not."""
    asked = {"refused": TO_REFUSE, "no_stays": STAYS, "yes_ignored": IGNORED}
    return {name: _sum(cursor, count, mapping) for name, count in asked.items()}


def _sum(cursor: Any, count: str, mapping: Mapping) -> int:
    found = 0
    for purpose in refusals(mapping):
        cursor.execute(count.format(purpose=purpose))
        found += cursor.fetchone()[0]
    return found


def refuse(cursor: Any, order_import: Import, mapping: Mapping) -> dict[str, int]:
    refused = sum(
        tighten(_refusing(purpose), source=order_import.source, by=order_import.actor) for purpose in refusals(mapping)
    )
    kept = {"no_stays": STAYS, "yes_ignored": IGNORED}
    return {"refused": refused} | {name: _sum(cursor, count, mapping) for name, count in kept.items()}


def _refusing(purpose: str) -> Iterator[tuple[str, str, str]]:
    """A few at a time: it may be everybody."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(REFUSED.format(purpose=purpose))
        while some := cursor.fetchmany(FEW):
            yield from ((channel, address, purpose) for channel, address in some)
