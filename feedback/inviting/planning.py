"""Invitations that are due become mails, wait with a reason and a day, or are not sent, with the reason.

Some thousand at a time and all at once: what must still be so, the contact budget, the quiet hours of each. Every mail
is asked about once more when it leaves (crm/mail/asking.py), where its place in the budget is taken.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from crm.contact import budget
from crm.contact.quiet import outside_quiet_hours
from crm.contact.standing import Purpose
from crm.mail.queueing import Wish, queue_many
from crm.models import Customer, Message
from feedback.inviting import conditions
from feedback.models import Invitation
from feedback.models.invitation import Channel

State, Trigger = Invitation.State, Invitation.Trigger
BATCH, LANES = 2000, 4
MAIL, REASK = "survey_invitation", "survey_again"
TAKE_BACK = (Trigger.SEGMENT, Trigger.HAND)  # somebody sent it: it waits a minute, and Undo works until then
ANOTHER = timedelta(days=1)


class Fate(NamedTuple):
    """What becomes of one: a message, another day, or nothing."""

    invitation: int
    state: str
    why: str = ""
    due_at: datetime | None = None
    message: int | None = None


_WRITE = """
    UPDATE feedback_invitation AS asked
       SET state = fate.state, why = fate.why, due_at = coalesce(fate.due_at, asked.due_at), message_id = fate.message
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::bigint[])
           AS fate (id, state, why, due_at, message)
     WHERE asked.id = fate.id AND asked.state = 'waiting'
"""


def due() -> list[tuple[str, list[Any]]]:
    """What the relay finds to do."""
    waiting = _due()[: LANES * BATCH].count()
    return [("feedback.plan_invitations", [lane]) for lane in range(-(-waiting // BATCH))]


def plan_due(*, batches: int = 50) -> int:
    """Returns how many were looked at. Workers never take the same rows."""
    looked = 0
    for _ in range(batches):
        some = plan_some()
        if not some:
            break
        looked += some
    return looked


@transaction.atomic
def plan_some() -> int:
    rows = list(_claimed(_due().order_by("due_at", "pk"))[:BATCH])
    plan(rows)
    return len(rows)


@transaction.atomic
def plan_now(invitation: Invitation) -> Invitation:
    """Of one that somebody sends by hand, so that they see at once what becomes of it."""
    plan(list(_claimed(_due().filter(pk=invitation.pk))))
    invitation.refresh_from_db()
    return invitation


def _claimed(rows: Any) -> Any:
    return rows.select_for_update(skip_locked=True, of=("self",))


def _due() -> Any:
    return Invitation.objects.due().filter(channel=Channel.EMAIL, test=False)


def plan(rows: Sequence[Invitation]) -> None:
    if not rows:
        return
    now, gone = timezone.now(), conditions.gone(rows)
    still = conditions.paused(rows)
    fates = [Fate(one.pk, State.NOT_SENT, gone[one.pk]) for one in rows if one.pk in gone]
    left = [one for one in rows if one.pk not in gone]
    fates += [Fate(one.pk, State.WAITING, "survey_paused", now + conditions.AGAIN) for one in left if one.pk in still]
    fates += _asked([one for one in left if one.pk not in still], now)
    _write(fates)


def _asked(rows: Sequence[Invitation], now: datetime) -> list[Fate]:
    """The contact budget for all of them; of several to one customer the first goes."""
    ids = sorted({one.customer_id for one in rows})
    answers = budget.answers(ids, budget.Asked(Purpose.FEEDBACK, now))
    cards = {pk: (zone, words) for pk, zone, words in _cards(ids)}
    busy, fates, wishes = _on_their_way(ids), [], {}
    awake = cache(outside_quiet_hours)  # most are asked about this moment, in few zones
    for one in rows:
        zone, language = cards[one.customer_id]
        fate = _fate(one, answers[one.customer_id], partial(awake, zone_name=zone), now)
        if fate is None and one.customer_id in busy:
            fate = Fate(one.pk, State.WAITING, "another_first", now + ANOTHER)
        if fate is None:
            busy.add(one.customer_id)
            batch = one.batch if one.trigger in TAKE_BACK else ""
            address = answers[one.customer_id].address
            wishes[one.pk] = (template(one), Wish(one.customer_id, cause(one.pk), address, language, batch=batch))
        else:
            fates.append(fate)
    return fates + _queued(wishes)


def _fate(one: Invitation, answer: budget.Answer, awake: Callable[[datetime], datetime], now: datetime) -> Fate | None:
    """None: it may go now."""
    if not answer.allowed and answer.from_ is None:
        return Fate(one.pk, State.NOT_SENT, answer.why)
    moment = awake(answer.from_ or now)
    if answer.allowed and moment == now:
        return None
    if moment >= one.expires_at:
        return Fate(one.pk, State.NOT_SENT, answer.why or "quiet_hours")
    return Fate(one.pk, State.WAITING, answer.why or "quiet_hours", moment)


def _cards(ids: Sequence[int]) -> Any:
    return Customer.objects.filter(pk__in=ids).values_list("pk", "time_zone", "language")


def _on_their_way(ids: Sequence[int]) -> set[int]:
    """To whom a survey is queued already: its place in the budget is taken only when it leaves."""
    queued = Message.objects.queued().filter(customer__in=ids, purpose=Purpose.FEEDBACK)
    return set(queued.values_list("customer_id", flat=True))


def _queued(wishes: dict[int, tuple[str, Wish]]) -> list[Fate]:
    fates = []
    for name in sorted({name for name, _wish in wishes.values()}):
        mine = {pk: wish for pk, (mail, wish) in wishes.items() if mail == name}
        messages = queue_many(Purpose.FEEDBACK, name, list(mine.values()))
        fates += [Fate(pk, State.WAITING, "", None, messages[wish.cause]) for pk, wish in mine.items()]
    return fates


def template(invitation: Invitation) -> str:
    return REASK if invitation.trigger == Trigger.REASK else MAIL


def cause(invitation: int) -> str:
    return f"invitation:{invitation}"


def _write(fates: Sequence[Fate]) -> None:
    columns = [list(column) for column in zip(*sorted(fates), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)
