"""What spending, putting aside and paying write, each in one statement: entry, lots, sums and event together.

The account is locked by an earlier statement: this one then sees all that others did before it had the lock.
"""

from loyalty.points import telling

# The lots that so many points come from, in spending order. Only the first few are looked at, so that a thousand lots
# cost no more than one; when those hold too little, nothing is found, nothing is written, and more are looked at.
PICK = """
open AS (
    SELECT id, remaining - held AS free,
           sum(remaining - held) OVER (ORDER BY expires_at, available_at, id) AS reached
      FROM (SELECT * FROM loyalty_lot
             WHERE account_id = %(account)s AND remaining > held AND available_at <= %(moment)s
               AND (expires_at IS NULL OR expires_at > %(moment)s)
             ORDER BY expires_at, available_at, id LIMIT %(slice)s) AS first_ones
), part AS (
    SELECT id AS lot_id, reached, least(free, %(points)s - (reached - free))::bigint AS points
      FROM open WHERE reached - free < %(points)s AND (SELECT max(reached) FROM open) >= %(points)s
)
"""

_ENTRY = """
    INSERT INTO loyalty_entry (account_id, sequence, kind, points, effective_at, recorded_at, order_id, reason, note,
                               actor, key, snapshot)
    SELECT %(account)s, {sequence}, 'redeem', -%(points)s, %(at)s, %(at)s, %(order)s::bigint, %(reason)s, %(note)s,
           %(actor)s, %(key)s, %(snapshot)s::jsonb
     {where} RETURNING id, sequence
"""
_TOLD = telling.sql(
    "points.spent", "whose", order="%(order)s::bigint", actor="%(actor)s",
    points="%(points)s::bigint", reason="%(reason)s::text",
)  # fmt: skip

SPEND = f"""
WITH PICK, entry AS (
    {_ENTRY.format(sequence="%(sequence)s", where="WHERE EXISTS (SELECT FROM part)")}
), taken AS (
    UPDATE loyalty_lot AS lot SET remaining = lot.remaining - part.points FROM part WHERE lot.id = part.lot_id
), allocated AS (
    INSERT INTO loyalty_allocation (entry_id, lot_id, points)
    SELECT entry.id, part.lot_id, part.points FROM entry CROSS JOIN part ORDER BY part.reached
), whose AS (
    SELECT %(customer)s::bigint AS customer_id FROM entry
), told AS (
    {_TOLD}
)
SELECT entry.id, entry.sequence, told.id FROM entry CROSS JOIN told
"""

PUT_ASIDE = """
WITH PICK, hold AS (
    INSERT INTO loyalty_hold (account_id, points, status, reference, key, opened_at, expires_at)
    SELECT %(account)s, %(points)s, 'open', %(reference)s, %(key)s, %(at)s, %(until)s
     WHERE EXISTS (SELECT FROM part) RETURNING id
), held AS (
    UPDATE loyalty_lot AS lot SET held = lot.held + part.points FROM part WHERE lot.id = part.lot_id
), parts AS (
    INSERT INTO loyalty_heldlot (hold_id, lot_id, points)
    SELECT hold.id, part.lot_id, part.points FROM hold CROSS JOIN part ORDER BY part.reached
)
SELECT id FROM hold
"""

# So many `points` of those put aside are spent, in the order in which they were taken; the rest is free again. Nothing
# is found, and nothing is written, when they are not put aside any more.
PAY = f"""
WITH part AS (
    SELECT id, lot_id, points AS held,
           greatest(least(points, %(points)s - (sum(points) OVER (ORDER BY id) - points)), 0)::bigint AS points
      FROM loyalty_heldlot
     WHERE hold_id = (SELECT id FROM loyalty_hold WHERE id = %(hold)s AND status = 'open')
), freed AS (
    UPDATE loyalty_lot AS lot SET held = lot.held - part.held, remaining = lot.remaining - part.points
      FROM part WHERE lot.id = part.lot_id
), whose AS (
    UPDATE loyalty_account
       SET held = held - %(held)s, available = available + %(held)s - %(points)s, last_sequence = last_sequence + 1
     WHERE id = %(account)s AND EXISTS (SELECT FROM part) RETURNING last_sequence, customer_id
), entry AS (
    {_ENTRY.format(sequence="last_sequence", where="FROM whose")}
), allocated AS (
    INSERT INTO loyalty_allocation (entry_id, lot_id, points)
    SELECT entry.id, part.lot_id, part.points FROM entry CROSS JOIN part WHERE part.points > 0 ORDER BY part.id
), ended AS (
    UPDATE loyalty_hold AS hold SET status = 'committed', ended_at = %(at)s, entry_id = entry.id
      FROM entry WHERE hold.id = %(hold)s
), told AS (
    {_TOLD}
)
SELECT entry.id, entry.sequence, told.id FROM entry CROSS JOIN told
"""
