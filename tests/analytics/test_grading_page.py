"""The page Grading, and who stands behind its numbers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from analytics import recompute
from analytics.grading import life
from analytics.models import Forecast, Generation
from analytics.reports.grading import Grading
from crm.models import Customer, Order
from tests.analytics.shops import AS_OF, order, random_shop

LATER = AS_OF + timedelta(days=91)


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


@pytest.fixture(scope="module")
def figures(module_db):
    """A month's forecast that came out, of a shop in which some came back."""
    random_shop(120)
    kept = life.keep(recompute.full(AS_OF))
    back = Customer.objects.filter(pk__in=kept.rows.filter(p_silent__lt=0.8).values("customer")[:40])
    Order.objects.bulk_create([order(one, -20, "20.00") for one in back])
    later = recompute.full(LATER)
    life.follow(later, LATER)
    return later.pk


@pytest.fixture
def shop(figures, db):
    return Generation.objects.get(pk=figures)


def page(client, name="grading", **asked):
    return client.get(reverse(f"analytics:{name}"), asked)


def text(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_before_anything_is_graded_the_page_says_when_it_will_be(manager, db):
    assert "Nothing graded yet" in text(page(manager))
    random_shop(70)
    Order.objects.filter(placed_at__date__lt=AS_OF - timedelta(days=20)).delete()
    generation = recompute.full(AS_OF)
    if generation.model_in_use:
        life.keep(generation)

    assert "Nothing graded yet" in text(page(manager))


def test_forecast_and_outcome_stand_side_by_side(manager, shop):
    body = text(page(manager))

    for word in ("Ranks right", "Calibration error", "Brier score", "Did not come back", "False alarms", "Foretold"):
        assert word in body
    assert "The same as a table" in body
    assert "Looking back" not in body


def test_who_stands_behind_a_number_are_as_many_as_it_says(manager, shop):
    grading = Grading.of(shop, "")
    found = grading.result

    def count(**asked):
        return page(manager, "graded", forecast=grading.forecast.pk, **asked).context["found"].customers.count()

    assert count(who="silent") == found["silent"]
    assert count(who="bought") == found["customers"] - found["silent"]
    for i, part in enumerate(found["tenths"]):
        assert (count(who="all", part=i), count(who="silent", part=i)) == (part["n"], part["silent"])
    for reason, (n, back) in found["reasons"].items():
        if n:
            assert (count(who="all", reason=reason), count(who="bought", reason=reason)) == (n, back), reason


def test_a_look_back_says_that_it_is_one(manager, shop):
    Forecast.objects.of_months().delete()
    life.follow(shop, LATER)

    body = text(page(manager))

    assert "Looking back" in body


def test_a_score_that_is_switched_off_says_why(manager, shop):
    Generation.objects.filter(pk=shop.pk).update(timing={**shop.timing, "off": "base_rate"})

    assert "The score is switched off" in text(page(manager))
    assert "goes by what customers are worth" in text(page(manager, "at_risk"))


def test_the_chart_comes_as_a_file(manager, shop):
    lines = page(manager, "grading_csv").content.decode().splitlines()

    assert len(lines) == 1 + len(Grading.of(shop, "").result["tenths"])


def test_more_forecasts_do_not_cost_more_questions(manager, shop, django_assert_max_num_queries):
    for month in range(1, 6):
        one = Forecast.begin("month", AS_OF - timedelta(days=150 + 30 * month), 90)
        one.grade(Forecast.objects.telling().result)

    with django_assert_max_num_queries(12):
        assert "Forecasts graded so far" in text(page(manager))


def test_everybody_silent_is_said_and_not_ranked(manager, shop):
    last = Forecast.objects.telling()
    last.grade({**last.result, "auc": [None] * 3, "auc_days": [None] * 3})

    assert "not yet" in text(page(manager))


def test_no_question_breaks_a_page(manager, shop):
    manager.raise_request_exception = False

    for odd in ("-1", "99", "²", "'; --", "1" * 5000, ""):
        for name in ("forecast", "part", "reason", "who", "after_row"):
            assert page(manager, "graded", **{"who": "all", name: odd}).status_code < 500, (odd, name)
        assert page(manager, forecast=odd).status_code == page(manager, "grading_csv", forecast=odd).status_code == 200


def test_support_has_no_grading(client, sam, shop):
    client.force_login(sam)

    assert [page(client, name).status_code for name in ("grading", "graded", "grading_csv")] == [403] * 3
