"""Eight workers and ten thousand random wishes to write. The guard is taken away too, to see that it is what holds."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier, BrokenBarrierError, local

import pytest
from django.db import connection

from crm.contact import budget
from crm.models import Consent, ContactSlot
from shop.models import Setting
from tests import build

WORKERS = 8
BEGIN = datetime(2026, 3, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(db):
    """Thirty, every third of whom shares an address with the one before."""
    Setting.put("contact.quiet_until", Setting.get("contact.quiet_from"))
    everyone = []
    for number in range(30):
        person = build.customer(f"Person {number}", email=f"p{number - (number % 3 == 2)}@people.example")
        build.order(person)
        address = person.identifiers.get().normalised
        choices = {"offers": "given", "birthday": "given"}
        Consent.say(person, "email", address, choices, method="phone", wording="Yes.")
        everyone.append(person)
    return everyone


def in_parallel(work, things):
    """Eight threads with connections of their own; each takes the next thing."""
    queue = iter(things)

    def worker(_):
        try:
            with Setting.read_once():
                for thing in queue:
                    work(thing)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(worker, range(WORKERS)))


def most_within(moments, days):
    """The fullest window of so many days."""
    moments = sorted(moments)
    return max((sum(1 for m in moments if at <= m < at + timedelta(days=days)) for at in moments), default=0)


def broken_caps(people):
    """(who, which cap) that was broken; a family that shares an address counts as one."""
    wrong = []
    for person in people:
        address = person.identifiers.get().normalised
        for slots in (ContactSlot.objects.filter(customer=person), ContactSlot.objects.filter(address=address)):
            feedback = [slot.at for slot in slots if slot.purpose == "feedback"]
            marketing = [slot.at for slot in slots if slot.purpose in budget.MARKETING]
            found = {
                "surveys": most_within(feedback, 30) > 1,
                "marketing in 7": most_within(marketing, 7) > 1,
                "marketing in 30": most_within(marketing, 30) > 4,
                "all in 30": most_within(feedback + marketing, 30) > 5,
            }
            wrong += [(person.pk, name) for name, broken in found.items() if broken]
    return wrong


def first_looked_together(look):
    """No worker writes before every worker has looked once: the first eight wishes are of one family."""
    gate, looked = Barrier(WORKERS), local()

    def look_and_wait(*args, **more):
        answer = look(*args, **more)
        if not hasattr(looked, "once"):
            looked.once = True
            gate.wait(300)
        return answer

    return look_and_wait


@pytest.mark.parametrize(
    ("guarded", "wishes"), [(True, 800), (False, 800), pytest.param(True, 10_000, marks=pytest.mark.slow)]
)
def test_random_wishes_of_eight_workers_break_no_cap(people, monkeypatch, guarded, wishes):
    if not guarded:
        monkeypatch.setattr(budget, "take_turn", lambda customer, channel: None)
        monkeypatch.setattr(budget, "may_contact", first_looked_together(budget.may_contact))
    chance = random.Random(7)
    step = timedelta(days=90) / wishes

    def wish(number):
        """Bursts of eight for one family, so that workers meet."""
        person = people[(number // WORKERS * 7) % 30]
        purpose = chance.choice(budget.COUNTED)
        budget.claim(person, purpose, cause=f"wish:{number}", at=BEGIN + number * step)

    in_parallel(wish, range(wishes))

    assert bool(broken_caps(people)) is not guarded
    assert ContactSlot.objects.count() >= 30 * 3


@pytest.mark.parametrize("guarded", [True, False])
def test_of_eight_workers_that_have_all_looked_one_takes_the_place(people, monkeypatch, guarded):
    """Each stops between the look and the write until all have looked; where the guard holds, nobody else can."""
    all_looked = Barrier(WORKERS)
    look = budget.may_contact

    def look_and_wait(*args, **more):
        answer = look(*args, **more)
        with suppress(BrokenBarrierError):
            all_looked.wait(1 if guarded else 300)
        return answer

    monkeypatch.setattr(budget, "may_contact", look_and_wait)
    if not guarded:
        monkeypatch.setattr(budget, "take_turn", lambda customer, channel: None)

    in_parallel(lambda n: budget.claim(people[0], "feedback", cause=f"wish:{n}", at=BEGIN), range(WORKERS))

    assert ContactSlot.objects.count() == (1 if guarded else WORKERS)
