"""What is due leaves the queue: claimed in batches, asked about once more, written and sent one by one.

Marketing is sent at most once: from the moment a message is marked as being sent, a worker that dies over it leaves
it unknown. Service mail is sent at least once: the next worker sends it again, under the same Message-ID.
"""

import logging
import smtplib
from datetime import timedelta
from typing import Any

from django.core.mail import get_connection
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from crm.mail import asking
from crm.mail.kinds import Later, mails, no_longer_true
from crm.mail.outgoing import Verdict, envelope, is_sendable, verdict
from crm.mail.rendering import Rendered, render
from crm.mail.texts import NoText
from crm.models import Message, Suppression
from shop.models import Setting

log = logging.getLogger(__name__)

BATCH = 200
LANES = 4  # workers that send at the same time
LEASE = timedelta(minutes=5)
ATTEMPTS = 5
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480)]
AWAY = timedelta(minutes=1)

# An array, for it is made once: of "IN (SELECT … LIMIT …)" the planner may ask anew for every row, and take more.
_CLAIM = """
    UPDATE crm_message SET lease_until = %(lease)s
     WHERE id = ANY (ARRAY(
        SELECT id FROM crm_message
         WHERE state = 'queued' AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)
         ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED))
    RETURNING id
"""


def due() -> list[tuple[str, list[Any]]]:
    """One wake-up per batch that waits, and one when a worker died over a message."""
    waiting = 0 if Setting.get("mail.held") else Message.objects.due()[: LANES * BATCH].count()
    lanes = -(-waiting // BATCH) or int(_left_behind().exists())
    return [("crm.send_mail", [lane]) for lane in range(lanes)]


def send_due(*, batches: int = 50) -> int:
    """Returns how many were taken up."""
    settle_what_was_left_behind()
    taken = 0
    for _ in range(0 if Setting.get("mail.held") else batches):
        claimed = claim()
        if not claimed:
            break
        taken += len(claimed)
        if not send_batch(claimed):
            break
    return taken


def claim() -> list[Message]:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "lease": now + LEASE, "most": BATCH})
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(Message.objects.filter(pk__in=ids).select_related("customer").order_by("due_at", "pk"))


def send_batch(claimed: list[Message]) -> bool:
    """False: the mail server is away; what was claimed waits a minute."""
    server = get_connection()
    wanted = still_wanted(claimed)
    try:
        for place, message in enumerate(wanted):
            if not _reach(server):
                give_back(wanted[place:])
                return False
            send(message, server)
    finally:
        _hang_up(server)
    return True


def _reach(server: Any) -> bool:
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("the mail server does not answer", extra={"error": type(error).__name__})
        return False
    return True


def _hang_up(server: Any) -> None:
    try:
        server.close()
    except (OSError, smtplib.SMTPException):
        log.info("the mail server had hung up")


def give_back(claimed: list[Message]) -> None:
    until = timezone.now() + AWAY
    for message in claimed:
        message.wait(until, "server_away")


def still_wanted(claimed: list[Message]) -> list[Message]:
    """Without those whose cause is gone: bought meanwhile, flag closed. Each room says so of its own mails."""
    gone: dict[int, str | Later] = {}
    unknown: dict[int, Exception] = {}
    for mail in mails().values():
        mine = [message for message in claimed if message.template == mail.name]
        try:
            with transaction.atomic():
                gone |= no_longer_true(mail, mine) if mine else {}
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # a fault of one sort of mail must not hold up the others
            log.exception("nobody knows what is still true", extra={"mail": mail.name})
            unknown |= {message.pk: error for message in mine}
    for message in claimed:
        if message.pk in unknown:
            stumbled(message, unknown[message.pk])
        elif message.pk in gone:
            _let_go(message, gone[message.pk])
    return [message for message in claimed if message.pk not in gone and message.pk not in unknown]


def _let_go(message: Message, why: str | Later) -> None:
    if isinstance(why, Later):
        message.wait(why.until, why.why)
    else:
        message.end(Message.State.NOT_SENT, why)


def send(message: Message, server: Any) -> None:
    try:
        rendered = begin(message)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("a mail could not be written", extra={"mail": message.pk})
        stumbled(message, error)
        return
    if rendered is None:
        return
    mail = envelope(message, rendered, server)
    try:
        server.send_messages([mail])
    except Exception as error:
        _hang_up(server)
        failed(message, error)
    else:
        number = getattr(getattr(mail, "anymail_status", None), "message_id", None)
        message.end(Message.State.SENT, provider_id=str(number or "")[:200])


@transaction.atomic
def begin(message: Message) -> Rendered | None:
    """Ask once more, write the mail and mark it as being sent; None: it does not go now."""
    if not asking.may_go_now(message):
        return None
    try:
        rendered = render(message)
    except (NoText, LookupError):
        message.end(Message.State.NOT_SENT, "no_text")
        return None
    written = {**rendered.without_secrets(), "version": rendered.text_used.version}
    kept = {"address": message.address, "language": rendered.text_used.language, **written}
    if not is_sendable(message.address):
        message.end(Message.State.NOT_SENT, "no_address")
        return None
    if not message.begin(timezone.now() + LEASE, **kept):
        transaction.set_rollback(True)  # the links made for it, and its place in the budget, are not needed
        return None
    return rendered


def failed(message: Message, error: Exception) -> None:
    # Only the kind of error: what a mail server says quotes addresses.
    name = type(error).__name__
    log.warning("a mail was not sent", extra={"mail": message.pk, "error": name})
    meaning = verdict(error)
    if meaning is Verdict.UNCLEAR and not message.is_service:
        message.end(Message.State.UNKNOWN, "unclear", last_error=name)
    elif meaning is Verdict.NO_SUCH_ADDRESS:
        Suppression.note(message.address, "hard", cause=f"{message.message_id} {message.attempts}")
        message.end(Message.State.BOUNCED, "hard", last_error=name)
    elif meaning is Verdict.REFUSED:
        asking.give_back(message)
        message.end(Message.State.NOT_SENT, "refused", last_error=name)
    elif message.attempts >= ATTEMPTS:
        asking.give_back(message)
        message.end(Message.State.NOT_SENT, "gave_up", last_error=name)
    else:
        asking.give_back(message)
        message.wait(timezone.now() + BACKOFF[message.attempts - 1], "server_away", last_error=name)


def stumbled(message: Message, error: Exception) -> None:
    """Our own fault, before anything left the house: tried again, and given up after five times."""
    message.attempts += 1
    known = {"attempts": message.attempts, "last_error": type(error).__name__}
    if message.attempts >= ATTEMPTS:
        message.end(Message.State.NOT_SENT, "no_text", **known)
    else:
        message.wait(timezone.now() + BACKOFF[message.attempts - 1], "", **known)


def _left_behind() -> Any:
    return Message.objects.filter(state=Message.State.SENDING, lease_until__lt=timezone.now())


def settle_what_was_left_behind() -> int:
    """A worker died between the mark and the end: service mail goes again, the rest may be out already."""
    settled = 0
    for message in _left_behind().order_by("pk")[:BATCH]:
        if not message.is_service:
            settled += message.end(Message.State.UNKNOWN, "worker_died")
        elif message.attempts >= ATTEMPTS:
            settled += message.end(Message.State.NOT_SENT, "gave_up")
        else:
            settled += message.wait(timezone.now(), "")
    return settled
