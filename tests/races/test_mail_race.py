"""Workers that send at the same time, and Undo against a worker. Each guard is taken away too."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock, local

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, connections

from crm.mail import sending
from crm.models import Message
from tests import build

WORKERS = 8
pytestmark = pytest.mark.django_db(transaction=True)


class Sent:
    """What went out, however many workers sent it."""

    def __init__(self):
        self.lock, self.mails = Lock(), Counter()

    def backend(self, *_, **__):
        sent = self

        class Backend(BaseEmailBackend):
            def send_messages(self, mails):
                with sent.lock:
                    sent.mails.update(mail.extra_headers["Message-ID"] for mail in mails)
                return len(mails)

        return Backend()


@pytest.fixture
def sent(monkeypatch):
    sent = Sent()
    monkeypatch.setattr(sending, "get_connection", sent.backend)
    return sent


def at_once(workers, do):
    gate = Barrier(workers)

    def one(number):
        try:
            gate.wait(300)
            return do(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(workers)))


def waiting(count):
    return [build.message(build.customer(f"C {n}", email=f"c{n}@people.example")) for n in range(count)]


UNGUARDED_CLAIM = sending._CLAIM.replace("FOR UPDATE SKIP LOCKED", "").replace(
    "AND (lease_until IS NULL OR lease_until < %(now)s)", ""
)


@pytest.fixture
def without_the_guard(monkeypatch):
    """Look, then send: no row is claimed, and the mark does not ask whose it is."""
    monkeypatch.setattr(sending, "_CLAIM", UNGUARDED_CLAIM)

    def begin(self, lease_until, **written):
        mine = Message.objects.filter(pk=self.pk).exclude(state="sent")
        return bool(mine.update(state="sending", lease_until=lease_until, **written))

    monkeypatch.setattr(Message, "begin", begin)


@pytest.mark.parametrize("guarded", [True, False])
def test_parallel_workers_send_each_mail_once(guarded, sent, request, monkeypatch):
    messages = waiting(40)
    if not guarded:
        request.getfixturevalue("without_the_guard")
    gate, looked, plain = Barrier(WORKERS), local(), sending.claim

    def claimed_together():
        """Nobody begins to send before everybody has looked once."""
        found = plain()
        if not hasattr(looked, "once"):
            looked.once = True
            gate.wait(300)
        return found

    monkeypatch.setattr(sending, "claim", claimed_together)
    at_once(WORKERS, lambda _number: sending.send_due())

    if guarded:
        assert set(sent.mails.values()) == {1}
        assert len(sent.mails) == len(messages)
        assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    else:
        assert max(sent.mails.values()) > 1


@pytest.mark.parametrize("guarded", [True, False])
def test_undo_against_a_worker_ends_in_one_of_the_two(guarded, sent, monkeypatch):
    """The worker stops between having looked and marking; Undo runs there."""
    (message,) = waiting(1)
    (claimed,) = sending.claim()
    if not guarded:

        def begin(self, lease_until, **written):
            return bool(Message.objects.filter(pk=self.pk).update(state="sending", lease_until=lease_until, **written))

        monkeypatch.setattr(Message, "begin", begin)

    with ThreadPoolExecutor(1) as other:
        taken_back = other.submit(_elsewhere, lambda: Message.objects.filter(pk=message.pk).take_back()).result(300)
    sending.send(claimed, sent.backend())

    message.refresh_from_db()
    assert taken_back == 1
    if guarded:
        assert (message.state, message.why, sum(sent.mails.values())) == ("not_sent", "taken_back", 0)
    else:
        assert sum(sent.mails.values()) == 1


def _elsewhere(do):
    try:
        return do()
    finally:
        connection.close()


def test_undo_and_eight_workers_at_once_leave_no_mail_both_sent_and_taken_back(sent):
    messages = waiting(60)

    def one(number):
        return Message.objects.all().take_back() if number == 0 else sending.send_due()

    taken_back = at_once(WORKERS, one)[0]

    states = Counter(Message.objects.values_list("state", flat=True))
    assert states["not_sent"] == taken_back
    assert states["sent"] == len(sent.mails) == len(messages) - taken_back
    gone = set(Message.objects.filter(state="not_sent").values_list("message_id", flat=True))
    assert gone.isdisjoint(sent.mails)


def test_the_same_cause_queued_at_once_is_one_message(db):
    customer = build.customer("Ana", email="ana@people.example")

    found = at_once(WORKERS, lambda _n: Message.queue(customer, "service", "preferences_link", "one").pk)

    assert len(set(found)) == 1
    assert Message.objects.count() == 1
