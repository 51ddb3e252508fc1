"""The page Value: what the next year brings, from whom, and how sure that is."""

import math

import pytest
from django.db.models import Sum
from django.http import QueryDict
from django.urls import reverse

from analytics import recompute
from analytics.grading import totals
from analytics.lifetime import ahead
from analytics.metrics import rfm_grid, tenths, worth
from analytics.models import Figures, Generation, Scores
from analytics.reports.tenths import tenths_of
from analytics.reports.value import Report
from crm.segments.question import Question
from shop import formats
from tests.analytics.shops import AS_OF, random_shop


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


@pytest.fixture(scope="module")
def figures(module_db):
    random_shop(120)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "SHOPS", 4)
        patch.setattr(totals, "PARTS", 2)
        generation = recompute.full(AS_OF)
        rfm_grid.count(generation)
        tenths.count(generation)
        worth.count(generation)
    return generation.pk


@pytest.fixture
def shop(figures, db, monkeypatch):
    monkeypatch.setattr(ahead, "SHOPS", 4)
    monkeypatch.setattr(totals, "PARTS", 2)
    return Generation.objects.get(pk=figures)


def page(client, name="value"):
    return client.get(reverse(f"analytics:{name}"))


def test_the_total_is_that_of_the_customers_and_lies_in_its_interval(shop):
    found = Generation.objects.current().totals["worth"]

    assert found["value"] == Scores.objects.aggregate(sum=Sum("value_365"))["sum"] * 1000
    assert found["customers"] == 120
    low, high = found["missed"]["value"]
    assert -1 < low < high < 1


def test_the_page_says_what_the_year_brings_and_from_whom(manager, shop, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        body = " ".join(page(manager).content.decode().split())

    for words in ("Value of the next 365 days", "Orders expected", "Each buyer", "The same as a table", "rfm="):
        assert words in body
    chart = Report.of(Generation.objects.current(), {}).charts()["value"]
    assert sum(bar.value for bar in chart.bars) * 1000 == pytest.approx(shop.totals["worth"]["value"])
    assert len(page(manager, "value_csv").content.decode().splitlines()) == 1 + len(chart.bars)


def test_the_range_holds_what_a_forecast_of_older_records_missed_and_the_page_says_so(manager, shop):
    missed = shop.totals["worth"]["missed"]
    (back,) = missed["back"]
    foretold, came = back["value"]

    low, high = missed["value"]
    assert (1 + low) * (1 + high) == pytest.approx(1, abs=1e-4)
    assert math.log1p(high) >= 3.07 * abs(math.log(came / foretold))
    body = " ".join(page(manager).content.decode().split())
    for words in (
        "Eight times in ten",
        formats.percent(abs(foretold / came - 1)),
        "a season cannot be told from growth",
    ):
        assert words in body


def test_figures_made_before_totals_were_held_against_what_came_say_nothing_of_it(manager, shop):
    before = {name: shop.totals["worth"]["missed"][name] for name in ("on", "orders", "value")}
    shop.totals["worth"]["missed"] = before
    shop.save()

    body = page(manager).content.decode()

    assert "Orders expected" in body
    assert "Eight times in ten" not in body


def test_an_interval_is_drawn_once_a_month(shop, monkeypatch):
    monkeypatch.setattr(ahead, "misses", lambda *args, **options: pytest.fail("drawn again"))

    again = recompute.full(AS_OF)
    worth.count(again)

    assert again.totals["worth"]["missed"] == shop.totals["worth"]["missed"]


def test_an_interval_made_by_an_older_rule_is_made_anew_at_once(shop):
    drawn = shop.totals["worth"]["missed"]
    shop.totals["worth"]["missed"] = {**drawn, "rule": 1, "value": [-0.01, 0.01]}
    shop.save()

    again = recompute.full(AS_OF)
    worth.count(again)

    assert again.totals["worth"]["missed"] == drawn


@pytest.mark.parametrize("customers", [0, 1, 59])
def test_too_few_buyers_have_no_forecast(manager, db, customers):
    random_shop(customers)
    worth.count(recompute.full(AS_OF))

    assert "No forecast yet" in page(manager).content.decode()
    assert page(manager, "value_csv").status_code == 404


def test_tenths_are_equal_parts_of_all_buyers_from_the_best_down_and_open_them(shop, mira):
    parts = tenths_of(shop)
    sums = Figures.objects.aggregate(net=Sum("net")) | Scores.objects.aggregate(worth=Sum("value_365"))

    assert [part.n for part in parts] == [12] * 10
    assert sum(part.spent for part in parts) == pytest.approx(float(sums["net"]))
    assert sum(part.worth for part in parts) == pytest.approx(float(sums["worth"]), abs=0.01)
    opened = [Question.read(QueryDict(part.url.partition("?")[2]), mira).customers.count() for part in parts]
    assert opened == [12] * 10


def test_the_best_are_named_and_the_tenths_are_a_file(manager, shop):
    best = Scores.objects.order_by("-value_365", "-pk").first()

    assert best.customer.get_absolute_url() in page(manager).content.decode()
    lines = manager.get(reverse("analytics:value_csv"), {"csv": "tenths"}).content.decode().splitlines()
    assert len(lines) == 11
