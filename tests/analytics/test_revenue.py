"""Whether tax and shipping count: one choice of the shop, read by whatever adds orders up."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from analytics import recompute, refreshing, tasks
from analytics.definition import Definition
from analytics.models import Figures, Generation, PeriodFigure
from analytics.purchases.reading import all_purchases
from analytics.purchases.summary import summarise
from crm.card.bought import bought
from crm.models import Order, Refund
from shop.models import Job, Setting
from tests import build

CHOICE = "orders.tax_and_shipping"


@pytest.fixture
def buyer(db):
    return build.customer("Dora Bell")


def order_with_tax(customer, **more):
    return build.order(customer, "120.00", at=40, tax="20.00", shipping="10.00", **more)


@pytest.mark.parametrize(
    ("order", "net", "goods"),
    [
        ({}, "120", "90"),
        ({"refunded": "60.00"}, "60", "45"),
        ({"refunded": "120.00"}, "0", "0"),
        ({"cancelled_at": timezone.now()}, "0", "0"),
        ({"paid_at": None}, "0", "0"),
    ],
)
def test_an_order_knows_its_worth_with_and_without_tax_and_shipping(buyer, order, net, goods):
    made = order_with_tax(buyer, **order)

    made = Order.objects.get(pk=made.pk)

    assert (made.net, made.net_goods) == (Decimal(net), Decimal(goods))


def test_an_order_worth_nothing_and_one_of_shipping_alone_are_worth_no_goods(buyer):
    free, sent = build.order(buyer, "0.00"), build.order(buyer, "5.00", shipping="5.00", tax="1.00")

    worth = Order.objects.filter(pk__in=[free.pk, sent.pk]).values_list("net_goods", flat=True)

    assert list(worth) == [0, 0]


@pytest.mark.parametrize(("everything", "spent"), [(True, "120"), (False, "90")])
def test_card_list_and_months_count_what_the_shop_chose(buyer, everything, spent):
    order_with_tax(buyer)
    Setting.put(CHOICE, everything)

    recompute.full()

    assert bought(buyer).net == Decimal(spent)
    assert Figures.objects.get(customer=buyer).net == Decimal(spent)
    assert sum(PeriodFigure.objects.filter(mode="window").values_list("revenue", flat=True)) == Decimal(spent)


def test_of_a_refund_the_months_take_back_the_share_of_the_goods(buyer):
    order = order_with_tax(buyer)
    order.refund(Decimal("60.00"), at=timezone.now() - timedelta(days=35))
    Setting.put(CHOICE, False)

    recompute.full()

    assert sum(PeriodFigure.objects.filter(mode="window").values_list("revenue", flat=True)) == Decimal("45")


def test_a_refreshed_customer_counts_as_the_figures_that_are_shown_do(buyer):
    order = order_with_tax(buyer)
    recompute.full()
    Setting.put(CHOICE, False)
    order.refund(Decimal("12.00"))

    refreshing._write([buyer.pk], refreshing.stored_of(Generation.objects.get()))

    assert Figures.objects.get(customer=buyer).net == Decimal("108")


def test_a_changed_definition_has_everything_made_anew_once(buyer):
    order_with_tax(buyer)
    recompute.full()
    before = tasks.due(), Job.objects.count()
    Setting.put(CHOICE, False)

    tasks.due()
    tasks.due()

    assert before == ([], 0)
    assert Job.objects.filter(kind=tasks.KIND).count() == 1


def test_the_screen_says_before_what_a_change_brings_about(as_administrator):
    page = as_administrator.get("/settings/analytics/").content.decode()

    assert "Tax and shipping count as revenue" in page
    assert "A change has all figures made anew" in page


def test_a_large_order_given_back_without_naming_it_foretells_no_large_spend(buyer):
    """The demo shop has one: two orders, of 3 and of 77,184, the second given back the same day."""
    for days_ago, total in ((200, "3.00"), (1, "77184.00")):
        build.order(buyer, total, at=days_ago)
    Refund.objects.create(customer=buyer, at=timezone.now(), amount="77184.00", source="shop", reference="C-1")

    customers = summarise(all_purchases(Definition.in_force()), 0)

    assert customers.net.tolist() == [3000]
    assert (customers.repeat_spends.tolist(), customers.repeat_spend.tolist()) == ([0], [0])
