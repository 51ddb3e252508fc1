"""Goods come back, over the API: what the preview shows is what is booked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.models import Event, Order, Refund
from loyalty.models import GoodsBack, Grant, SoldLine
from loyalty.programme.settling import settle
from shop.models import Setting
from tests import build
from tests.loyalty.discounts.making import discount, grant
from tests.loyalty.till.making import lines, points, rule, sums


def bought(reference="1001"):
    order = Order.objects.get(reference=reference)
    settle(order)
    return order


def test_the_preview_shows_to_the_cent_what_is_booked(till, ana):
    rule()
    points(ana, 500)
    grant(ana)
    till.sell(customer={"id": ana.pk}, lines=lines("2x19.99", "5.05"), shipping="4.95", use_points=321)
    order = bought()
    back = {"lines": [{"sku": "A", "quantity": 1}]}

    shown = till.preview(**back).json()
    before = (sums(ana), Refund.objects.count(), GoodsBack.objects.count(), SoldLine.objects.count())
    told = till.take_back(**back).json()

    assert before == ((179, 37, 0, 0), 0, 0, 0)
    assert {**shown, "id": told["id"]} == told
    order.refresh_from_db()
    assert order.refunded == Decimal(told["money"])
    assert (told["points_taken"], told["points_restored"]) == (17, 127)
    assert sums(ana) == (179 + 127, 37 - 17, 0, 0)


def test_three_lines_returned_in_three_parts_come_to_all_that_was_paid(till, ana):
    rule()
    points(ana, 1000)
    mine = grant(ana)
    till.sell(customer={"id": ana.pk}, lines=lines("3x3.33", "7.77", "0.99"), shipping="3.10", use_points=555)
    order = bought()

    parts = [
        till.take_back(lines=[{"position": 1, "quantity": 1}, {"position": 2, "quantity": 1}]),
        till.take_back(lines=[{"position": 1, "quantity": 1}]),
        till.take_back(),
    ]

    told = [part.json() for part in parts]
    assert sum(Decimal(one["money"]) for one in told) == order.total
    assert sum(one["points_restored"] for one in told) == 555
    order.refresh_from_db()
    assert (order.refunded, order.kept) == (order.total, 0)
    assert sums(ana) == (1000, 0, 0, 0)
    assert [one["discounts"][0]["use_given_back"] for one in told] == [False, False, True]
    mine.refresh_from_db()
    assert mine.taken == 0
    assert till.take_back().json()["code"] == "nothing_to_return"


def test_before_pending_ends_the_points_of_the_order_go_from_its_own_lot(till, ana):
    rule()
    points(ana, 200)
    till.sell(customer={"id": ana.pk}, lines=lines("30.00", "20.00"))
    bought()

    told = till.take_back(lines=[{"sku": "B"}]).json()

    assert (told["points_taken"], told["points_from"], told["debt"]) == (20, {"own_pending": 20}, 0)
    assert sums(ana) == (200, 30, 0, 0)


def test_after_pending_ended_they_go_from_what_is_left_of_its_lot(till, ana):
    rule(return_days=0)
    till.sell(customer={"id": ana.pk}, lines=lines("30.00", "20.00"))
    bought()

    told = till.take_back(lines=[{"sku": "B"}]).json()

    assert (told["points_taken"], told["points_from"]) == (20, {"own": 20})
    assert sums(ana) == (30, 0, 0, 0)


@pytest.mark.parametrize(
    ("policy", "left", "pay_out"),
    [
        ("debt", (15, 0, 0, 35), "50.00"),
        ("lots", (0, 0, 0, 20), "50.00"),
        ("write_off", (15, 0, 0, 0), "50.00"),
        ("refund", (15, 0, 0, 0), "49.65"),
    ],
)
def test_after_the_points_were_spent_the_shop_decides_what_happens(till, ana, ada, policy, left, pay_out):
    rule(return_days=0)
    Setting.put("till.spent_meanwhile", policy, by=ada)
    till.sell(customer={"id": ana.pk}, lines=lines("50.00"))
    bought()
    till.sell("1002", customer={"id": ana.pk}, lines=lines("0.35"), use_points=35)
    points(ana, 15)

    told = till.take_back().json()

    assert (told["points_taken"], told["money"], told["pay_out"]) == (50, "50.00", pay_out)
    assert sums(ana) == left


def test_lines_earn_by_their_category_and_leave_with_what_they_earned(till, ana):
    rule(categories={"gold": 5})
    basket = lines("10.00", "10.00")
    basket[1]["category"] = "gold"
    till.sell(customer={"id": ana.pk}, lines=basket)
    bought()
    assert sums(ana)[1] == 60

    told = till.take_back(lines=[{"sku": "A"}]).json()

    assert (told["points_taken"], sums(ana)[1]) == (10, 50)


def test_a_return_told_twice_is_booked_once(till, ana):
    till.sell(customer={"id": ana.pk}, lines=lines("2x10.00"))

    answers = [till.take_back(key="back", lines=[{"sku": "A", "quantity": 1}]) for _ in range(3)]

    assert len({answer.content for answer in answers}) == 1
    assert Order.objects.get(reference="1001").refunded == 10


def test_more_than_was_bought_cannot_come_back(till, ana):
    till.sell(customer={"id": ana.pk}, lines=lines("2x10.00"))
    till.take_back(lines=[{"sku": "A", "quantity": 1}])

    too_many = till.take_back(lines=[{"sku": "A", "quantity": 2}])
    nowhere = till.take_back(lines=[{"position": 9, "quantity": 1}])

    assert (too_many.status_code, too_many.json()["code"], too_many.json()["left"]) == (409, "too_many_units", "1.000")
    assert nowhere.json()["code"] == "too_many_units"
    assert Order.objects.get(reference="1001").refunded == 10


def test_what_was_refunded_by_hand_is_not_given_again(till, ana):
    till.sell(customer={"id": ana.pk}, lines=lines("10.00", "5.00"))
    Order.objects.get(reference="1001").refund(Decimal("8.00"))

    told = till.take_back().json()

    assert told["money"] == "7.00"


def test_an_order_that_was_told_by_itself_can_be_returned_by_line_too(till, ana):
    """What its lines say and its total do not agree: the discount on the order is shared out."""
    till.post(
        "orders/",
        {
            "reference": "77",
            "placed_at": "2026-03-01T10:00:00Z",
            "customer": {"email": "ana@people.example"},
            "discount": "3.00",
            "shipping": "2.00",
            "total": "29.00",
            "lines": [{"sku": "A", "quantity": 2, "unit_price": "10"}, {"sku": "B", "unit_price": "10"}],
        },
    )

    parts = [till.take_back("77", lines=[{"sku": "A", "quantity": 1}]), till.take_back("77")]

    assert [part.json()["money"] for part in parts] == ["9.00", "20.00"]


def test_a_discount_that_needs_its_minimum_is_taken_back_with_what_is_kept(till, ana):
    strict = grant(ana, discount("From 50", minimum=50, on_return="minimum"))
    till.sell(customer={"id": ana.pk}, lines=lines("40.00", "20.00"))

    first = till.take_back(lines=[{"sku": "B"}]).json()
    second = till.take_back().json()

    assert (first["money"], first["discount_taken_back"]) == ("14.00", "4.00")  # 18 paid for it, 4 off the other
    assert second["money"] == "40.00"
    strict.refresh_from_db()
    assert (first["discounts"][0]["use_given_back"], strict.taken) == (True, 0)


def test_a_code_that_ran_out_meanwhile_is_given_back_for_a_few_days(till, ana):
    once = grant(ana, expires_at=timezone.now() + timedelta(days=1))
    till.sell(customer={"id": ana.pk}, lines=lines("40.00"))
    Grant.objects.update(expires_at=timezone.now())

    till.take_back()

    once.refresh_from_db()
    assert once.taken == 0
    assert once.expires_at > timezone.now()


def test_what_is_not_paid_or_was_called_off_cannot_come_back(till, ana):
    build.order(ana, "10.00", reference="1", paid_at=None)
    build.order(ana, "10.00", reference="2").cancel()

    assert [till.preview(n).json()["why"] for n in ("1", "2")] == ["not_paid", "cancelled"]


def test_a_return_is_an_event_of_the_order(till, ana):
    till.sell(customer={"id": ana.pk}, lines=lines("10.00"))

    till.take_back(note="Handle came off")

    assert Event.objects.filter(kind="order.refunded").get().data["amount"] == "10.00"
    assert Refund.objects.get().note == "Handle came off"


def test_what_a_passer_by_brings_back_is_told_with_what_was_paid(till):
    till.sell("W-9", lines=lines("2x10.00", "5.00"))

    for answer in (till.preview("W-9"), till.take_back("W-9")):
        told = answer.json()
        assert (answer.status_code, told["code"]) == (409, "sold_without_card")
        assert [line["total"] for line in told["lines"]] == ["20.00", "5.00"]
    assert till.preview("W-10").status_code == 404
