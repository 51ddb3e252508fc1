"""Every operation of the ledger in random order, with time moving; after every step every invariant holds."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crm.duplicates.merging import merge
from crm.duplicates.unmerging import unmerge
from loyalty.models import Account, Entry, Hold
from loyalty.points import expiring
from loyalty.points.checking import check
from loyalty.points.errors import HoldIsOver, MoreThanWasSpent, NotEnoughPoints
from loyalty.points.restoring import left_to_restore
from loyalty.points.returning import Policy, earned_for
from shop.models import Setting
from tests import build

BEGIN = datetime(2026, 1, 20, 9, tzinfo=UTC)
points = st.integers(1, 60)
who = st.integers(0, 1)
moments = st.one_of(st.none(), st.integers(0, 40).map(lambda days: timedelta(days=days)))


class Ledger(RuleBasedStateMachine):
    """Two people, who may be found to be one and then not to be. `said`: what is to be repeated with its key."""

    def __init__(self):
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.clock = time_machine.travel(BEGIN, tick=False)
        self.time = self.clock.start()
        self.now, self.count = BEGIN, 0
        self.orders, self.spendings, self.holds, self.said, self.merged = [], [], [], [], None

    @initialize()
    def open(self):
        Setting.put("shop.time_zone", "Europe/Warsaw", since=BEGIN)
        self.people = [build.customer("Ana Lindqvist"), build.customer("Ben Okafor")]
        for person in self.people:
            Account.of(person)

    def teardown(self):
        self.clock.stop()
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def account(self, number):
        person = self.people[number]
        person.refresh_from_db()
        return Account.of(person)

    def key(self):
        self.count += 1
        return f"key-{self.count}"

    def do(self, verb):
        """Do it, and remember how to say the same again."""
        first = verb()
        self.said.append((verb, first))
        return first

    @rule(number=who, points=points, wait=moments, lives=moments, ordered=st.booleans())
    def earn(self, number, points, wait, lives, ordered):
        account, key = self.account(number), self.key()
        order = build.order(self.people[number], at=self.now) if ordered else None
        begins = self.now + (wait or timedelta())
        ends = begins + lives + timedelta(hours=1) if lives is not None else None
        self.do(
            lambda: account.earn(points, order=order, reason="bought", key=key, available_at=begins, expires_at=ends)
        )
        if order:
            self.orders.append(order)

    @rule(number=who, points=points)
    def spend(self, number, points):
        account, key = self.account(number), self.key()
        can = account.spendable()
        try:
            entry = self.do(lambda: account.spend(points, reason="reward", key=key))
        except NotEnoughPoints:
            lapsing = Hold.objects.lapsed(self.now).filter(account=account).exists()
            assert points > can or lapsing, "what can be spent is spent"
        else:
            self.spendings.append(entry)

    @rule(number=who, points=points, same=st.booleans())
    def hold(self, number, points, same):
        account, key = self.account(number), self.key()
        reference = self.holds[-1].reference if same and self.holds else key
        try:
            hold = account.hold(points, reference=reference, key=key)
        except NotEnoughPoints:
            return
        self.holds.append(hold)

    @precondition(lambda self: self.holds)
    @rule(choice=st.integers(0, 99), part=st.integers(0, 100))
    def commit(self, choice, part):
        hold, key = Hold.objects.get(pk=self.holds[choice % len(self.holds)].pk), self.key()
        try:
            entry = self.do(lambda: hold.commit(hold.points * part // 100, key=key))
        except HoldIsOver:
            return
        if entry and entry.key == key:
            self.spendings.append(entry)

    @precondition(lambda self: self.holds)
    @rule(choice=st.integers(0, 99))
    def void(self, choice):
        Hold.objects.get(pk=self.holds[choice % len(self.holds)].pk).void()

    @precondition(lambda self: self.holds)
    @rule(choice=st.integers(0, 99))
    def extend(self, choice):
        Hold.objects.get(pk=self.holds[choice % len(self.holds)].pk).extend()

    @precondition(lambda self: self.orders)
    @rule(choice=st.integers(0, 99), kept=st.integers(0, 60), policy=st.sampled_from(list(Policy)))
    def goods_returned(self, choice, kept, policy):
        order = self.orders[choice % len(self.orders)]
        order.refresh_from_db()
        account, key, before = Account.of(order.customer), self.key(), earned_for(order)
        taken = account.take_back_earned(order, kept, key=key, policy=policy)
        assert earned_for(order) == min(before, kept)
        if taken:
            self.said.append((lambda: account.take_back_earned(order, kept, key=key, policy=policy), taken))

    @precondition(lambda self: self.spendings)
    @rule(choice=st.integers(0, 99), points=points)
    def come_back(self, choice, points):
        spent = self.spendings[choice % len(self.spendings)]
        left, key = sum(part for _allocation, part in left_to_restore(spent)), self.key()
        account = Account.objects.get(pk=spent.account_id)
        try:
            self.do(lambda: account.restore(spent, points, key=key))
        except MoreThanWasSpent:
            assert points > left

    @rule(number=who, points=st.integers(-60, 60).filter(bool))
    def adjust(self, number, points):
        account, key = self.account(number), self.key()
        try:
            self.do(lambda: account.adjust(points, reason="kindness", actor="staff:1", key=key))
        except NotEnoughPoints:
            assert points < 0

    @rule(step=st.sampled_from([20, 40, 24 * 60, 5 * 24 * 60, 40 * 24 * 60]))
    def time_passes(self, step):
        self.now += timedelta(minutes=step)
        self.time.move_to(self.now, tick=False)

    @rule()
    def sweep(self):
        while expiring.sweep():
            pass
        assert not expiring.due()

    @precondition(lambda self: self.merged is None)
    @rule(stays=who)
    def become_one(self, stays):
        for person in self.people:
            person.refresh_from_db()
        self.merged = merge(self.people[stays], self.people[1 - stays], actor="")

    @precondition(lambda self: self.merged and self.now < self.merged.until)
    @rule()
    def become_two(self):
        unmerge(self.merged, actor="")
        self.merged = None

    @precondition(lambda self: self.said)
    @rule(choice=st.integers(0, 999))
    def say_again(self, choice):
        verb, first = self.said[choice % len(self.said)]
        entries = Entry.objects.count()
        assert verb() == first
        assert not Entry.objects.exclude(kind__in=["expire", "merge_in", "merge_out"]).count() > entries

    @invariant()
    def everything_fits(self):
        outcome = check()
        assert [str(difference) for difference in outcome.differences] == []

    @invariant()
    def nothing_is_negative(self):
        for account in Account.objects.all():
            assert min(account.available, account.pending, account.held, account.debt) >= 0


def run(examples, steps):
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


@pytest.mark.slow
def test_random_operations_keep_every_invariant(db):
    run(8, 40)


@pytest.mark.slow
@pytest.mark.parametrize("quarter", range(4))  # whoever is free takes the next
def test_many_random_operations_keep_every_invariant(quarter, db):
    run(75, 60)
