"""What brings an invitation about by itself: an order, a complaint that is closed, a customer who seems lost, the time.

Each asks once per cause. Whether it is sent is decided when it is due (planning.py) and once more at sending.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.models import Complaint, Event, Order
from feedback.inviting.asking import Wish, invite_many
from feedback.models import Invitation, Response, Survey

Trigger = Invitation.Trigger
LOST = "likely_lost"


def after_orders(events: Iterable[Event]) -> int:
    """So many days after it was placed; what was cancelled or refunded by then is asked about when it is due."""
    ids = {event.order_id for event in events if event.order_id}
    orders = Order.objects.filter(pk__in=ids, cancelled_at=None).order_by("pk")
    rows = list(orders.values_list("pk", "customer_id", "placed_at"))
    made = 0
    for survey in Survey.objects.triggered_by(Survey.Trigger.ORDER):
        wait = timedelta(days=survey.delay_days)
        wishes = [Wish(who, f"order:{pk}:survey:{survey.pk}", at + wait, order=pk) for pk, who, at in rows]
        made += invite_many(survey, Trigger.ORDER, wishes)
    return made


def after_complaints(events: Iterable[Event]) -> int:
    """Of those that are closed still. Whose low score opened it is asked the same again, and nothing besides."""
    closed = _closed(events).exclude(Exists(Response.objects.filter(complaint=OuterRef("pk"))))
    made = 0
    for survey in Survey.objects.triggered_by(Survey.Trigger.COMPLAINT):
        made += invite_many(survey, Trigger.COMPLAINT, _of_complaints(closed, survey))
    return made


def _closed(events: Iterable[Event]) -> Any:
    ids = {event.subject_id for event in events if event.subject_id}
    return Complaint.objects.filter(pk__in=ids, closed_at__isnull=False).order_by("pk")


def _of_complaints(closed: Any, survey: Survey) -> list[Wish]:
    """Closed a second time it is asked about if it was not the first time."""
    out = Invitation.objects.filter(survey=survey, complaint=OuterRef("pk")).exclude(state="not_sent")
    wait = timedelta(days=survey.delay_days)
    return [
        Wish(
            one.customer_id,
            f"complaint:{one.pk}:{one.reopened}:survey:{survey.pk}",
            one.closed_at + wait,
            order=one.order_id,
            complaint=one.pk,
        )
        for one in closed.exclude(Exists(out))
    ]


def when_lapsed(events: Iterable[Event]) -> int:
    """Once for each time somebody is found to be likely lost."""
    lost = [event for event in events if event.customer_id and event.data.get("state") == LOST]
    made = 0
    for survey in Survey.objects.triggered_by(Survey.Trigger.LAPSE):
        wait = timedelta(days=survey.delay_days)
        wishes = [Wish(e.customer_id, f"lapse:{e.pk}:survey:{survey.pk}", e.at + wait) for e in lost if e.customer_id]
        made += invite_many(survey, Trigger.LAPSE, wishes)
    return made


# Who bought within a year and was not asked by this survey for so long; so many each night, who waits longest first,
# so that all of them are spread over the months.
_TURN = """
    WITH buyers AS (
        SELECT card.id, (SELECT max(coalesce(sent_at, invited_at)) FROM feedback_invitation AS asked
                          WHERE asked.customer_id = card.id AND asked.survey_id = %(survey)s
                            AND (asked.state <> 'not_sent' OR asked.invited_at > %(lately)s)) AS asked_at
          FROM crm_customer AS card
         WHERE card.merged_into_id IS NULL AND card.erased_at IS NULL AND card.left_out_at IS NULL
           AND EXISTS (SELECT FROM crm_order AS bought WHERE bought.customer_id = card.id
                        AND bought.cancelled_at IS NULL AND bought.placed_at BETWEEN %(year_ago)s AND %(settled)s)),
    share AS (SELECT ceil(count(*) / (%(months)s * 30.0))::int AS most FROM buyers)
    SELECT id FROM buyers WHERE asked_at IS NULL OR asked_at <= %(since)s
     ORDER BY asked_at NULLS FIRST, hashint8(id) LIMIT (SELECT most FROM share)
"""


def every_few_months(day: date, now: datetime | None = None) -> int:
    """Tonight's share of each survey that comes again. The day is part of the cause: a night done twice asks once."""
    now = now or timezone.now()
    return sum(_tonight(survey, day, now) for survey in Survey.objects.triggered_by(Survey.Trigger.EVERY))


@transaction.atomic
def _tonight(survey: Survey, day: date, now: datetime) -> int:
    turn = f"every:{survey.pk}:{day.isoformat()}"
    if Invitation.objects.filter(batch=turn).exists():
        return 0
    asked: dict[str, Any] = {
        "survey": survey.pk,
        "months": survey.every_months,
        "since": now - timedelta(days=30 * survey.every_months),
        "lately": now - timedelta(days=30),
        "year_ago": now - timedelta(days=365),
        "settled": now - timedelta(days=survey.delay_days),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TURN, asked)
        ids = [pk for (pk,) in cursor.fetchall()]
    wishes = [Wish(pk, f"every:{survey.pk}:{pk}:{day.isoformat()}", now) for pk in ids]
    return invite_many(survey, Trigger.EVERY, wishes, batch=turn)


# ---- And what takes it back ------------------------------------------------------------------------
def withdraw_of_orders(events: Iterable[Event]) -> int:
    """What was refunded or cancelled is not asked about."""
    ids = {event.order_id for event in events if event.order_id}
    gone = Order.objects.filter(Q(cancelled_at__isnull=False) | Q(refunded__gt=0), pk__in=ids)
    made = 0
    for pk, cancelled in gone.values_list("pk", "cancelled_at"):
        why = "order_cancelled" if cancelled else "order_refunded"
        made += withdraw(Invitation.objects.filter(order=pk, trigger=Trigger.ORDER), why)
    return made


def withdraw_of_complaints(events: Iterable[Event]) -> int:
    ids = {event.subject_id for event in events if event.subject_id}
    about = Invitation.objects.filter(complaint__in=ids, complaint__closed_at=None)
    return withdraw(about.filter(trigger__in=[Trigger.COMPLAINT, Trigger.REASK]), "complaint_reopened")


def withdraw(invitations: Any, why: str) -> int:
    """What waits is not sent; its mail leaves the queue by itself (mails.still_wanted)."""
    waiting = invitations.filter(state=Invitation.State.WAITING)
    return int(waiting.update(state=Invitation.State.NOT_SENT, why=why))
