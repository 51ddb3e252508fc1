"""What others may do to consent: take away. Imports bring opt-outs in, thousands in one statement.

There is no way here to allow something; the database would refuse it too.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from shop.models.job import wake_relay

CHUNK = 50_000

# What is refused already stays as it is, and a newer statement of the customer is stronger than an older file.
_TIGHTEN = """
    WITH told AS (
        SELECT DISTINCT channel, address, purpose
          FROM unnest(%(channels)s::text[], %(addresses)s::text[], %(purposes)s::text[])
               AS told (channel, address, purpose)
         WHERE address <> ''
    ), written AS (
        INSERT INTO crm_consent (customer_id, channel, address, purpose, state, method, source, wording, at, by)
        SELECT (SELECT min(known.customer_id) FROM crm_identifier AS known
                 WHERE known.kind = told.channel AND known.normalised = told.address),
               told.channel, told.address, told.purpose,
               CASE WHEN held.state IS NULL THEN 'refused' ELSE 'withdrawn' END,
               %(method)s, %(source)s, %(wording)s, %(at)s, %(by)s
          FROM told LEFT JOIN crm_consentinforce AS held USING (channel, address, purpose)
         WHERE held.state IS NULL OR (held.state = 'given' AND held.at < %(at)s)
         ORDER BY told.address, told.purpose, told.channel
        RETURNING id, customer_id, channel, address, purpose, state
    ), events AS (
        INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, subject_id, data)
        SELECT 'consent.withdrawn', %(at)s, now(), customer_id, %(by)s, 'crm.consent', min(id),
               jsonb_build_object('channel', channel, 'address', address, 'purposes', jsonb_agg(purpose ORDER BY id),
                                  'state', state, 'method', %(method)s::text)
          FROM written WHERE customer_id IS NOT NULL GROUP BY customer_id, channel, address, state
        RETURNING id
    ), reactions AS (
        INSERT INTO crm_reaction (event_id, name, due_at, attempts, last_error)
        SELECT events.id, name, now(), 0, '' FROM events, unnest(%(reactions)s::text[]) AS name
    ), objecting AS (
        UPDATE crm_customer SET unprofiled_since = %(at)s
          FROM written JOIN crm_identifier AS known
               ON known.kind = written.channel AND known.normalised = written.address
         WHERE written.purpose = 'profiling' AND crm_customer.id = known.customer_id AND unprofiled_since IS NULL
    )
    SELECT count(*) FROM written
"""


@transaction.atomic
def tighten(
    refusals: Iterable[tuple[str, str, str]],
    *,
    source: str,
    by: str = "",
    wording: str = "",
    at: datetime | None = None,
    method: str = "import",
) -> int:
    """(channel, normalised address, purpose) each: from now on no, where it was not a no already. Returns how many."""
    now = timezone.now()
    said: dict[str, Any] = {
        "method": method,
        "source": source[:64],
        "wording": wording[:1000],
        "at": min(at or now, now),
        "by": by,
        "reactions": import_string(settings.REACTIONS).get("consent.withdrawn", []),
    }
    written = 0
    with connection.cursor() as cursor:
        waiting = iter(refusals)
        while some := list(islice(waiting, CHUNK)):
            channels, addresses, purposes = (list(column) for column in zip(*some, strict=True))
            cursor.execute(_TIGHTEN, {**said, "channels": channels, "addresses": addresses, "purposes": purposes})
            written += cursor.fetchone()[0]
    if written and said["reactions"]:
        wake_relay()
    return written
