from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.duplicates.merging import merge
from crm.duplicates.since import Since
from crm.duplicates.unmerging import CannotUnmerge, unmerge
from crm.models import Customer, Event, Merge, Note, Order, OrderLine
from crm.models.incoming import IncomingOrder
from crm.models.known_by import KnownBy
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    """Ana's second card."""
    anna = build.customer("Anna Lindqvist", email="anna@work.example", city="Lund", birthday=date(1990, 3, 1))
    build.order(anna, "30.00", at=10)
    return anna


def told(reference: str, total: str = "12.00", **buyer: str) -> Order:
    """An order as the shop's software tells it."""
    order = Order(source="shop", reference=reference, placed_at=timezone.now(), total=Decimal(total))
    lines = [OrderLine(name="Lantern", paid=Decimal(total))]
    return IncomingOrder(order, KnownBy(source="shop", **buyer), lines).accept()[0]


def test_both_cards_are_as_they_were(ana, anna, sam):
    build.note(anna)
    merged = merge(ana, anna, actor=sam.actor, taken={"city"})

    unmerge(merged, actor=sam.actor)

    ana, anna = Customer.objects.get(pk=ana.pk), Customer.objects.get(pk=anna.pk)
    assert (ana.city, anna.city, anna.merged_into) == ("", "Lund", None)
    assert (ana.orders.count(), anna.orders.count(), anna.notes.count()) == (5, 1, 1)
    assert [known.value for known in anna.identifiers.all()] == ["anna@work.example"]
    assert set(Event.objects.filter(kind="customer.unmerged").values_list("customer", flat=True)) == {ana.pk, anna.pk}


def test_an_order_that_came_since_goes_to_the_card_whose_address_it_came_in_with(ana, anna, sam):
    merged = merge(ana, anna, actor=sam.actor)
    told("n1", email="anna@work.example")
    told("n2", email="ana@people.example")

    unmerge(merged, actor=sam.actor)

    assert Order.objects.get(reference="n1").customer == anna
    assert Order.objects.get(reference="n2").customer == ana
    assert Event.objects.get(kind="order.placed", order__reference="n1").customer == anna


def test_staff_say_where_a_row_goes_that_came_since(ana, anna, sam):
    merged = merge(ana, anna, actor=sam.actor)
    note, other = build.note(ana, "The lantern is broken."), build.note(ana, "Likes tins.")

    unmerge(merged, actor=sam.actor, chosen={f"crm.Note-{note.pk}": True})

    assert Note.objects.get(pk=note.pk).customer == anna
    assert Note.objects.get(pk=other.pk).customer == ana


def test_what_belongs_to_something_follows_it_unasked(ana, anna, sam):
    old = anna.orders.get()
    merged = merge(ana, anna, actor=sam.actor)
    old.refresh_from_db()
    refund = old.refund(Decimal("5.00"))

    assert [came.key[0] for came in Since(merged).asked] == []
    unmerge(merged, actor=sam.actor)

    refund.refresh_from_db()
    assert refund.customer == anna
    assert Event.objects.get(kind="order.refunded").customer == anna


def test_a_field_edited_since_is_kept_and_the_others_go_back(ana, anna, sam):
    merged = merge(ana, anna, actor=sam.actor, taken={"city", "birthday"})
    Customer.objects.get(pk=ana.pk).edit(actor=sam.actor, city="Malmö")

    outcome = unmerge(merged, actor=sam.actor)

    ana.refresh_from_db()
    assert outcome.edited == ["city"]
    assert (ana.city, ana.birthday) == ("Malmö", None)


def test_after_thirty_days_a_merge_is_for_good(ana, anna, sam):
    merged = merge(ana, anna, actor=sam.actor)
    Merge.objects.update(at=timezone.now() - timedelta(days=31))

    with pytest.raises(CannotUnmerge, match="late"):
        unmerge(merged, actor=sam.actor)


def test_a_merge_is_taken_back_once(ana, anna, sam):
    merged = merge(ana, anna, actor=sam.actor)
    unmerge(merged, actor=sam.actor)

    with pytest.raises(CannotUnmerge, match="undone"):
        unmerge(merged, actor=sam.actor)


def test_the_later_merge_of_a_chain_is_taken_back_first(ana, anna, ben, sam):
    first = merge(ana, anna, actor=sam.actor)
    second = merge(ben, ana, actor=sam.actor)

    with pytest.raises(CannotUnmerge, match="merged_on"):
        unmerge(first, actor=sam.actor)
    unmerge(second, actor=sam.actor)
    assert Customer.objects.get_or_404(anna.pk) == ana
    unmerge(first, actor=sam.actor)

    assert (ben.orders.count(), ana.orders.count(), anna.orders.count()) == (1, 5, 1)


def test_rows_of_another_merge_stay_with_the_card_they_came_to(ana, anna, ben, sam):
    first = merge(ana, anna, actor=sam.actor)
    build.note(ben)
    merge(ana, ben, actor=sam.actor)

    assert Since(first).asked == []
    unmerge(first, actor=sam.actor)

    assert (ana.orders.count(), ana.notes.count()) == (6, 1)


def test_cards_can_be_merged_again_after_they_were_taken_apart(ana, anna, sam):
    unmerge(merge(ana, anna, actor=sam.actor), actor=sam.actor)

    merge(anna, ana, actor=sam.actor)

    assert anna.orders.count() == 6
