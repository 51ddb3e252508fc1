"""What a program reads of the figures: with n, interval and completeness, by period and by group."""

import pytest

from analytics import recompute
from analytics.metrics.table import BY_NAME
from analytics.models import Generation
from shop.models import Setting
from tests import build
from tests.analytics.shops import AS_OF, random_shop
from tests.api import true_to_the_papers

HALF_A_YEAR = 6


@pytest.fixture
def get(client, db):
    keys = {}

    def ask(path, *scopes, **asked):
        scopes = scopes or ("reports.view",)
        key = keys.setdefault(scopes, build.api_key(f"crm {len(keys)}", *scopes))
        answer = client.get(f"/api/v1/metrics/{path}", asked, headers={"Authorization": f"Bearer {key}"})
        return true_to_the_papers("get", answer)

    return ask


@pytest.fixture(scope="module")
def figures(module_db):
    Setting.put("analytics.active_days", 60)
    random_shop(90)
    return recompute.full(AS_OF).pk


@pytest.fixture
def shop(figures, db):
    return Generation.objects.get(pk=figures)


def test_before_the_first_figures_it_says_so(get):
    refused = get("")

    assert (refused.status_code, refused.json()["code"]) == (409, "no_figures")


def test_every_metric_of_a_month_comes_with_n_and_interval(get, shop):
    found = get("", period="2026-05").json()

    assert found["period"] == {"first": "2026-05-01", "last": "2026-05-31", "complete": True}
    assert found["against"]["first"] == "2026-04-01"
    assert set(found["metrics"]) == set(BY_NAME)
    retention = found["metrics"]["retention"]
    assert retention["low"] < retention["value"] == retention["hits"] / retention["n"] < retention["high"]


def test_a_period_that_is_not_over_says_so(get, shop):
    period = get("retention/", period="2026", compare="year").json()["period"]

    assert period == {"first": "2026-01-01", "last": "2026-05-31", "complete": False}


def test_one_metric_brings_its_definition_and_is_of_a_group(get, shop):
    found = get("average_order/", group="cohort-2025-06", compare="none").json()

    assert (found["group"], found["against"], found["unit"]) == ("cohort-2025-06", None, "money")
    assert found["means"] == str(BY_NAME["average_order"].says)
    assert found["n"] < get("average_order/").json()["n"]


def test_months_come_the_oldest_first(get, shop):
    rows = get("churn/months/", months=HALF_A_YEAR).json()["results"]

    assert [row["period"]["first"][:7] for row in rows] == [f"2025-{12}", *(f"2026-0{n}" for n in range(1, 6))]
    assert rows[-1]["value"] == get("churn/", period="2026-05").json()["value"]


def test_who_stands_behind_a_number_takes_the_scope_of_customers_too(get, shop):
    both = ("reports.view", "customers.view")
    n = get("churn/", period="2026-05").json()["hits"]

    refused = get("churn/customers/", period="2026-05")
    first = get("churn/customers/", *both, period="2026-05").json()

    assert (refused.status_code, refused.json()["scope"]) == (403, "customers.view")
    assert (len(first["results"]), first["next"]) == (n, None)


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("", {"period": "2026-13"}, 400),
        ("", {"period": "2031"}, 400),
        ("", {"group": "segment-1"}, 400),
        ("", {"compare": "sideways"}, 400),
        ("", {"mode": "lazily"}, 400),
        ("", {"by": "tier"}, 400),
        ("churn/months/", {"months": "0"}, 400),
        ("churn/months/", {"months": "٣"}, 400),
        ("hearsay/", {}, 404),
        ("nps/customers/", {}, 403),
    ],
)
def test_what_cannot_be_read_is_refused(get, shop, path, asked, status):
    assert get(path, **asked).status_code == status
