"""The till as staff see it: priced while they type, put aside, paid with fewer points, let go, goods taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Order
from loyalty.discounts import codes
from loyalty.models import Checkout, Grant, Redemption
from loyalty.programme.settling import settle
from loyalty.till.sweeping import lapse_checkouts
from shop import formats
from shop.templatetags.shop import when
from tests import build
from tests.loyalty.discounts.making import discount, grant
from tests.loyalty.till.making import points, rule, sums


def basket(*prices, **more):
    """As a browser sends it."""
    rows = {"sku": [], "category": [], "quantity": [], "unit_price": []}
    for at, price in enumerate(prices):
        for name, value in zip(rows, ["ABCDEFGH"[at], "things", "1", price], strict=True):
            rows[name].append(value)
    return {"who": "ana@people.example", "reference": "T-1", **rows, **more}


def quoted(client, *prices, **more):
    return " ".join(client.post("/till/quote/", basket(*prices, **more)).content.decode().split())


def held(client, *prices, **more):
    return client.post("/till/holds/", basket(*prices, **more))


def page(client, address, **asked):
    return " ".join(client.get(address, asked).content.decode().split())


def test_a_basket_is_priced_put_aside_and_paid(as_support, ana):
    rule()
    points(ana, 500)
    grant(ana)

    shown = quoted(as_support, "20.00", "10.00", use_points="200")
    aside = held(as_support, "20.00", "10.00", use_points="200", total="25.00")
    waiting = page(as_support, aside.url)
    as_support.post(f"{aside.url}commit/")

    assert "£25.00" in shown
    assert "put aside until" in waiting
    assert Checkout.objects.get().state == "paid"
    order = Order.objects.get(reference="T-1")
    assert (order.total, order.customer, sums(ana)) == (25, ana, (300, 0, 0, 0))


def test_fewer_points_can_be_spent_and_the_page_says_before_what_that_costs(as_support, ana):
    rule()
    points(ana, 1000)
    aside = held(as_support, "10.00", "5.00", use_points="1000")
    assert "£5.00" in page(as_support, aside.url)

    looked = page(as_support, aside.url, points="400")
    as_support.post(f"{aside.url}commit/", {"points": "400"})

    assert "£11.00" in looked
    assert 'name="points" value="400"' in looked
    assert ">11 points<" in looked  # what it would earn
    checkout = Checkout.objects.get()
    assert (checkout.points, checkout.to_pay, checkout.earns) == (400, 11, 11)
    assert settle(checkout.order) == 11
    assert sums(ana)[0] == 600


def test_the_card_says_for_which_order_points_are_put_aside_and_until_when(as_support, ana):
    points(ana, 500)
    held(as_support, "20.00", use_points="200")

    shown = [page(as_support, address) for address in (f"/customers/{ana.pk}/", f"/customers/{ana.pk}/points/")]

    waiting = Checkout.objects.get()
    for card in shown:
        assert f'href="/till/holds/{waiting.pk}/">T-1</a>, until {when(waiting.expires_at, "clock")}' in card


def test_of_two_of_one_name_the_chosen_stays_marked_and_can_be_changed(as_support, ana):
    other = build.customer("Ana Lindqvist", city="Lund")
    asked = quoted(as_support, "10.00", who="Ana Lindqvist")
    chosen = quoted(as_support, "10.00", who="Ana Lindqvist", chosen_for="Ana Lindqvist", customer=other.pk)

    assert "checked" not in asked
    assert f'id="who-{ana.pk}"' in chosen
    assert f'id="who-{other.pk}" value="{other.pk}" checked' in chosen
    assert "Who is it?</h2>" in asked
    assert "Ana Lindqvist</h2>" in chosen
    assert held(as_support, "10.00", who="Ana Lindqvist").status_code == 422


def test_after_a_sale_without_a_card_the_next_customer_comes(as_support, db):
    aside = held(as_support, "10.00", who="")

    paid = as_support.post(f"{aside.url}commit/", follow=True).content.decode()

    assert "Next customer" in paid
    assert "Take goods back" not in paid


def test_points_that_begin_on_one_day_are_said_in_one_sentence(as_support, ana):
    noon = (timezone.localtime() + timedelta(days=3)).replace(hour=12)
    points(ana, 10, available_at=noon)
    points(ana, 5, available_at=noon + timedelta(hours=1))

    said = quoted(as_support, "10.00")

    assert "15 points can be used from" in said
    assert said.count("can be used from") == 1


@pytest.mark.parametrize("typed", ["101", "1.5", "-1", "ten", "9" * 20])
def test_points_that_make_no_sense_are_refused_and_nothing_is_paid(as_support, ana, typed):
    points(ana, 1000)
    aside = held(as_support, "10.00", use_points="100")

    answers = [as_support.get(aside.url, {"points": typed}), as_support.post(f"{aside.url}commit/", {"points": typed})]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert (Checkout.objects.get().state, sums(ana)) == ("held", (900, 0, 100, 0))


def test_what_is_let_go_is_back_at_once(as_support, ana):
    points(ana, 100)
    mine = grant(ana)
    aside = held(as_support, "20.00", use_points="100")

    as_support.post(f"{aside.url}void/")

    mine.refresh_from_db()
    assert (Checkout.objects.get().state, mine.taken, sums(ana)) == ("voided", 0, (100, 0, 0, 0))


def test_nobody_is_charged_another_price_than_the_page_showed(as_support, ana):
    grant(ana)

    answer = held(as_support, "20.00", total="17.00")

    assert answer.status_code == 422
    assert "The price has changed meanwhile" in answer.content.decode()
    assert not Checkout.objects.exists()


def test_nobody_finds_a_code_by_trying_here_either(as_support, ana, ben):
    real = codes.new()
    grant(None, code=real, uses=None)

    tried = [quoted(as_support, "20.00", codes=codes.new()) for _try in range(12)]

    assert ["Too many wrong codes" in said for said in tried] == [False] * 10 + [True] * 2
    assert "−£2.00" not in quoted(as_support, "20.00", codes=real)
    assert held(as_support, "20.00", codes=real).status_code == 302
    assert Grant.objects.get().taken == 0
    assert "−£2.00" in quoted(as_support, "20.00", codes=real, who="ben@people.example")


def test_a_slip_in_a_code_is_told_from_a_code_that_is_not_known(as_support, ana):
    code = codes.new()
    slip = code[:4] + ("3" if code[4] == "2" else "2") + code[5:]

    assert f"The code that ends in {code[-4:]} is not known." in quoted(as_support, "20.00", codes=code)
    assert f"The code that ends in {slip[-4:]} has a slip in it" in quoted(as_support, "20.00", codes=slip)


def test_typing_a_code_slowly_or_changing_the_basket_is_no_new_try(as_support, ana):
    wrong, real = codes.new(), codes.new()
    grant(None, code=real, uses=None)

    for length in range(1, len(wrong) + 1):
        quoted(as_support, "20.00", codes=wrong[:length])
    for price in range(30):
        quoted(as_support, f"{price}.50", codes=wrong)

    assert "−£2.00" in quoted(as_support, "20.00", codes=real)


def test_goods_come_back_as_the_page_showed(as_support, ana):
    rule()
    points(ana, 500)
    grant(ana)
    aside = held(as_support, "20.00", "10.00", use_points="300")
    as_support.post(f"{aside.url}commit/")
    order = Order.objects.get(reference="T-1")
    settle(order)
    address = reverse("loyalty:order_return", args=[order.pk])

    shown = " ".join(as_support.post(address, {"line-2": "1"}, headers={"HX-Request": "true"}).content.decode().split())
    assert order.refunds.count() == 0
    as_support.post(address, {"line-2": "1", "book": "1", "key": "k"})
    as_support.post(address, {"line-2": "1", "book": "1", "key": "k"})

    assert "£8.00" in shown
    assert "+100" in shown
    assert "they could not be spent yet" in shown
    order.refresh_from_db()
    assert (order.refunded, sums(ana)) == (Decimal("8.00"), (300, 16, 0, 0))
    assert Redemption.objects.get().given_back == 1


def test_the_till_asks_as_often_for_twenty_waiting_baskets_as_for_one(as_support, ana):
    held(as_support, "20.00")
    as_support.get("/till/")
    with CaptureQueriesContext(connection) as one:
        as_support.get("/till/")

    for number in range(19):
        build.customer("Dora", email=f"d{number}@x.example")
        held(as_support, "20.00", reference=f"W-{number}", who=f"d{number}@x.example")
    with CaptureQueriesContext(connection) as twenty:
        as_support.get("/till/")

    assert len(twenty) == len(one)


def test_a_discount_that_is_paused_is_said_with_the_reason(as_support, ana):
    paused = discount("Autumn")
    grant(ana, paused)
    paused.pause()

    assert "Autumn: It is paused." in quoted(as_support, "20.00")


def test_of_two_that_give_as_much_neither_is_said_to_give_more(as_support, ana):
    grant(ana, discount("One"))
    grant(ana, discount("Two"))

    assert "Two: “One” gives as much, and one of them counts." in quoted(as_support, "20.00")


def test_what_stands_alone_is_named_where_others_lose_to_it(as_support, ana):
    grant(ana, discount("Tenth"))
    grant(ana, discount("All alone", percent=25, exclusive=True))

    said = quoted(as_support, "20.00")
    assert "Tenth: “All alone” cannot be combined and gives more: £5.00 instead of £2.00." in said

    grant(ana, discount("Half", percent=50))
    said = quoted(as_support, "20.00")
    assert "All alone: It cannot be combined; the others give £10.00 instead of £5.00." in said


def test_a_code_of_which_each_has_one_use_asks_whose_basket_it_is(as_support, ana):
    code = codes.new()
    grant(None, code=code, uses=100, uses_each=1)

    said = quoted(as_support, "20.00", codes=code, who="")
    assert "say whose basket it is" in said
    assert "belongs to somebody else" not in said
    assert "−£2.00" in quoted(as_support, "20.00", codes=code)


def test_a_discount_is_said_to_have_ended_on_its_last_day(as_support, ana):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    grant(ana, discount("Autumn"), expires_at=midnight)

    assert f"It ended on {formats.day((midnight - timedelta(hours=1)).date())}." in quoted(as_support, "20.00")


def test_staff_give_a_basket_more_time_once(as_support, ana):
    points(ana, 100)
    aside = held(as_support, "20.00", use_points="100")
    before = Checkout.objects.get().expires_at

    said = as_support.post(f"{aside.url}extend/", follow=True).content.decode()
    again = as_support.post(f"{aside.url}extend/")

    longer = Checkout.objects.get()
    assert longer.expires_at > before
    assert longer.hold.expires_at > before
    assert '<button class="button" disabled aria-describedby="no-more-time">' in said
    assert (again.status_code, Checkout.objects.get().expires_at) == (422, longer.expires_at)
    assert "It was given more time once." in again.content.decode()


def test_a_basket_whose_time_was_over_says_so_and_so_do_its_points(as_support, ana):
    points(ana, 100)
    aside = held(as_support, "20.00", use_points="100")
    Checkout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    late = as_support.post(f"{aside.url}extend/").content.decode()
    lapse_checkouts()

    ended = Checkout.objects.get()
    assert "Its time is over" in late
    assert (ended.state, ended.hold.status, sums(ana)) == ("expired", "expired", (100, 0, 0, 0))
    assert "its time was over, nothing was used" in page(as_support, aside.url)
    assert "It has ended already" in as_support.post(f"{aside.url}extend/").content.decode()


def test_a_discount_at_the_till_is_not_called_used_before_it_is_paid(as_manager, ana):
    mine = grant(ana)
    aside = held(as_manager, "20.00")
    places = [f"/discounts/grants/{mine.pk}/", mine.discount.get_absolute_url(), f"/customers/{ana.pk}/"]

    waiting = [page(as_manager, place) for place in places]
    as_manager.post(f"{aside.url}commit/")
    paid = [page(as_manager, place) for place in places[:2]]

    assert all(">put aside at the till</span>" in shown for shown in waiting)
    assert "0 of 1, 1 put aside at the till" in waiting[0]
    assert all(">used</span>" in shown and "put aside" not in shown for shown in paid)
