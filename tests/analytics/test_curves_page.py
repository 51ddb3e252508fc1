"""The page Curves: every point opens as many customers as it counts."""

import pytest
from django.urls import reverse

from analytics import recompute
from analytics.metrics import curves
from analytics.models import Generation
from analytics.reports import behind
from shop.models import Setting
from tests.analytics.shops import AS_OF, order, random_shop


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


@pytest.fixture(scope="module")
def figures(module_db):
    Setting.put("analytics.active_days", 60)
    random_shop(120)
    return recompute.full(AS_OF).pk


@pytest.fixture
def shop(figures, db):
    return Generation.objects.get(pk=figures)


def opened(generation, **question):
    return behind.asked(generation, {name: str(value) for name, value in question.items()}).customers.count()


@pytest.mark.parametrize("clock", ["calendar", "elapsed"])
@pytest.mark.parametrize("width", curves.WIDTHS)
def test_a_point_of_day_n_opens_those_who_bought_then(shop, width, clock):
    found = curves.curves(shop, width, elapsed=clock == "elapsed").day_n

    assert any(k for _day, k, _n in found)
    for day, k, _n in found[:12]:
        assert opened(shop, who="on_day", day=day, width=width, clock=clock) == k, day


def test_a_bar_of_rolling_retention_opens_those_who_bought_then_or_later(shop):
    found = curves.curves(shop, 0, elapsed=False).rolling

    assert found
    for day, k, _n in found:
        assert opened(shop, who="from_day", day=day) == k


def test_the_page_draws_four_curves_and_gives_each_as_a_file(manager, shop):
    body = manager.get(reverse("analytics:curves")).content.decode()

    for words in (
        "Half of those who come back",
        "buy a second time",
        "after the first purchase",
        "are still there on day",
    ):
        assert words in body
    for name in ("gaps", "second", "day_n", "rolling"):
        file = manager.get(reverse("analytics:curves_csv"), {"csv": name})
        assert len(file.content.decode("utf-8-sig").splitlines()) > 3, name
    assert manager.get(reverse("analytics:curves_csv"), {"csv": "other"}).status_code == 404


@pytest.mark.parametrize("orders", [0, 1, 2])
def test_hardly_any_orders_make_no_curve(manager, cleo, orders):
    for n in range(orders):
        order(cleo, 1 + 20 * n, "10.00").save()
    if orders:
        recompute.full(AS_OF)

    assert "No curve yet" in manager.get(reverse("analytics:curves")).content.decode()


def test_everybody_on_one_day_and_nothing_since(manager, db):
    for customer in random_shop(3):
        order(customer, 400, "10.00").save()
    recompute.full(AS_OF)

    assert manager.get(reverse("analytics:curves")).status_code == 200


@pytest.mark.parametrize("asked", [{"width": "4"}, {"day": "moon"}, {"width": "9" * 30, "day": ""}])
def test_an_unknown_choice_is_the_first_one(manager, shop, asked):
    assert manager.get(reverse("analytics:curves"), asked).status_code == 200


@pytest.mark.parametrize("day", ["0", "-1", "x", "1e9", "9999", "²"])
def test_a_day_that_is_none_opens_nothing(manager, shop, day):
    asked = {"who": "on_day", "day": day}

    assert manager.get(reverse("analytics:behind"), asked).status_code == 404
    assert behind.asked(Generation.objects.current(), asked) is None
