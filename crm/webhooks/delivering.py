"""What is due goes out: claimed a few for each webhook, sent side by side, noted one by one.

At least once: a worker that dies over a delivery leaves it leased, and the next sends it again under the same number.
One address that takes calls and never answers keeps nobody else waiting: it holds six lines at most, and after the
first silence it rests, and is then tried with one.
"""

import logging
import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from crm.models import Delivery, DeliveryAttempt
from crm.webhooks import payload, signing
from shop.outgoing.client import TIME, Answer, post
from shop.outgoing.guard import lan_hosts
from shop.sealing import Unreadable
from shop.typed import number_in

log = logging.getLogger(__name__)

LINES = 16  # requests under way in one worker
LINES_EACH = 6  # to one webhook, over all workers
TURN = 45.0  # seconds after which a worker is free for other work
LEASE = timedelta(seconds=60)
LOOK = 0.5  # seconds between two looks for more while requests are under way
SHOWN = 4000  # characters of an answer that are kept
SCHEDULE = [
    *(timedelta(seconds=s) for s in (5, 30)),
    *(timedelta(minutes=m) for m in (2, 5, 15, 30)),
    *(timedelta(hours=h) for h in (1, 2, 3, 5, 8, 10, 14, 20, 24)),
]
LONGEST_PAUSE = timedelta(hours=1)
OLDEST = timedelta(days=5)  # what could not be tried for so long is parked

_OPEN = """
    delivery.state = 'waiting' AND delivery.due_at <= %(now)s
    AND (delivery.lease_until IS NULL OR delivery.lease_until < %(now)s)
"""
_FREE = f"""
    (CASE WHEN webhook.silences > 0 THEN 1 ELSE {LINES_EACH} END
     - (SELECT count(*) FROM crm_delivery AS busy
         WHERE busy.webhook_id = webhook.id AND busy.state = 'waiting' AND busy.lease_until >= %(now)s))
"""
_READY = "webhook.state = 'live' AND (webhook.rest_until IS NULL OR webhook.rest_until <= %(now)s)"

_CLAIM = f"""
    WITH picked AS MATERIALIZED (
        SELECT one.id FROM crm_webhook AS webhook CROSS JOIN LATERAL (
            SELECT delivery.id, delivery.due_at FROM crm_delivery AS delivery
             WHERE delivery.webhook_id = webhook.id AND {_OPEN}
             ORDER BY delivery.due_at, delivery.id LIMIT greatest({_FREE}, 0) FOR UPDATE SKIP LOCKED
        ) AS one
         WHERE {_READY}
         ORDER BY one.due_at, one.id LIMIT %(lines)s
    )
    UPDATE crm_delivery SET lease_until = %(lease)s, attempts = attempts + 1
     WHERE id IN (SELECT id FROM picked)
    RETURNING id
"""
_DUE = f"""
    SELECT EXISTS (SELECT FROM crm_webhook AS webhook
                    WHERE {_READY} AND {_FREE} > 0
                      AND EXISTS (SELECT FROM crm_delivery AS delivery
                                   WHERE delivery.webhook_id = webhook.id AND {_OPEN}))
"""


def due() -> list[tuple[str, list[Any]]]:
    """One wake-up, when there is something that may go now."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": timezone.now()})
        return [("crm.deliver", [])] if cursor.fetchone()[0] else []


def deliver_due(turn: float = TURN) -> int:
    """Returns how many attempts were made. Only this thread talks to the database."""
    ends, made = time.monotonic() + turn, 0
    flying: dict[Future[Answer], tuple[Delivery, datetime]] = {}
    with ThreadPoolExecutor(LINES, thread_name_prefix="webhook") as lines:
        while True:
            claimed = claim(LINES - len(flying)) if time.monotonic() < ends else []
            lan = lan_hosts() if claimed else frozenset()
            for delivery in claimed:
                flying[_send(lines, delivery, lan)] = (delivery, timezone.now())
            if not flying:
                return made
            over, _rest = wait(flying, LOOK, FIRST_COMPLETED)
            for answered in over:
                delivery, at = flying.pop(answered)
                note(delivery, answered.result(), at)
                made += 1


@transaction.atomic
def claim(lines: int) -> list[Delivery]:
    """The oldest of each webhook that may take more, ours for the length of a lease, with what they say."""
    if lines <= 0:
        return []
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "lease": now + LEASE, "lines": lines})
        ids = [pk for (pk,) in cursor.fetchall()]
    if not ids:
        return []
    rows = Delivery.objects.filter(pk__in=ids).select_related("webhook", "event__order")
    claimed = list(rows.order_by("due_at", "pk"))
    written = payload.bodies(delivery for delivery in claimed if not delivery.body)
    for delivery in claimed:
        delivery.body = delivery.body or written[delivery.pk]
    Delivery.objects.bulk_update([d for d in claimed if d.pk in written], ["body"])
    return claimed


def _send(lines: ThreadPoolExecutor, delivery: Delivery, lan: frozenset[str]) -> "Future[Answer]":
    """The signature is of this attempt; the number and the words stay those of the first."""
    text = delivery.body.encode()
    try:
        headers = signing.headers(str(delivery), timezone.now(), text, delivery.webhook.live_secrets())
    except Unreadable:
        return lines.submit(Answer, trouble="secret")
    until = time.monotonic() + LEASE.total_seconds() - 2 * TIME
    return lines.submit(_post, delivery.webhook.url, text, headers, lan, until)


def _post(url: str, text: bytes, headers: dict[str, str], lan: frozenset[str], until: float) -> Answer:
    """Not when our time with it is nearly over: by then somebody else may have it."""
    if time.monotonic() > until:
        return Answer(trouble="late")
    return post(url, text, headers, lan=lan)


def note(delivery: Delivery, answer: Answer, at: datetime) -> bool:
    """What became of one attempt. False: the lease was over, and it is somebody else's."""
    if not _write_down(delivery, answer, at):
        return False
    _tell_the_webhook(delivery, answer)  # apart: who holds a delivery must not wait for its webhook
    if not answer.is_good:
        said = {"delivery": delivery.pk, "webhook": delivery.webhook_id, "status": answer.status}
        log.warning("a webhook was not delivered", extra={**said, "error": answer.trouble})
    return True


@transaction.atomic
def _write_down(delivery: Delivery, answer: Answer, at: datetime) -> bool:
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, lease_until=delivery.lease_until)
    if not mine.update(**_outcome(delivery, answer)):
        return False
    DeliveryAttempt.objects.create(
        delivery=delivery,
        at=at,
        status=answer.status or None,
        trouble=answer.trouble,
        took_ms=answer.took_ms,
        answer=answer.text.replace("\0", "")[:SHOWN],
    )
    return True


def _outcome(delivery: Delivery, answer: Answer) -> dict[str, Any]:
    now = timezone.now()
    values = {"lease_until": None, "status": answer.status or None, "trouble": answer.trouble}
    if answer.is_good:
        return {**values, "state": Delivery.State.DELIVERED, "ended_at": now}
    if delivery.attempts > len(SCHEDULE):
        return {**values, "state": Delivery.State.FAILED, "ended_at": now}
    pause = SCHEDULE[delivery.attempts - 1]
    return {**values, "due_at": now + pause * random.uniform(1, 1.1)}  # noqa: S311  (spreads a crowd)


def _tell_the_webhook(delivery: Delivery, answer: Answer) -> None:
    webhook = delivery.webhook
    if answer.status == 410:
        webhook.end_as_gone()
    elif answer.status:
        webhook.answered(_asked_to_wait(answer))
    elif answer.trouble not in ("late", "secret"):
        webhook.was_silent()


def _asked_to_wait(answer: Answer) -> datetime | None:
    """Retry-After in seconds, of somebody who has too much to do."""
    after = number_in(answer.headers.get("retry-after", ""), digits=8)
    if answer.status not in (429, 503) or after is None:
        return None
    return timezone.now() + min(timedelta(seconds=after), LONGEST_PAUSE)


def park_the_old() -> int:
    """What waited for days behind a silent or paused address; staff can send it once the address answers again."""
    return Delivery.objects.filter(due_at__lt=timezone.now() - OLDEST).park("too_old")
