"""Whatever two cards hold: merged and taken apart again, every table is as it was."""

import random
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from crm.duplicates.choices import choices
from crm.duplicates.merging import merge
from crm.duplicates.unmerging import unmerge
from crm.models import Consent, Customer, Event, Identifier
from crm.policies import policies
from loyalty.models import Account, Lot
from tests.crm.duplicates.anything import Anything
from tests.crm.duplicates.tables import FOLLOWS_CONSENT, GAINS, LEDGER, differences, everything

pytestmark = pytest.mark.django_db
SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]


@pytest.fixture(scope="module", params=SEEDS)
def filled(request, module_db):
    """(seed, the keys of three cards): each filled once, and merged by every test anew."""
    with transaction.atomic():
        anything = Anything(request.param)
        cards = anything.card(), anything.card(), anything.card()
        anything.fill(*cards)
        for card in cards:
            earn_something(anything.chance, card)
        assert len(anything.made) > 15
        yield request.param, [card.pk for card in cards]
        transaction.set_rollback(True)


@pytest.fixture
def seed(filled, db):
    return filled[0]


@pytest.fixture
def cards(filled, db):
    return [Customer.objects.get(pk=pk) for pk in filled[1]]


def earn_something(chance, card):
    """Lots that wait, that end and that never do; some of it spent."""
    now, account = timezone.now(), Account.of(card)
    for number in range(chance.randint(0, 4)):
        dates = [now + timedelta(days=days) for days in (chance.choice([-1, 5]), chance.randint(10, 400))]
        ends = chance.choice([None, dates[1]])
        account.earn(chance.randint(1, 500), reason="order", key=f"{number}", available_at=dates[0], expires_at=ends)
    if there := account.spendable():
        account.spend(chance.randint(1, there), reason="till", key="spent")


def of_cards():
    return Event.objects.filter(kind__startswith="customer.").count()


def points():
    """What each card has, and until when."""
    sums = Account.objects.exclude(available=0, pending=0, held=0, debt=0)
    lots = Lot.objects.filter(remaining__gt=0)
    return (
        sorted(sums.values_list("customer", "available", "pending", "held", "debt")),
        sorted(lots.values_list("account__customer", "remaining", "available_at", "expires_at"), key=str),
    )


def at_end_of_transaction():
    """What the database checks at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def some_of(seed, stays, goes):
    chance = random.Random(seed)
    return {choice.name for choice in choices(stays, goes) if chance.random() < 0.5}


def test_merge_and_unmerge_leave_every_table_as_it_was(seed, cards):
    stays, goes, _third = cards
    before, events, had = everything(), of_cards(), points()

    merged = merge(stays, goes, actor="staff:1", taken=some_of(seed, stays, goes))
    at_end_of_transaction()
    unmerge(merged, actor="staff:1")
    at_end_of_transaction()

    changed = differences(before, everything())
    assert set(changed) <= GAINS | LEDGER, changed
    assert all(not gone for gone, _different, _new in changed.values()), changed
    assert all(not different for table, (_gone, different, _new) in changed.items() if table in GAINS), changed
    assert points() == had
    assert of_cards() == events + 4


def test_a_chain_of_merges_taken_back_from_its_end_leaves_every_table_as_it_was(seed, cards):
    stays, goes, third = cards
    before, had = everything(), points()

    first = merge(stays, goes, actor="staff:1", taken=some_of(seed, stays, goes))
    stays = Customer.objects.get(pk=stays.pk)
    second = merge(third, stays, actor="staff:1", taken=some_of(seed, third, stays))
    unmerge(second, actor="staff:1")
    unmerge(first, actor="staff:1")
    at_end_of_transaction()

    changed = differences(before, everything())
    assert set(changed) <= GAINS | LEDGER, changed
    assert all(not gone for gone, _different, _new in changed.values()), changed
    assert all(not different for table, (_gone, different, _new) in changed.items() if table in GAINS), changed
    assert points() == had


def test_nothing_that_follows_is_left_at_the_card_that_went(cards):
    stays, goes, _third = cards

    merge(stays, goes, actor="staff:1")

    for policy in policies(Customer):
        left = policy.rows_of(goes)
        if policy.model is Event:
            left = left.exclude(kind__in=("customer.merged", "points.adjusted"))  # told of the merge itself
        if policy.merge.word in ("move", "fold", "delete"):
            assert not left.exists(), policy.label


def test_the_strictest_consent_wins_and_stays_when_the_cards_are_taken_apart():
    anything = Anything(1)
    stays, goes = anything.card(), anything.card()
    for card, address, state in ((stays, "a@people.example", "given"), (goes, "b@people.example", "refused")):
        Identifier.objects.create(customer=card, kind="email", value=address, normalised=address)
        said = {"offers": state}
        Consent.say(card, "email", address, said, method="phone", wording="Said so.", by="staff:1")
    before = everything()

    merged = merge(stays, goes, actor="staff:1")
    now = Consent.objects.current("email", "a@people.example")["offers"]
    assert (now.state, now.method, now.customer_id) == ("withdrawn", "merge", stays.pk)

    unmerge(merged, actor="staff:1")
    assert Consent.objects.current("email", "a@people.example")["offers"].state == "withdrawn"
    changed = differences(before, everything())
    assert set(changed) <= GAINS | FOLLOWS_CONSENT, changed
    assert [len(part) for part in changed["crm_consent"]] == [0, 0, 1]
