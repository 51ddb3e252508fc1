"""What flags leave on timelines: for many at once, in one statement a kind."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from analytics.models import Flag, Generation
from crm.models import Event

PART = 5_000

_TELL = """
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, data)
    SELECT %(kind)s, %(now)s, %(now)s, customer, %(actor)s, '', data
      FROM unnest(%(customers)s::bigint[], %(data)s::jsonb[]) WITH ORDINALITY AS told (customer, data, place)
     ORDER BY place
    RETURNING id
"""


def tell(kind: str, rows: list[tuple[int, dict[str, Any]]], *, actor: str = "") -> None:
    """(customer, data) of each. Call it inside the transaction of the fact."""
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        customers, data = [customer for customer, _data in part], [Jsonb(data) for _customer, data in part]
        asked: dict[str, Any] = {
            "kind": kind,
            "now": timezone.now(),
            "actor": actor,
            "customers": customers,
            "data": data,
        }
        with connection.cursor() as cursor:
            cursor.execute(_TELL, asked)
            events = [pk for (pk,) in cursor.fetchall()]
        Event.call_for_reactions(kind, events)


def raised(rows: list[tuple[Any, ...]]) -> None:
    """customer, state, silent_days, usual_days."""
    names = ("state", "silent_days", "usual_days")
    tell("risk.raised", [(customer, dict(zip(names, rest, strict=True))) for customer, *rest in rows])


def cleared(rows: list[tuple[Any, ...]]) -> None:
    """customer, state, why, announced: of whom nobody was told, nobody is told that it ended."""
    told = [(customer, {"state": state, "why": why}) for customer, state, why, announced in rows if announced]
    tell("risk.cleared", told)


def release(by: Any, say: Callable[[int, int], None]) -> int:
    """Tell what was held back, some thousand at a time; stopped on the way, it goes on with the rest."""
    total, done = Flag.objects.held_back().count(), 0
    while part := _release_part():
        done += part
        say(done, max(total, done))
    return done


@transaction.atomic
def _release_part() -> int:
    rows = list(Flag.objects.held_back().select_for_update().order_by("pk")[:PART])
    raised([(one.customer_id, one.state, one.silent_days, one.usual_days) for one in rows])
    return Flag.objects.filter(pk__in=[one.pk for one in rows]).update(announced=True)


@transaction.atomic
def mark_released(by: Any) -> bool:
    """Who let it out, and when; once. From now on states are told again."""
    waiting = Generation.objects.filter(is_current=True, flags_held_back__gt=0, flags_released_at=None)
    held_back = waiting.values_list("flags_held_back", flat=True).first()
    if not held_back or not waiting.update(flags_released_at=timezone.now(), flags_released_by=by):
        return False
    Event.record("risk.released", actor=by.actor if by else "", count=held_back)
    return True
