"""Points for orders of many accounts come in by one statement: sums, entries, lots and events together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from loyalty.models.account import NEVER, Account
from loyalty.points import telling
from loyalty.points.bringing_up import bring_up
from shop.asking import ask


@dataclass(frozen=True)
class Coming:
    """What one order brings; a customer has at most one of them at a time."""

    customer: int
    order: int
    points: int
    key: str
    available_at: datetime
    expires_at: datetime | None
    snapshot: dict[str, Any]


_OPEN = """
INSERT INTO loyalty_account (customer_id, available, pending, held, debt, lifetime_earned, last_sequence, as_of,
                             next_change_at)
SELECT id, 0, 0, 0, 0, 0, 0, %(at)s, %(never)s FROM unnest(%(customers)s::bigint[]) AS wanted (id) ORDER BY id
    ON CONFLICT (customer_id) DO NOTHING
"""

_TOLD = telling.sql(
    "points.earned", "entry JOIN booked ON booked.id = entry.account_id", order="entry.order_id",
    points="booked.points", reason="'order'", until="booked.until",
)  # fmt: skip

_EARN = f"""
WITH coming AS (
    SELECT * FROM unnest(%(customers)s::bigint[], %(orders)s::bigint[], %(points)s::bigint[], %(keys)s::text[],
                         %(begins)s::timestamptz[], %(ends)s::timestamptz[], %(untils)s::text[], %(snapshots)s::jsonb[])
               AS coming (whose, for_order, points, key, begins, ends, until, snapshot)
), booked AS (
    UPDATE loyalty_account AS account
       SET available = available + CASE WHEN begins > as_of THEN 0 ELSE points END,
           pending = pending + CASE WHEN begins > as_of THEN points ELSE 0 END,
           lifetime_earned = lifetime_earned + points, last_sequence = last_sequence + 1,
           next_change_at = least(next_change_at, CASE WHEN begins > as_of THEN begins END,
                                  CASE WHEN ends > as_of THEN ends END)
      FROM coming WHERE account.customer_id = coming.whose
 RETURNING account.id, customer_id, last_sequence, for_order, points, key, begins, ends, snapshot,
           CASE WHEN begins > as_of THEN until ELSE '' END AS until
), entry AS (
    INSERT INTO loyalty_entry (account_id, sequence, kind, points, effective_at, recorded_at, order_id, reason, note,
                               actor, key, snapshot)
    SELECT id, last_sequence, 'earn', points, %(at)s, %(at)s, for_order, 'order', '', '', key, snapshot
      FROM booked ORDER BY id
 RETURNING id, account_id, order_id
), lot AS (
    INSERT INTO loyalty_lot (account_id, entry_id, order_id, granted, remaining, held, available_at, expires_at)
    SELECT booked.id, entry.id, entry.order_id, points, points, 0, begins, ends
      FROM entry JOIN booked ON booked.id = entry.account_id
), told AS (
    {_TOLD}
)
SELECT id FROM told
"""


def lock(customers: Sequence[int], at: datetime, *, earning: Sequence[int]) -> dict[int, Account]:
    """Their accounts in the order of the customers, held until the transaction ends; of those who earn, up to a moment.

    Those that are there before those that are opened: whoever waits for one that is being opened holds all that
    others might wait for already.
    """
    there = Account.objects.filter(customer__in=customers).order_by("customer_id")
    list(there.select_for_update(no_key=True).values_list("pk"))
    ask(_OPEN, {"customers": sorted(earning), "at": at, "never": NEVER})
    bring_up(list(Account.objects.filter(customer__in=earning).order_by("pk").values_list("pk", flat=True)), at)
    return {account.customer_id: account for account in Account.objects.filter(customer__in=earning)}


def earn_many(coming: Sequence[Coming], at: datetime) -> None:
    """Their accounts are locked, up to `at`, and owe nothing."""
    if not coming:
        return
    rows = ask(_EARN, {"at": at, **telling.common(), **_columns(coming)})
    telling.follow("points.earned", [event for (event,) in rows])


def _columns(coming: Sequence[Coming]) -> dict[str, list[Any]]:
    return {
        "customers": [one.customer for one in coming],
        "orders": [one.order for one in coming],
        "points": [one.points for one in coming],
        "keys": [one.key for one in coming],
        "begins": [one.available_at for one in coming],
        "ends": [one.expires_at for one in coming],
        "untils": [one.available_at.isoformat() for one in coming],
        "snapshots": [Jsonb(one.snapshot) for one in coming],
    }
