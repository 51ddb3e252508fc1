"""Brings accounts up to a moment: holds lapse, lots that are over expire, lots that begin become available.

The caller has locked the accounts. Set by set, so that a sweep of thousands is the same code as one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from loyalty.points import telling

_LAPSE = """
WITH ended AS (
    UPDATE loyalty_hold SET status = 'expired', ended_at = %(at)s
     WHERE account_id = ANY (%(ids)s) AND status = 'open' AND expires_at <= %(at)s
 RETURNING id, account_id, points
), freed AS (
    UPDATE loyalty_lot AS lot SET held = lot.held - part.points
      FROM (SELECT lot_id, sum(points) AS points FROM loyalty_heldlot
             WHERE hold_id IN (SELECT id FROM ended) GROUP BY lot_id) AS part
     WHERE lot.id = part.lot_id
)
UPDATE loyalty_account AS account SET available = available + whole.points, held = held - whole.points
  FROM (SELECT account_id, sum(points) AS points FROM ended GROUP BY account_id) AS whole
 WHERE account.id = whole.account_id
"""

# An entry for each lot, an event for each customer. What is held of a lot stays; when the hold ends, this comes by
# again. Accounts one after the other, so that a limit cuts at most one of them in two.
_EXPIRE = """
WITH due AS MATERIALIZED (
    SELECT lot.id, lot.account_id, lot.expires_at, lot.remaining - lot.held AS points,
           account.last_sequence, lot.available_at > account.as_of AS unripe
      FROM loyalty_account AS account JOIN loyalty_lot AS lot ON lot.account_id = account.id
     WHERE account.id = ANY (%(ids)s) AND lot.account_id = ANY (%(ids)s)
       AND lot.remaining > lot.held AND lot.expires_at <= %(at)s
     ORDER BY lot.account_id, lot.expires_at, lot.id
     LIMIT %(limit)s
), numbered AS MATERIALIZED (
    SELECT due.*, last_sequence + row_number() OVER (PARTITION BY account_id ORDER BY expires_at, id) AS sequence
      FROM due
), written AS (
    INSERT INTO loyalty_entry (account_id, sequence, kind, points, effective_at, recorded_at, reason, note, actor,
                               snapshot)
    SELECT account_id, sequence, 'expire', -points, expires_at, %(at)s, 'over', '', '', '{}'::jsonb
      FROM numbered
 RETURNING id, account_id, sequence
), allocated AS (
    INSERT INTO loyalty_allocation (entry_id, lot_id, points)
    SELECT written.id, numbered.id, numbered.points
      FROM written JOIN numbered USING (account_id, sequence)
), emptied AS (
    UPDATE loyalty_lot AS lot SET remaining = lot.held FROM due WHERE lot.id = due.id
), sums AS (
    SELECT account_id, count(*) AS lots, sum(points)::bigint AS points,
           (coalesce(sum(points) FILTER (WHERE unripe), 0))::bigint AS unripe
      FROM due GROUP BY account_id
), booked AS (
    UPDATE loyalty_account AS account
       SET available = available - (sums.points - sums.unripe), pending = pending - sums.unripe,
           last_sequence = account.last_sequence + sums.lots
      FROM sums WHERE account.id = sums.account_id
 RETURNING account.id, account.customer_id, sums.lots, sums.points
), told AS (
    TELL
)
SELECT booked.id, booked.lots, told.id FROM booked JOIN told USING (customer_id)
""".replace("TELL", telling.sql("points.expired", "booked", points="points"))

_RIPEN = """
UPDATE loyalty_account AS account
   SET available = available + now.points, pending = pending - now.points,
       as_of = greatest(as_of, %(at)s), next_change_at = least(now.begins, now.ends, %(never)s)
  FROM (SELECT account.id,
               (SELECT coalesce(sum(remaining), 0) FROM loyalty_lot AS lot
                 WHERE lot.account_id = account.id AND remaining > held
                   AND available_at > account.as_of AND available_at <= %(at)s) AS points,
               (SELECT min(available_at) FROM loyalty_lot AS lot
                 WHERE lot.account_id = account.id AND remaining > held AND available_at > %(at)s) AS begins,
               (SELECT min(expires_at) FROM loyalty_lot AS lot
                 WHERE lot.account_id = account.id AND remaining > held AND expires_at > %(at)s) AS ends
          FROM loyalty_account AS account WHERE account.id = ANY (%(ids)s)) AS now
 WHERE account.id = now.id
"""


def bring_up(ids: Sequence[int], at: datetime, *, most: int | None = None) -> int:
    """Returns how many lots expired. With `most`, when there are more than so many, the rest is left for another go."""
    from loyalty.models.account import NEVER

    values: dict[str, Any] = {"ids": list(ids), "at": at, "limit": most, "never": NEVER, **telling.common()}
    with connection.cursor() as cursor:
        cursor.execute(_LAPSE, values)
        cursor.execute(_EXPIRE, values)
        expired = cursor.fetchall()
        lots = sum(row[1] for row in expired)
        if lots == most:  # the last account may have more
            last = max(row[0] for row in expired)
            values["ids"] = [account for account in ids if account < last]
        cursor.execute(_RIPEN, values)
    telling.follow("points.expired", [event for _id, _lots, event in expired])
    return lots
