"""Whoever has not answered is reminded, as often as the survey says: once, if nobody chose otherwise."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.contact import budget
from crm.contact.standing import Purpose
from crm.mail.queueing import Wish, queue_many
from crm.models import Customer
from feedback.inviting.planning import cause
from feedback.models import Invitation
from feedback.models.invitation import Channel

MAIL = "survey_reminder"
BATCH = 2000
DAY = Value(timedelta(days=1), DurationField())


def remind(now: datetime | None = None) -> int:
    """The night's work. Who may not be written to now is looked at again the next night, until the form closes."""
    now = now or timezone.now()
    reminded, last = 0, 0
    while True:
        with transaction.atomic():
            rows = list(_to_remind(now).filter(pk__gt=last).order_by("pk").select_for_update(of=("self",))[:BATCH])
            if not rows:
                return reminded
            reminded += _remind(rows, now)
        last = rows[-1].pk


def _to_remind(now: datetime) -> Any:
    """A mail that came back, and a survey that stands still, bring none."""
    since = ExpressionWrapper(
        Coalesce("reminded_at", "sent_at") + F("survey__reminder_days") * DAY, output_field=DateTimeField()
    )
    sent = Invitation.objects.filter(
        state=Invitation.State.SENT, channel=Channel.EMAIL, test=False, expires_at__gt=now + timedelta(days=1)
    )
    running = sent.filter(survey__started_at__isnull=False, survey__paused_at=None, survey__archived_at=None)
    return running.alias(since=since).filter(since__lte=now, reminded__lt=F("survey__reminders"), message__state="sent")


def _remind(rows: Sequence[Invitation], now: datetime) -> int:
    ids = sorted({one.customer_id for one in rows})
    answers = budget.answers(ids, budget.Asked(Purpose.FEEDBACK, now, reminding=True))
    languages = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "language"))
    allowed = [one for one in rows if answers[one.customer_id].allowed]
    wishes = [
        Wish(
            one.customer_id,
            f"{cause(one.pk)}:reminder:{one.reminded + 1}",
            answers[one.customer_id].address,
            languages[one.customer_id],
        )
        for one in allowed
    ]
    queue_many(Purpose.FEEDBACK, MAIL, wishes)
    mine = Invitation.objects.filter(pk__in=[one.pk for one in allowed])
    return mine.update(reminded=F("reminded") + 1, reminded_at=now)
