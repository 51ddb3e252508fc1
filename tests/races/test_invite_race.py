"""Workers that look at the same invitations at once, and events heard by several at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

import pytest
from django.db import connections

from crm.mail import sending
from crm.models import ContactSlot, Message
from feedback.inviting import planning
from shop.models import Setting
from tests import build

WORKERS = 6
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(do):
    gate = Barrier(WORKERS)

    def one(number):
        try:
            gate.wait(300)
            return do(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def asked(customers, surveys=1):
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)
    surveys = [build.survey("nps") for _ in range(surveys)]
    for n in range(customers):
        who = build.customer(f"C {n}", email=f"c{n}@people.example")
        build.order(who)
        for survey in surveys:
            build.invitation(who, survey, sent=False)


@pytest.mark.parametrize("guarded", [True, False])
def test_parallel_workers_make_one_mail_of_each_invitation(guarded, monkeypatch):
    asked(20)
    if not guarded:
        numbers = count()
        monkeypatch.setattr(planning, "_claimed", lambda rows: rows)
        monkeypatch.setattr(planning, "cause", lambda pk: f"invitation:{pk}:{next(numbers)}")
        gate, plain = Barrier(WORKERS), planning._on_their_way

        def looked_together(ids):
            """Nobody writes before everybody has looked."""
            found = plain(ids)
            gate.wait(300)
            return found

        monkeypatch.setattr(planning, "_on_their_way", looked_together)
    at_once(lambda _number: planning.plan_some())

    mails = Counter(Message.objects.values_list("customer", flat=True))
    assert len(mails) == 20
    assert (max(mails.values()) == 1) == guarded


def test_workers_that_plan_and_send_at_once_stay_within_the_budget():
    asked(15, surveys=3)

    def work(_number):
        planning.plan_due()
        sending.send_due()

    at_once(work)

    sent = Counter(Message.objects.filter(state="sent").values_list("customer", flat=True))
    assert len(sent) == 15
    assert max(sent.values()) == 1
    assert ContactSlot.objects.count() == 15
