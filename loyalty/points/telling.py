"""Events of the ledger, written by the statement that changes the points."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from crm.events.kinds import KINDS
from crm.models import Event

_EVENT = """
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, order_id, actor, subject_type, data)
    SELECT '{kind}', %(at)s, %(recorded_at)s, customer_id, {order}, {actor}, '', jsonb_build_object({data})
      FROM {rows}
 RETURNING id, customer_id
"""


def sql(kind: str, rows: str, *, order: str = "NULL::bigint", actor: str = "''", **data: str) -> str:
    """An INSERT of an event for each of `rows` (a CTE with customer_id); `data`: an expression for each of its keys."""
    if set(data) != set(KINDS[kind].keys):
        raise ValueError(f"{kind} carries {KINDS[kind].keys}, not {tuple(data)}")
    told = ", ".join(f"'{name}', {expression}" for name, expression in data.items())
    return _EVENT.format(kind=kind, rows=rows, order=order, actor=actor, data=told).strip()


def common() -> dict[str, Any]:
    """What such a statement is given beside `at`."""
    return {"recorded_at": timezone.now()}


def follow(kind: str, events: Sequence[int]) -> None:
    """What reacts to them is called for."""
    if events:
        Event.call_for_reactions(kind, events)
