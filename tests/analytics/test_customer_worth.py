"""What a customer may bring, for programs; their past as margin; and who could buy a second time."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from analytics import recompute
from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.models import Generation, Scores
from analytics.reports.goals import last_month
from analytics.risk.lists import RiskList
from shop.models import Setting
from tests import build
from tests.analytics.shops import AS_OF, random_shop


@pytest.fixture(scope="module")
def figures(module_db):
    Setting.put("analytics.active_days", 60)
    random_shop(120)
    return recompute.full(AS_OF).pk


@pytest.fixture
def shop(figures, db):
    return Generation.objects.get(pk=figures)


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


def best():
    return Scores.objects.order_by("-value_365").first()


def test_programs_read_what_may_come_of_a_customer(client, shop):
    scores = best()
    headers = {"Authorization": f"Bearer {build.api_key('crm', 'customers.view')}"}

    told = client.get(f"/api/v1/customers/{scores.pk}/forecast/", headers=headers).json()
    build.identifier(scores.customer, "external", "c-7", source="shop")
    assert client.get("/api/v1/customers/shop:c-7/forecast/", headers=headers).json() == told

    assert (told["net"], told["p_alive"]) == (str(scores.figures.net), scores.p_alive)
    low, high = map(Decimal, told["value_10_to_90"])
    assert low < Decimal(told["value_365"]) < high
    assert client.get("/api/v1/customers/0/forecast/", headers=headers).status_code == 404


def test_historic_value_is_the_margin_where_one_is_set(manager, shop):
    def worth(generation):
        return asking.sums(generation, [Question(last_month(generation))])[0].worth

    spent = worth(shop)
    Setting.put("analytics.margin", Decimal(40))
    again = recompute.full(AS_OF)

    margin = worth(again)
    assert margin.interval.value == pytest.approx(spent.interval.value * 0.4)
    assert margin.interval.low == pytest.approx(spent.interval.low * 0.4)
    assert "Margin so far" in manager.get(best().customer.get_absolute_url()).content.decode()


def test_who_could_buy_a_second_time_is_listed_with_why_until_when_and_what_to_do(manager, shop):
    due = Scores.objects.filter(occasions=1, second_due_on__isnull=False).latest("second_due_on", "pk")
    rows = RiskList(shop, "second_due", due.second_due_on)

    page, _following = rows.page("")

    assert page[0].scores == due
    assert page[0].until == due.second_due_on + timedelta(days=shop.second_lasts)
    days = (due.second_due_on - due.figures.first_on).days
    assert f"First order <b>{days} days</b> ago." in page[0].why_now()
    assert f"by day <b>{days}</b>" in page[0].why_now()


def test_the_list_of_second_purchases_offers_what_helps_there(manager, shop, cleo):
    build.order(cleo, "20.00", at=shop.curves["second_after"] + 2)  # days; an hour of the clock moves none of them away
    recompute.full()

    body = " ".join(manager.get(reverse("analytics:at_risk"), {"list": "second_due"}).content.decode().split())
    today = manager.get(reverse("crm:today")).content.decode()

    assert str(cleo) in body
    assert "On this list until" in body
    assert "/discounts/" in body or "Discount" in body
    assert "Second purchase due" in today
    assert str(cleo) in today
