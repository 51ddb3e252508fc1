"""`lifetime` and `grade` on the orders of a shop."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from analytics.lifetime import ahead
from crm.models import Order
from tests.analytics.shops import AS_OF, order, random_shop


@pytest.fixture(scope="module")
def customers(module_db):
    return random_shop(150)


@pytest.fixture
def shop(customers, db, monkeypatch):
    monkeypatch.setattr(ahead, "SHOPS", 3)
    return customers


def said(command, *options):
    out = StringIO()
    call_command(command, *options, stdout=out)
    return out.getvalue()


def test_lifetime_says_what_is_used_and_what_a_year_brings(shop):
    found = json.loads(said("lifetime", "--cut", str(AS_OF), "--json"))

    assert found["customers"] == 150
    assert {fit["k"] for fit in found["candidates"]} == {1, 2, 3, 4}
    assert found["used"]["model"] in ("mbg_cnbd", "nbd")
    assert {fit["model"] for fit in found["compared"]} >= {"bg_nbd", "nbd"}
    for total in ("purchases", "value"):
        value, low, high = found["ahead"][total]
        assert 0 < low < high
        assert value > 0


def test_one_customer_has_a_range(shop):
    found = json.loads(said("lifetime", "--cut", str(AS_OF), "--customer", str(shop[0].pk), "--json"))

    low, high = found["purchases_10_to_90"]
    assert low <= high
    assert f"customer: {shop[0].pk}" in said("lifetime", "--cut", str(AS_OF), "--customer", str(shop[0].pk))
    with pytest.raises(CommandError, match="bought nothing"):
        said("lifetime", "--customer", "999999999")


def test_a_later_order_does_not_change_what_was_known(shop):
    before = said("lifetime", "--cut", str(AS_OF - timedelta(days=60)), "--json")
    Order.objects.bulk_create([order(one, 5, "99.00") for one in shop])

    assert said("lifetime", "--cut", str(AS_OF - timedelta(days=60)), "--json") == before


def test_grade_prints_the_forecast_beside_what_came(shop):
    cut = str(AS_OF - timedelta(days=95))

    found, text = json.loads(said("grade", "--cut", cut, "--json")), said("grade", "--cut", cut)

    assert (found["cut"], found["horizon"]) == (cut, 90)
    assert set(found["auc"]) == {"score", "days_since_last_order", "mbg_expected_purchases"}
    assert sum(part["n"] for part in found["tenths"]) == found["customers"]
    assert "mean Poisson deviance" in text


@pytest.mark.parametrize("options", [["--horizon", "0"], ["--horizon", "99999"], ["--cut", "2099-01-01"]])
def test_days_that_are_not_over_cannot_be_graded(shop, options):
    with pytest.raises(CommandError, match="not over"):
        said("grade", *options)


@pytest.mark.parametrize("command", ["lifetime", "grade"])
def test_without_orders_there_is_nothing_to_fit(db, command):
    with pytest.raises(CommandError, match="no purchases"):
        said(command)


def test_too_few_buyers_are_not_graded(db):
    random_shop(20)

    with pytest.raises(CommandError, match="needs 60"):
        said("grade", "--cut", str(AS_OF - timedelta(days=40)), "--horizon", "5")
