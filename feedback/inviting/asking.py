"""Many customers are asked at once, each for a cause of their own; the same cause again asks nobody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from feedback.models import Survey
from feedback.models.invitation import LASTS, Channel
from shop.models.job import wake_relay

PART = 5_000  # in one statement, which may not last for ever


@dataclass(frozen=True)
class Wish:
    customer: int
    cause: str
    due_at: datetime
    order: int | None = None
    complaint: int | None = None


# Cards that were merged or erased meanwhile are not asked; the one that stays has causes of its own.
_INVITE = """
    INSERT INTO feedback_invitation (customer_id, survey_id, version_id, cause, trigger, channel, batch, order_id,
                                     complaint_id, test, state, why, invited_at, due_at, expires_at, reminded)
    SELECT wish.customer, %(survey)s, %(version)s, wish.cause, %(trigger)s, %(channel)s, %(batch)s, wish.order_id,
           wish.complaint, false, 'waiting', '', %(now)s, wish.due_at, wish.due_at + %(lasts)s, 0
      FROM unnest(%(customers)s::bigint[], %(causes)s::text[], %(dues)s::timestamptz[], %(orders)s::bigint[],
                  %(complaints)s::bigint[]) AS wish (customer, cause, due_at, order_id, complaint)
      JOIN crm_customer AS card ON card.id = wish.customer AND card.merged_into_id IS NULL AND card.erased_at IS NULL
     ORDER BY wish.customer, wish.cause
    ON CONFLICT (cause) DO NOTHING
    RETURNING customer_id
"""


def invite_many(survey: Survey, trigger: str, wishes: Iterable[Wish], *, batch: str = "") -> int:
    """How many are asked now who were not. Whoever should have been asked a month ago is not asked any more."""
    now, version = timezone.now(), survey.version
    rows = [wish for wish in wishes if wish.due_at + LASTS > now]
    if not rows or version is None:
        return 0
    about: dict[str, Any] = {
        "survey": survey.pk,
        "version": version.pk,
        "trigger": trigger,
        "channel": Channel.EMAIL,
        "batch": batch,
        "now": now,
        "lasts": LASTS,
    }
    made = sum(_write(about, rows[begin : begin + PART]) for begin in range(0, len(rows), PART))
    if made and min(row.due_at for row in rows) <= now:
        wake_relay()
    return made


def _write(about: dict[str, Any], rows: Sequence[Wish]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_INVITE, {**about, **_columns(rows)})
        return int(cursor.rowcount)


def _columns(rows: Sequence[Wish]) -> dict[str, list[Any]]:
    return {
        "customers": [row.customer for row in rows],
        "causes": [row.cause for row in rows],
        "dues": [row.due_at for row in rows],
        "orders": [row.order for row in rows],
        "complaints": [row.complaint for row in rows],
    }
