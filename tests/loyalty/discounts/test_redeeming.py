from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from crm.models import Event
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.offers import offers_for
from loyalty.discounts.pricing import price
from loyalty.models import BudgetEmpty, DiscountVersion, Grant, NotAvailable, Redemption, TooManyUnits, WrongState
from tests import build
from tests.loyalty.discounts import making


def sums(budget):
    budget.refresh_from_db()
    return budget.reserved, budget.spent


def taken(grant):
    grant.refresh_from_db()
    return grant.taken


def test_a_discount_is_held_used_and_comes_back(ana):
    budget = making.budget("100")
    grant = making.grant(ana, making.discount(budget=budget))

    [redemption] = making.hold(making.basket("3x10.00", "5.00"), Buyer.of(ana))
    assert (redemption.amount, taken(grant), sums(budget)) == (Decimal("3.50"), 1, (Decimal("3.50"), 0))

    assert redemption.commit(order=build.order(ana, "31.50"))
    assert (redemption.state, sums(budget)) == ("committed", (0, Decimal("3.50")))

    assert redemption.reverse({1: Decimal(1)}, key="r1") == Decimal("1.00")
    assert (redemption.state, taken(grant), sums(budget)) == ("committed", 1, (0, Decimal("2.50")))

    assert redemption.reverse(key="r2") == Decimal("2.50")
    assert (redemption.state, taken(grant), sums(budget)) == ("reversed", 0, (0, 0))
    told = Event.objects.filter(kind__startswith="discount.").order_by("pk")
    assert list(told.values_list("kind", "data__amount")) == [
        ("discount.redeemed", "3.50"),
        ("discount.returned", "1.00"),
        ("discount.returned", "2.50"),
    ]


def test_every_verb_repeated_does_nothing_more(ana):
    budget = making.budget("100")
    grant = making.grant(ana, making.discount(budget=budget))

    [redemption] = making.hold(making.basket("20.00"), Buyer.of(ana))
    assert making.hold(making.basket("20.00"), Buyer.of(ana)) == [redemption]
    assert (redemption.commit(), redemption.commit()) == (True, False)
    assert redemption.reverse(key="r") == redemption.reverse(key="r") == Decimal("2.00")

    assert (taken(grant), sums(budget)) == (0, (0, 0))


def test_a_hold_let_go_gives_use_and_money_back(ana):
    budget = making.budget("100")
    grant = making.grant(ana, making.discount(budget=budget))
    [redemption] = making.hold(making.basket("20.00"), Buyer.of(ana))

    assert (redemption.void(), redemption.void()) == (True, False)

    assert (taken(grant), sums(budget)) == (0, (0, 0))
    with pytest.raises(WrongState):
        redemption.commit()


def test_what_is_used_up_meanwhile_is_refused(ana):
    grant = making.grant(ana)
    making.hold(making.basket("20.00"), Buyer.of(ana), key="first")

    at = timezone.now()
    stale = making.offer(grant.pk, version=grant.version_id)
    priced = price(making.basket("20.00"), [stale], at=at)
    with pytest.raises(NotAvailable), transaction.atomic():
        Redemption.hold(priced, buyer=Buyer.of(ana), reference="2", key="second")

    assert taken(grant) == 1


def test_a_hold_past_its_time_makes_room_for_another(ana):
    grant = making.grant(ana)
    [old] = making.hold(making.basket("20.00"), Buyer.of(ana), key="old", at=timezone.now() - timedelta(hours=1))

    priced = price(making.basket("20.00"), [making.offer(grant.pk, version=grant.version_id)], at=timezone.now())
    [new] = Redemption.hold(priced, buyer=Buyer.of(ana), reference="new", key="new")

    old.refresh_from_db()
    assert (old.state, new.state, taken(grant)) == ("voided", "held", 1)


def test_a_budget_that_is_empty_meanwhile_refuses_all_of_the_hold(ana):
    budget = making.budget("3.00")
    grant = making.grant(ana, making.discount(budget=budget), uses=None)
    at = timezone.now()
    unaware = making.offer(grant.pk, version=grant.version_id, budget=budget.pk, budget_left=Decimal(100))
    priced = price(making.basket("40.00"), [unaware], at=at)

    with pytest.raises(BudgetEmpty), transaction.atomic():
        Redemption.hold(priced, buyer=Buyer.of(ana), reference="1", key="1")

    assert (taken(grant), sums(budget)) == (0, (0, 0))


def test_a_discount_is_clipped_to_what_its_budget_has_left(ana):
    budget = making.budget("3.00")
    making.grant(ana, making.discount(budget=budget))

    [redemption] = making.hold(making.basket("40.00"), Buyer.of(ana))

    assert (redemption.desired, redemption.amount, redemption.clipped) == (4, 3, "budget")


def test_more_than_was_bought_cannot_come_back(ana):
    making.grant(ana)
    [redemption] = making.hold(making.basket("2x10.00"), Buyer.of(ana))
    redemption.commit()

    with pytest.raises(TooManyUnits), transaction.atomic():
        redemption.reverse({1: Decimal(3)}, key="r")

    assert redemption.reverse({1: Decimal(2)}, key="r") == Decimal("2.00")


def test_who_returns_all_after_it_ran_out_may_use_it_a_week_longer(ana):
    now = timezone.now()
    grant = making.grant(ana, expires_at=now + timedelta(days=1))
    [redemption] = making.hold(making.basket("20.00"), Buyer.of(ana), at=now)
    redemption.commit(at=now)

    redemption.reverse(key="r", at=now + timedelta(days=3))

    grant.refresh_from_db()
    assert grant.expires_at == now + timedelta(days=10)


def test_of_a_public_code_only_who_returned_gets_a_week_more(ana):
    now = timezone.now()
    public = making.grant(code="PUBLIC", uses=100, expires_at=now + timedelta(days=1))
    [redemption] = making.hold(making.basket("20.00"), Buyer.of(ana), "public", at=now)
    redemption.commit(at=now)

    redemption.reverse(key="r", at=now + timedelta(days=3))

    public.refresh_from_db()
    again = Grant.objects.get(customer=ana)
    assert public.expires_at == now + timedelta(days=1)
    assert (again.source, again.uses, again.expires_at) == ("return", 1, now + timedelta(days=10))


def once_each():
    return making.grant(code="WELCOME", uses=None, uses_each=1)


def test_a_guest_with_another_email_and_the_same_phone_has_had_theirs(db):
    once_each()
    making.hold(making.basket("20.00"), Buyer.guest(email="a@x.example", phone="+44 7700 900111"), "welcome", key="1")

    assert (
        making.hold(making.basket("20.00"), Buyer.guest(email="b@x.example", phone="07700 900111"), "welcome", key="2")
        == []
    )
    assert making.hold(making.basket("20.00"), Buyer.guest(email="A@X.example "), "welcome", key="3") == []
    assert making.hold(making.basket("20.00"), Buyer.guest(email="c@x.example"), "welcome", key="4") != []


def test_a_customer_is_also_the_guest_they_were_and_the_other_way_round(ana, ben):
    once_each()
    making.hold(making.basket("20.00"), Buyer.guest(email="ana@people.example"), "welcome", key="1")
    making.hold(making.basket("20.00"), Buyer.of(ben), "welcome", key="2")

    assert making.hold(making.basket("20.00"), Buyer.of(ana), "welcome", key="3") == []
    assert making.hold(making.basket("20.00"), Buyer.guest(email="ben@people.example"), "welcome", key="4") == []


def test_two_customers_of_one_family_each_have_theirs(ana):
    once_each()
    sister = build.customer("Eva Lindqvist", email="ana@people.example")
    making.hold(making.basket("20.00"), Buyer.of(ana), "welcome", key="1")

    assert making.hold(making.basket("20.00"), Buyer.of(sister), "welcome", key="2") != []


def test_an_order_that_holds_a_use_itself_is_offered_it_again(ana):
    making.grant(ana)
    making.hold(making.basket("20.00"), Buyer.of(ana), key="7")

    [same] = offers_for(Buyer.of(ana), at=timezone.now(), reference="R-7")
    [other] = offers_for(Buyer.of(ana), at=timezone.now(), reference="R-8")

    assert (same.uses_left, other.uses_left) == (1, 0)


def test_a_version_somebody_has_is_kept_and_a_new_one_begins(ana):
    discount = making.discount()
    making.grant(ana, discount)

    discount.change(kind="percent", lane="order", percent=20)
    discount.change(kind="percent", lane="order", percent=25)

    assert list(discount.versions.order_by("number").values_list("number", "percent")) == [(1, 10), (2, 25)]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: DiscountVersion.objects.update(percent=90),
        lambda: Redemption.objects.update(amount=1),
        lambda: Redemption.objects.update(state="held"),
        lambda: Redemption.objects.get().lines.update(amount=1),
        lambda: Redemption.objects.get().returns.update(amount=1),
        lambda: Redemption.objects.filter()._raw_delete(using="default"),
        lambda: Grant.objects.update(taken=2),
    ],
)
def test_the_database_refuses_to_change_what_was_promised_or_used(ana, attempt):
    making.grant(ana)
    [redemption] = making.hold(making.basket("2x10.00"), Buyer.of(ana))
    redemption.commit()
    redemption.reverse({1: Decimal(1)}, key="r")

    with pytest.raises(DatabaseError), transaction.atomic():
        attempt()
