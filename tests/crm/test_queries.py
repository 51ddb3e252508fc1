"""The pages that staff look at all day ask the database a few times, and as often of much as of little."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Consent, Customer, CustomField, Duplicate, Order, OrderLine, PrivacyRequest, Tag, Tagging, Task
from loyalty.models import Badge, BadgeAward, Reward, Standing, Tier, TierPeriod
from shop.at_once import fetch, once
from tests import build
from tests.loyalty.discounts.making import discount, grant
from tests.loyalty.programme.making import scheme
from tests.loyalty.till.making import points

MOST = 12


def asked(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.fixture(scope="module")
def busy(module_db):
    """Of everything that the card shows, more than it shows at once."""
    ana, ada, sam = build.customer("Ana Lindqvist"), build.user("administrator"), build.user()
    CustomField.objects.create(key="size", label="Size", kind="number")
    Customer.objects.filter(pk=ana.pk).update(custom={"size": 38.5})
    ana.refresh_from_db()
    for number in range(50):
        order = build.order(ana, at=number)
        OrderLine.objects.create(order=order, position=1, sku="A", unit_price=50, paid=50)
        build.note(ana, by=sam, at=timezone.now() - timedelta(days=number))
        build.task(sam, customer=ana, due_in=number - 5)
        build.identifier(ana, "email", f"ana{number}@post.example")
        build.complaint(ana, owner=ada)
        points(ana, 100, expires_at=timezone.now() + timedelta(days=9 + number))
        Tagging.objects.create(customer=ana, tag=Tag.objects.create(name=f"Tag {number}"))
        grant(ana, discount(f"Offer {number}"))
        other = build.customer(f"Ann {number}")
        Duplicate.objects.create(first=ana, second=other, reasons=["name"], strength=50)
    _ranked(ana)
    OrderLine.objects.create(order=build.order(ana), position=1, sku="A", unit_price=50, paid=50)
    return ana.pk


@pytest.fixture
def much(busy, db):
    return Customer.objects.get(pk=busy)


def _ranked(customer: Customer) -> None:
    scheme()
    today = timezone.localdate()
    bronze, silver = Tier.objects.get(name="Bronze"), Tier.objects.get(name="Silver")
    TierPeriod.objects.create(customer=customer, tier=bronze, began_on=today, kept_until=today, why="reached")
    Standing.objects.create(customer=customer, tier=bronze, next_tier=silver, counted=50, to_next=50, as_of=today)
    BadgeAward.objects.create(customer=customer, badge=Badge.objects.create(name="First steps"))
    for cost in (100, 200):
        Reward.objects.create(name=f"For {cost}", cost=cost)


def test_the_card_of_much_asks_no_more_than_that_of_nothing(as_administrator, much):
    nothing = build.customer("Nobody yet")

    few, many = (asked(as_administrator, one.get_absolute_url()) for one in (nothing, much))

    assert few <= many <= MOST


def test_the_card_of_fifty_of_each_asks_as_often_as_that_of_one(as_administrator, much):
    one = build.customer("One of each", email="one@post.example")
    OrderLine.objects.create(order=build.order(one), position=1, sku="A", unit_price=50, paid=50)

    assert asked(as_administrator, one.get_absolute_url()) == asked(as_administrator, much.get_absolute_url())


def test_today_asks_as_often_of_fifty_of_each_as_of_one(as_administrator, ada, ana):
    def another(name: str) -> None:
        customer = build.customer(name)
        build.order(customer)
        build.task(ada, customer=customer, due_in=-1)
        build.complaint(customer, owner=ada)
        PrivacyRequest.objects.create(customer=customer, kind="copy", due_on=timezone.localdate())

    another("The first")
    one = asked(as_administrator, "/")
    for number in range(50):
        another(f"Customer {number}")

    assert asked(as_administrator, "/") == one <= MOST


@pytest.mark.parametrize("address", ["/customers/", "/customers/?sort=-net", "/at-risk/", "/retention/"])
def test_the_other_main_pages_stay_below_the_same_number(as_administrator, much, address):
    assert asked(as_administrator, address) <= MOST


def test_rows_fetched_together_are_those_that_each_question_gives_alone(much, django_assert_num_queries):
    def questions():
        return [
            Order.objects.filter(customer=much).select_related("customer__owner").order_by("pk"),
            Task.objects.order_by("pk").values("pk", "due_on", "created_at"),
            Tag.objects.order_by("name").values_list("name", "created_at")[:3],
            Consent.objects.filter(pk__in=[]),
            Duplicate.objects.order_by("pk").defer("strength"),
            Customer.objects.filter(pk=much.pk).only("custom", "name"),
        ]

    alone, together = questions(), questions()
    with django_assert_num_queries(1):
        fetch(together)
        found = [list(one) for one in together]

    assert found == [list(one) for one in alone]
    assert [vars(a) | {"_state": 0} for a in found[0]] == [vars(b) | {"_state": 0} for b in alone[0]]
    assert found[5][0].custom == much.custom == {"size": 38.5}
    assert together[0].filter(total=-1).count() == 0


def test_a_question_is_kept_with_what_it_is_about(ana):
    @once
    def orders(customer):
        return customer.orders.all()

    assert orders(ana) is orders(ana)
    assert orders(ana) is not orders(Customer.objects.get(pk=ana.pk))
