"""Merges at once. Each guard is taken away too, to see that it is what holds."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, local

import pytest
from django.db import connection, transaction

from crm.duplicates import merging
from crm.duplicates.merging import CannotMerge, merge
from crm.duplicates.unmerging import CannotUnmerge, unmerge
from crm.models import Customer, Merge, Order
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 300
BROKE_OFF = {"OperationalError", "IntegrityError"}  # a deadlock, or a card that would go into itself


def at_once(*verbs):
    """Calls them in threads that begin together; an error is an answer too."""
    gate = Barrier(len(verbs))

    def one(verb):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '120s'")
            gate.wait(PATIENCE)
            return verb()
        except (CannotMerge, CannotUnmerge) as refused:
            return refused.why
        except Exception as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(one, verbs))


COMES_AFTER = local()  # a thread that has looked writes after this happened


@pytest.fixture
def between_check_and_write(monkeypatch, guarded):
    """Both stop after they looked at the cards and before they write."""
    gate = Barrier(2)
    plain = merging.highest

    def wait():
        try:
            gate.wait(1 if guarded else PATIENCE)
        except Exception:  # the other waits for a lock: that is the guard
            gate.abort()
        if not guarded and (earlier := getattr(COMES_AFTER, "this", None)):
            earlier.wait(PATIENCE)
        return plain()

    monkeypatch.setattr(merging, "highest", wait)


def without_locks(stays, goes):
    cards = {card.pk: card for card in Customer.objects.filter(pk__in=[stays.pk, goes.pk])}
    return cards[stays.pk], cards[goes.pk]


@pytest.mark.parametrize("guarded", [True, False])
def test_a_into_b_and_b_into_a_at_once_leave_one_card(guarded, ana, ben, monkeypatch, between_check_and_write):
    if not guarded:
        monkeypatch.setattr(merging, "locked", without_locks)

    answers = at_once(lambda: merge(ana, ben, actor=""), lambda: merge(ben, ana, actor=""))

    left = Customer.objects.present().count()
    if guarded:
        assert left == 1
        assert sorted(type(answer).__name__ for answer in answers) == ["Merge", "str"]
        assert Order.objects.filter(customer__merged_into=None).count() == 6
    else:
        assert left != 1 or BROKE_OFF & set(map(str, answers))


@pytest.mark.parametrize("guarded", [True, False])
def test_a_into_b_and_b_into_c_at_once_leave_no_chain(guarded, ana, ben, cleo, monkeypatch, between_check_and_write):
    if not guarded:
        monkeypatch.setattr(merging, "locked", without_locks)

    ben_is_gone = Event()

    def ana_into_ben():
        COMES_AFTER.this = ben_is_gone
        return merge(ben, ana, actor="")

    def ben_into_cleo():
        try:
            return merge(cleo, ben, actor="")
        finally:
            ben_is_gone.set()

    answers = at_once(ana_into_ben, ben_into_cleo)

    chains = Customer.objects.filter(merged_into__merged_into__isnull=False).count()
    lost = Order.objects.filter(customer__merged_into__isnull=False).count()
    if guarded:
        assert (chains, lost) == (0, 0)
        assert set(answers) & {"merged"} or Customer.objects.filter(merged_into=cleo).count() == 2
    else:
        assert chains + lost > 0 or BROKE_OFF & set(map(str, answers))


@pytest.mark.parametrize("guarded", [True, False])
def test_an_order_that_comes_in_during_a_merge_goes_to_the_card_that_stays(guarded, ana, ben, monkeypatch):
    if not guarded:
        monkeypatch.setattr(Customer, "held", lambda self: self)
    found, merged = Event(), Event()

    def comes_in():
        with transaction.atomic():
            known = Customer.objects.get(pk=ben.pk)  # found by its e-mail, before the merge
            found.set()
            merged.wait(PATIENCE)
            build.order(known.held(), "9.00", reference="late")

    def merges():
        found.wait(PATIENCE)
        merge(ana, ben, actor="")
        merged.set()

    at_once(comes_in, merges)

    holder = Order.objects.get(reference="late").customer
    assert (holder == ana) is guarded


def test_a_merge_is_taken_back_once_by_many_at_once(ana, ben):
    done = merge(ana, ben, actor="")

    answers = at_once(*[lambda: unmerge(done, actor="")] * 4)

    assert sorted(str(answer) for answer in answers if answer == "undone") == ["undone"] * 3
    assert (Merge.objects.in_force().count(), ben.orders.count()) == (0, 1)
