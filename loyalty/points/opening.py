"""Opening balances of many customers at once, and taking them back: the same books as Account.earn would leave.

Whoever owes points is left to the verb itself, which pays the debt first; that is few.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from crm.imports.inserting import insert
from loyalty.models import Account, Entry
from loyalty.models.account import NEVER
from loyalty.points.bringing_up import bring_up
from loyalty.points.days import end_of, zone
from shop.models.job import wake_relay

SOME = 5_000

# An entry of this source that was not taken back.
STANDS = """
    entry.kind = 'opening' AND starts_with(entry.key, %(prefix)s) AND NOT EXISTS (
        SELECT FROM loyalty_entry AS back WHERE back.reverses_id = entry.id AND back.kind = 'reverse')
"""
_BALANCES = "CREATE TEMP TABLE balance ON COMMIT DROP AS {balances}"
_HOLD = (
    "SELECT merged_into_id FROM crm_customer WHERE id IN (SELECT customer_id FROM {whose}) ORDER BY id FOR KEY SHARE"
)
_LOCK = """
    SELECT id FROM loyalty_account WHERE customer_id IN (SELECT customer_id FROM {whose}) ORDER BY id FOR NO KEY UPDATE
"""
# Of the others nothing begins, ends or lapses before now.
_BEHIND = """
    SELECT id FROM loyalty_account AS account WHERE id = ANY (%(ids)s) AND (next_change_at <= %(at)s OR EXISTS (
           SELECT FROM loyalty_hold WHERE account_id = account.id AND status = 'open' AND expires_at <= %(at)s))
     ORDER BY id
"""
_BRING = """
    WITH told AS MATERIALIZED (
        SELECT account.id AS account_id, last_sequence + 1 AS sequence, balance.points, note,
               greatest(available_on::timestamp AT TIME ZONE %(zone)s, %(at)s) AS available_at,
               (expires_on + 1)::timestamp AT TIME ZONE %(zone)s AS expires_at,
               %(prefix)s::text || (SELECT count(*) FROM loyalty_entry AS entry
                               WHERE entry.account_id = account.id AND starts_with(entry.key, %(prefix)s)) AS key
          FROM balance JOIN loyalty_account AS account USING (customer_id) WHERE account.debt = 0
    ), written AS (
        INSERT INTO loyalty_entry (account_id, sequence, kind, points, effective_at, recorded_at, reason, note, actor,
                                   key, snapshot)
        SELECT account_id, sequence, 'opening', points, %(at)s, %(at)s, 'opening', note, %(actor)s, key, '{{}}'
          FROM told ORDER BY account_id
        RETURNING id, account_id
    ), opened AS (
        INSERT INTO loyalty_lot (account_id, entry_id, granted, remaining, held, available_at, expires_at)
        SELECT account_id, written.id, points, points, 0, available_at, expires_at
          FROM told JOIN written USING (account_id) ORDER BY account_id
    ), summed AS (
        UPDATE loyalty_account AS account
           SET available = available + CASE WHEN available_at > %(at)s THEN 0 ELSE points END,
               pending = pending + CASE WHEN available_at > %(at)s THEN points ELSE 0 END,
               last_sequence = sequence, as_of = greatest(as_of, %(at)s),
               next_change_at = least(next_change_at, expires_at,
                                      CASE WHEN available_at > %(at)s THEN available_at END)
          FROM told WHERE account.id = told.account_id
        RETURNING account.customer_id, told.points
    ), {events}
    SELECT id FROM written
"""
_OWING = """
    SELECT account.id, points, available_on, expires_on, note FROM balance
      JOIN loyalty_account AS account USING (customer_id) WHERE account.debt > 0 ORDER BY account.id
"""
# A card that was merged and taken apart has them in another lot: each is followed to where they lie whole.
_WHOLE = """
    CREATE TEMP TABLE whole ON COMMIT DROP AS
    WITH RECURSIVE line AS (
        SELECT entry.id AS entry_id, entry.account_id, lot.id AS lot_id, lot.account_id AS lies_in,
               lot.granted AS points, lot.remaining, lot.available_at
          FROM unnest(%(entries)s::bigint[]) AS brought (id)
          JOIN loyalty_entry AS entry USING (id) JOIN loyalty_lot AS lot ON lot.entry_id = entry.id
      UNION ALL
        SELECT line.entry_id, line.account_id, lot.id, lot.account_id, line.points, lot.remaining, lot.available_at
          FROM line JOIN loyalty_allocation AS part ON part.lot_id = line.lot_id AND part.points = line.points
          JOIN loyalty_entry AS gone ON gone.id = part.entry_id AND gone.kind = 'merge_out'
          JOIN loyalty_entry AS came ON came.reverses_id = gone.id AND came.kind = 'merge_in'
          JOIN loyalty_lot AS lot ON lot.entry_id = came.id
         WHERE line.remaining = 0
    )
    SELECT entry_id, account_id, customer_id, lot_id, points, available_at
      FROM line JOIN loyalty_account AS account ON account.id = account_id
     WHERE remaining = points AND lies_in = account_id
"""
_TOUCHED = """
    DELETE FROM whole USING loyalty_lot AS lot
     WHERE lot.id = lot_id AND (lot.remaining <> lot.granted OR lot.held <> 0)
"""
_TAKE_BACK = """
    WITH told AS MATERIALIZED (
        SELECT whole.*, last_sequence + 1 AS sequence, available_at > as_of AS unripe
          FROM whole JOIN loyalty_account AS account ON account.id = account_id
    ), written AS (
        INSERT INTO loyalty_entry (account_id, sequence, kind, points, effective_at, recorded_at, reason, note, actor,
                                   reverses_id, snapshot)
        SELECT account_id, sequence, 'reverse', -points, %(at)s, %(at)s, 'opening_undone', '', %(actor)s, entry_id,
               '{{}}'
          FROM told ORDER BY account_id
        RETURNING id, reverses_id
    ), allocated AS (
        INSERT INTO loyalty_allocation (entry_id, lot_id, points)
        SELECT written.id, lot_id, points FROM told JOIN written ON reverses_id = entry_id ORDER BY lot_id
    ), emptied AS (
        UPDATE loyalty_lot AS lot SET remaining = 0 FROM told WHERE lot.id = lot_id
    ), summed AS (
        UPDATE loyalty_account AS account
           SET available = available - CASE WHEN unripe THEN 0 ELSE points END,
               pending = pending - CASE WHEN unripe THEN points ELSE 0 END, last_sequence = sequence
          FROM told WHERE account.id = told.account_id
        RETURNING account.customer_id, -told.points AS points
    ), {events}
    SELECT reverses_id FROM written
"""
_EVENTS = """
    told_of AS (
        INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, data)
        SELECT 'points.adjusted', %(at)s, %(at)s, customer_id, %(actor)s, '',
               jsonb_build_object('points', points, 'reason', %(reason)s::text) FROM summed ORDER BY customer_id
        RETURNING id
    ), reactions AS (
        INSERT INTO crm_reaction (event_id, name, due_at, attempts, last_error)
        SELECT told_of.id, name, now(), 0, '' FROM told_of, unnest(%(reactions)s::text[]) AS name
    )
"""


class Moved(IntegrityError):
    """A card went into another one meanwhile: whoever is meant is looked for again."""


def prefix(source: str) -> str:
    """Of the keys of its entries; behind it stands how many were brought and taken back before."""
    return f"opening:{source}:"


def bring(balances: str, *, source: str, actor: str) -> list[int]:
    """`balances`: a SELECT of customer_id, points, available_on, expires_on, note; each customer once. Call it inside a
    transaction. Returns the entries."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.balance")
        cursor.execute(_BALANCES.format(balances=balances))
        cursor.execute("ANALYZE balance")
        _open_accounts(cursor)
        at = _locked(cursor, "balance")
        said = _said(at, actor, "opening") | {"prefix": prefix(source), "zone": str(zone())}
        cursor.execute(_OWING)
        owing = cursor.fetchall()
        cursor.execute(_BRING.format(events=_EVENTS), said)
        entries = [pk for (pk,) in cursor.fetchall()]
    entries += [_earn(row, source, actor, at) for row in owing]
    _wake(said)
    return entries


def _open_accounts(cursor: Any) -> None:
    """Customers are locked before accounts, everywhere."""
    _hold(cursor, "balance")
    known = {"customer_id": "customer_id", "as_of": "%(at)s", "next_change_at": "%(never)s"}
    statement = insert(Account, known, "FROM balance ORDER BY customer_id ON CONFLICT DO NOTHING")
    cursor.execute(statement, {"at": timezone.now(), "never": NEVER})


def _hold(cursor: Any, whose: str) -> list[int | None]:
    cursor.execute(_HOLD.format(whose=whose))
    goes_to = [pk for (pk,) in cursor.fetchall()]
    if whose == "balance" and any(goes_to):
        raise Moved
    return goes_to


def _locked(cursor: Any, whose: str) -> datetime:
    """From here on nobody else changes these points; they are up to the moment that is returned."""
    cursor.execute(_LOCK.format(whose=whose))
    ids = [pk for (pk,) in cursor.fetchall()]
    at = timezone.now()
    cursor.execute(_BEHIND, {"ids": ids, "at": at})
    behind = [pk for (pk,) in cursor.fetchall()]
    for start in range(0, len(behind), SOME):
        bring_up(behind[start : start + SOME], at)
    return at


def _earn(row: tuple[Any, ...], source: str, actor: str, at: datetime) -> int:
    account, points, available_on, expires_on, note = row
    begun = Entry.objects.filter(account=account, key__startswith=prefix(source)).count()
    earned = Account.objects.get(pk=account).earn(
        points,
        kind=Entry.Kind.OPENING,
        reason="opening",
        key=f"{prefix(source)}{begun}",
        available_at=available_on and datetime.combine(available_on, datetime.min.time(), tzinfo=zone()),
        expires_at=expires_on and end_of(expires_on),
        note=note,
        actor=actor,
        at=at,
    )
    return earned.pk


def take_back(entries: list[int], *, actor: str) -> list[int]:
    """Of points that are all there still; those that were spent, put aside or are over stay. Call it inside a
    transaction. Returns the entries that were taken back."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.whole")
        cursor.execute(_WHOLE, {"entries": entries})
        cursor.execute("ANALYZE whole")
        _hold(cursor, "whole")
        said = _said(_locked(cursor, "whole"), actor, "opening_undone")
        cursor.execute(_TOUCHED)
        cursor.execute(_TAKE_BACK.format(events=_EVENTS), said)
        gone = [pk for (pk,) in cursor.fetchall()]
    _wake(said)
    return gone


def _said(at: datetime, actor: str, reason: str) -> dict[str, Any]:
    reactions = import_string(settings.REACTIONS).get("points.adjusted", [])
    return {"at": at, "actor": actor, "reason": reason, "reactions": reactions}


def _wake(said: dict[str, Any]) -> None:
    if said["reactions"]:
        wake_relay()
