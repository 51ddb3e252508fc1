"""What gunicorn loads beside the site in a race: takes one guard away, to see that it is what holds."""

import os
from typing import Any

GATE = 8_251_001
PASS = f"SELECT pg_advisory_xact_lock_shared({GATE})"  # whoever has looked waits for others (tests/races/gate.py)


def post_worker_init(worker: Any) -> None:
    name = os.environ.get("WITHOUT_GUARD", "")
    if name:
        {"points": _points, "codes": _codes}[name]()


def _points() -> None:
    """What could be spent is read first, and spent afterwards, whatever became of it meanwhile."""
    from django.db import connection

    from loyalty.models import Account

    def take(self: Any, points: int, at: Any, entries: int, held: int) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(PASS)  # several have looked before anybody takes
            cursor.execute(
                "UPDATE loyalty_account SET available = available - %s, held = held + %s,"
                " last_sequence = last_sequence + %s WHERE id = %s RETURNING last_sequence, greatest(as_of, %s)",
                [points, held, entries, self.pk, at],
            )
            return cursor.fetchone()

    Account._take_if_there = take  # type: ignore[method-assign]
    Account._PICK = (
        "part AS (SELECT min(id) AS lot_id, 1 AS reached, %(points)s::bigint AS points"
        " FROM loyalty_lot WHERE account_id = %(account)s)"
    )


def _codes() -> None:
    """The quote has looked whether a use is left; then it is taken without looking again."""
    from django.db import connection
    from django.db.models import F

    from loyalty.models import Grant

    def take(cls: Any, pk: int, at: Any, *, customer_id: int | None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(PASS)
        return bool(cls.objects.filter(pk=pk).update(taken=F("taken") + 1))

    Grant.take = classmethod(take)  # type: ignore[method-assign, assignment]
