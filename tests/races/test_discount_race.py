"""Eight tills and one code or one budget. Without the guard, which looks and takes in one statement, both go over."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from decimal import Decimal
from threading import Barrier, local

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from loyalty.discounts import assigning, limits
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.pricing import price
from loyalty.models import Budget, BudgetEmpty, Grant, NotAvailable, Redemption
from tests import build
from tests.loyalty.discounts import making

TILLS = 8
pytestmark = pytest.mark.django_db(transaction=True)
Refused = (NotAvailable, BudgetEmpty, IntegrityError)


def at_tills(attempts, work):
    """Each till with a connection of its own takes the next attempt; what came of them, counted."""
    queue = iter(range(attempts))

    def till(_):
        done = Counter()
        try:
            for number in queue:
                try:
                    with transaction.atomic():
                        done["held" if work(number) else "nothing"] += 1
                except Refused:
                    done["refused"] += 1
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(TILLS) as pool:
        return sum(pool.map(till, range(TILLS)), Counter())


@contextmanager
def without(model, name, **emptied):
    """The last fence of the database is taken away too, so that the guard stands alone."""
    check = next(constraint for constraint in model._meta.constraints if constraint.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, check)
    yield
    model.objects.update(**emptied)
    with connection.schema_editor() as editor:
        editor.add_constraint(model, check)


@pytest.fixture
def no_check_of_uses():
    with without(Grant, "grant_is_not_used_more_than_it_may", taken=0):
        yield


@pytest.fixture
def no_check_of_budgets():
    with without(Budget, "budget_is_not_overdrawn", reserved=0):
        yield


def together():
    """To be called between the look and the write: no till writes before every till has looked once."""
    gate, looked = Barrier(TILLS), local()

    def wait():
        if not hasattr(looked, "once"):
            looked.once = True
            gate.wait(300)

    return wait


def public(uses, budget=None):
    return making.grant(code="EVERYBODY", of=making.discount(budget=budget), uses=uses)


def hold(grant, number, at, **terms):
    """As a till whose quote is a moment old: it believes that there is a use, and money in the budget."""
    offer = making.offer(grant.pk, version=grant.version_id, **terms)
    priced = price(making.basket("10.00"), [offer], at=at)
    return Redemption.hold(
        priced, buyer=Buyer.guest(email=f"g{number}@x.example"), reference=f"{number}", key=f"{number}"
    )


@pytest.mark.parametrize(
    ("guarded", "uses", "attempts"),
    [(True, 100, 500), (False, 5, 16), pytest.param(True, 1_000, 5_000, marks=pytest.mark.slow)],
)
def test_a_code_is_never_used_more_often_than_it_may(monkeypatch, no_check_of_uses, guarded, uses, attempts):
    grant, at = public(uses), timezone.now()
    if not guarded:
        wait = together()

        def look_then_take(pk, at, *, customer_id):
            there = Grant.objects.usable(at).filter(pk=pk).exists()
            wait()
            return there and bool(Grant.objects.filter(pk=pk).update(taken=F("taken") + 1))

        monkeypatch.setattr(Grant, "take", look_then_take)

    done = at_tills(attempts, lambda number: hold(grant, number, at))

    grant.refresh_from_db()
    assert done["held"] == grant.taken == Redemption.objects.counted().count()
    assert (grant.taken == uses) if guarded else (grant.taken > uses)


@pytest.mark.parametrize("guarded", [True, False])
def test_a_budget_is_never_overdrawn(monkeypatch, no_check_of_budgets, guarded):
    budget = making.budget("4.50")
    grant, at = public(1000, budget), timezone.now()
    if not guarded:
        wait = together()

        def look_then_reserve(pk, amount):
            left = Budget.objects.get(pk=pk).left
            wait()
            if left < amount:
                raise BudgetEmpty(pk, amount)
            Budget.objects.filter(pk=pk).update(reserved=F("reserved") + amount)

        monkeypatch.setattr(Budget, "reserve", look_then_reserve)
        monkeypatch.setattr(Grant, "take", lambda pk, at, *, customer_id: True)
        monkeypatch.setattr(Grant, "put_back", lambda pk: None)

    at_tills(24, lambda number: hold(grant, number, at, budget=budget.pk, budget_left=Decimal(100)))

    budget.refresh_from_db()
    assert (budget.reserved <= budget.limit) is guarded
    assert not guarded or budget.reserved == 4


def test_one_key_at_eight_tills_is_one_hold():
    grant, at = public(100), timezone.now()

    at_tills(TILLS * 2, lambda _number: hold(grant, 7, at))

    grant.refresh_from_db()
    assert grant.taken == Redemption.objects.count() == 1


def test_once_per_customer_holds_at_eight_tills():
    grant, at = making.grant(code="ONCE", uses=None, uses_each=1), timezone.now()
    dora = Buyer.of(build.customer("Dora", email="dora@x.example"))

    def work(number):
        offer = making.offer(grant.pk, version=grant.version_id)
        priced = price(making.basket("10.00"), [offer], at=at)
        return Redemption.hold(priced, buyer=dora, reference=f"{number}", key=f"{number}")

    assert at_tills(16, work)["held"] == 1


def test_committed_or_voided_at_one_moment_is_one_of_the_two():
    grant, at = public(100), timezone.now()
    held = [hold(grant, number, at)[0].pk for number in range(12)]

    def work(number):
        redemption = Redemption.objects.get(pk=held[number // 2])
        with suppress(Exception):
            return redemption.commit() if number % 2 else redemption.void()
        return False

    at_tills(24, work)

    grant.refresh_from_db()
    states = Counter(Redemption.objects.values_list("state", flat=True))
    assert states["held"] == 0
    assert grant.taken == states["committed"]


@pytest.mark.parametrize("guarded", [True, False])
def test_four_who_give_one_customer_the_same_discount_give_it_once(guarded, monkeypatch):
    """Without the guard each of them has looked before anybody gives."""
    if not guarded:
        looked = Barrier(4)
        monkeypatch.setattr(limits, "take_turn_for", lambda _customer: None)
        monkeypatch.setattr(limits, "take_turn", lambda _by: looked.wait(300))
    customer, tenth = build.customer("Ana"), making.discount()
    staff = [build.user("administrator") for _member in range(4)]

    def give_it(by):
        try:
            with suppress(assigning.HasItAlready):
                assigning.give(tenth, customer, assigning.Terms(reason="Sorry"), by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give_it, staff))

    assert (Grant.objects.count() == 1) is guarded
