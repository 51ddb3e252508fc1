"""A discount on the orders of last year: what it would have cost, who would have paid less, who nothing."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Customer, Event, OrderLine
from loyalty.discounts.buyer import Buyer
from loyalty.models import Grant, Redemption, Rehearsal, RehearsedCustomer
from loyalty.programme import rehearsing
from shop.models import Job
from tests import build
from tests.loyalty.discounts import making


def order(customer, *prices, **fields):
    """Lines A, B … at these prices."""
    made = build.order(customer, str(sum(Decimal(price) for price in prices)), **fields)
    OrderLine.objects.bulk_create(
        OrderLine(order=made, position=at, sku="AB"[at - 1], unit_price=Decimal(price), paid=Decimal(price))
        for at, price in enumerate(prices, start=1)
    )
    return made


def rehearsed(discount):
    return rehearsing.begin(version=discount.version).result


def saved():
    return dict(RehearsedCustomer.objects.values_list("customer__given_name", "after"))


def test_it_says_the_cost_on_every_order_and_once_for_each(db):
    dora, emil = build.customer("Dora"), build.customer("Emil")
    order(dora, "30.00", "10.00", at=100)
    order(dora, "60.00", at=50)
    order(emil, "15.00", at=20)

    result = rehearsed(making.discount(minimum=20))

    assert (result["orders"], result["applied"], result["refused"]) == (3, 2, {"below_minimum": 1})
    assert (result["cost"], result["once"]) == (1000, 400)
    assert (result["customers"], result["gain"], saved()) == (2, 1, {"Dora": 1000, "Emil": 0})


def test_only_its_goods_count_and_never_more_than_was_paid_and_kept(db):
    dora = build.customer("Dora")
    order(dora, "30.00", "10.00", at=30)
    order(dora, "8.00", "2.00", at=20).refund(Decimal("9.50"))
    build.order(dora, "99.00", at=10)  # told without lines: nobody knows what it was

    result = rehearsed(making.discount(kind="free_item", lane="item", skus=["B"]))

    assert (result["cost"], result["refused"]) == (1000 + 50, {"excluded_items": 1})


def test_what_was_not_paid_called_off_given_back_or_is_older_is_left_out(db):
    dora = build.customer("Dora")
    build.order(dora, "10.00", at=400)
    build.order(dora, "10.00", at=3, paid_at=None)
    build.order(dora, "10.00", at=3).cancel()
    build.order(dora, "10.00", at=3).refund(Decimal("10.00"))
    build.order(dora, "10.00", at=3)

    assert rehearsed(making.discount())["orders"] == 1


@pytest.mark.parametrize(("currency", "cost"), [("JPY", 99), ("EUR", 9900), ("KWD", 99_000)])
def test_it_counts_in_the_smallest_coin_of_the_shop(db, ada, currency, cost):
    from shop.models import Setting

    Setting.put("shop.currency", currency, by=ada)
    build.order(build.customer("Dora"), "990", at=3)

    assert rehearsed(making.discount())["cost"] == cost


def test_it_changes_nothing(ana):
    discount = making.discount()
    events = Event.objects.count()

    rehearsed(discount)

    assert (Grant.objects.count(), Redemption.objects.count(), Event.objects.count()) == (0, 0, events)


def test_many_orders_are_tried_in_the_background(ana, monkeypatch):
    monkeypatch.setattr(rehearsing, "AT_ONCE", 3)

    found = rehearsing.begin(version=making.discount().version)
    assert (found.job.kind, found.finished_at) == (rehearsing.KIND, None)
    rehearsing.rehearse(Job.objects.get().pk)

    found.refresh_from_db()
    assert found.result["cost"] == 5 * 400


def text(answer):
    return " ".join(answer.content.decode().split())


def test_the_page_of_a_discount_tries_it_and_its_figures_lead_to_the_customers(as_manager, as_support, ana, cleo):
    build.order(cleo, "5.00", at=3)
    discount = making.discount("Autumn", minimum=20)

    assert as_support.post(f"/discounts/{discount.pk}/rehearsals/").status_code == 403
    as_manager.post(f"/discounts/{discount.pk}/rehearsals/")
    page = text(as_support.get(discount.get_absolute_url()))

    assert "5 of 6" in page
    assert "£20.00" in page
    assert "Orders below its minimum" in page
    address = f"/discounts/rehearsals/{Rehearsal.objects.get().pk}/"
    assert address in page
    less, nothing = text(as_support.get(address)), text(as_support.get(address, {"who": "nothing"}))
    assert ("Ana Lindqvist" in less, "Cleo Marczak" in less) == (True, False)
    assert ("Ana Lindqvist" in nothing, "Cleo Marczak" in nothing) == (False, True)
    assert as_manager.get(f"/loyalty/rehearsals/{Rehearsal.objects.get().pk}/").status_code == 404


def test_terms_that_nobody_has_yet_can_still_be_changed_after_they_were_tried(as_manager, ana):
    discount = making.discount()
    rehearsed(discount)

    discount.change(kind="percent", lane="order", percent=20)

    assert (discount.versions.count(), Rehearsal.objects.count()) == (1, 0)


def test_the_lists_turn_pages_and_ask_as_often_for_fifty_as_for_one(as_manager, ana):
    people = Customer.objects.bulk_create(Customer(given_name=f"Person {n}") for n in range(60))
    for person in people:
        build.order(person, "10.00", at=3)
    discount = making.discount()
    rehearsed(discount)
    address = f"/discounts/rehearsals/{Rehearsal.objects.get().pk}/"
    seen = []

    first = as_manager.get(address)
    seen += [customer.pk for customer, _saved in first.context["rows"]]
    rest = as_manager.get(address, {"after": first.context["following"]})
    seen += [customer.pk for customer, _saved in rest.context["rows"]]

    assert len(seen) == len(set(seen)) == 61
    assert rest.context["following"] == ""


def test_every_use_is_behind_the_figures_of_the_page(as_manager, ana):
    discount = making.discount()
    address = f"/discounts/{discount.pk}/uses/"

    def use(number):
        making.grant(ana, discount)
        [one] = making.hold(making.basket("20.00"), Buyer.of(ana), key=str(number))
        return one

    use(0).commit()
    with CaptureQueriesContext(connection) as of_one:
        as_manager.get(address)
    for number in range(1, 61):
        use(number).commit()
    held = use(99)

    with CaptureQueriesContext(connection) as of_many:
        used = as_manager.get(address)
    waiting = as_manager.get(address, {"state": "held"})
    older = as_manager.get(address, {"before": used.context["following"]})

    assert len(of_many) == len(of_one)
    assert (len(used.context["rows"]), len(older.context["rows"])) == (50, 11)
    assert waiting.context["rows"] == [held]
    page = text(as_manager.get(discount.get_absolute_url()))
    assert f'href="{address}"' in page
    assert f'href="{address}?state=held"' in page


def test_what_can_still_be_used_is_behind_its_figure(as_manager, ana, ben):
    discount = making.discount()
    used, left = making.grant(ana, discount), making.grant(ben, discount)
    making.hold(making.basket("20.00"), Buyer.of(ana))[0].commit()

    everything = as_manager.get(discount.get_absolute_url()).context["grants"]
    open_ = as_manager.get(discount.get_absolute_url(), {"show": "open"}).context["grants"]

    assert {grant for grant, *_words in everything} == {used, left}
    assert [grant for grant, *_words in open_] == [left]


def test_the_orders_it_does_not_fit_are_listed_with_those_it_fits(as_manager, as_support, monkeypatch):
    dora, emil = build.customer("Dora"), build.customer("Emil")
    for day, price in ((90, "30.00"), (80, "10.00"), (70, "25.00"), (60, "5.00"), (50, "15.00")):
        order(dora if day > 65 else emil, price, at=day)
    rehearsed(making.discount(minimum=20))
    address = f"/discounts/rehearsals/{Rehearsal.objects.get().pk}/orders/"
    monkeypatch.setattr("loyalty.discounts.rehearsing.PART", 2)

    def totals(question):
        return [str(one.total) for one in as_manager.get(address + question).context["orders"]]

    assert totals("") == ["25.000", "30.000"]
    assert totals("?why=below_minimum") == ["15.000", "5.000", "10.000"]
    monkeypatch.setattr("loyalty.views.discounts_rows.PAGE", 2)
    page = as_manager.get(f"{address}?why=below_minimum")
    assert f"?why=below_minimum&amp;before={page.context['following']}" in page.content.decode()
    assert totals(f"?why=below_minimum&before={page.context['following']}") == ["10.000"]
    shown = as_manager.get(f"/discounts/{Rehearsal.objects.get().version.discount_id}/").content.decode()
    assert f'{address}?why=below_minimum"' in shown
