"""A large import goes back part by part; killed between any two it is gone on with, and every table is as it was."""

import pytest

from crm.imports import in_parts, undoing
from crm.models import ChangeSet, Customer, Import, Order
from crm.undo.taking_back import AlreadyTakenBack
from tests import build
from tests.digests import digests

GROWS = {"crm_event", "crm_reaction", "crm_import", "crm_changeset", "crm_change", "crm_rejectedrow"}
GROWS |= {"crm_savedmapping", "crm_importedcustomer"}
ROWS = [f"{n % 5},A-{n},2026-01-{10 + n} 10:00,{n + 1}.00," for n in range(7)] + ["1,R-1,2026-02-01 10:00,-1.00,A-1"]


class Killed(BaseException):
    """As a process ends that nobody asks."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(in_parts, "PART", 2)


@pytest.mark.parametrize("parts", [1, 4, 6])
def test_killed_after_some_parts_the_next_worker_goes_on(file, bring, sam, parts):
    customer = build.customer("Known Lis")
    build.identifier(customer, "external", "1", source="shop")
    build.order(customer, "3.00")
    before = digests(without=GROWS)
    brought = bring(file(*ROWS, header="customer_id,order_id,ordered_at,amount,refund_of"))
    said = []

    def die(done, total):
        said.append((done, total))
        if len(said) == parts:
            raise Killed

    with pytest.raises(Killed):
        undoing.undo(Import.objects.get(pk=brought.pk), by=sam, say=die)
    assert Import.objects.get(pk=brought.pk).can_be_undone
    outcome = undoing.undo(Import.objects.get(pk=brought.pk), by=sam)

    assert (outcome.restored, outcome.kept) == (7 + 1 + 4, 0)
    assert digests(without=GROWS) == before
    assert customer.pk in brought.customer_ids
    with pytest.raises(AlreadyTakenBack):
        undoing.undo(Import.objects.get(pk=brought.pk), by=sam)


def test_what_has_to_stay_stays_and_is_listed(file, bring, sam):
    brought = bring(file(*ROWS[:7], header="customer_id,order_id,ordered_at,amount,refund_of"))
    kept = Order.objects.get(reference="A-3")
    build.note(kept.customer, "Spoke to them.")
    kept.refund(kept.total)

    outcome = undoing.undo(Import.objects.get(pk=brought.pk), by=sam)

    assert list(Order.objects.all()) == [kept]
    assert list(Customer.objects.all()) == [kept.customer]
    assert (outcome.restored, outcome.kept) == (6 + 4, 2)
    assert ChangeSet.objects.get().rows.kept().count() == 2
