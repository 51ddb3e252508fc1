"""All pages of the figures at once: in shops of every size, and every chart with its table and its file."""

import json
import re
from html import unescape
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from analytics.lifetime import ahead
from analytics.models import Figures, Goal
from analytics.reports.pages import PAGES
from crm.models import Order
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop

EVERY = [*(address for _label, address in PAGES), "analytics:at_risk", "analytics:risk_outcomes"]
FIGURE = re.compile(r'<figure class="chart.*?</figure>', re.DOTALL)
FILE = re.compile(r'<span class="chart__get"><a href="([^"]*)">')
TABLE = re.compile(r'<table class="(?:figures|heat)">.*?<tbody>(.*?)</tbody>', re.DOTALL)


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    with time_machine.travel(AS_OF, tick=False):
        yield client


def a_whole_night():
    """What runs every night, and the goals beside it; says what it did."""
    out = StringIO()
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(AS_OF, tick=False):
        patch.setattr(ahead, "SHOPS", 3)
        call_command("recompute", full=True, as_of=AS_OF, json=True, stdout=out)
    return json.loads(out.getvalue())


def everybody_on_one_day():
    buyers = [build.customer(f"Customer {number}") for number in range(70)]
    Order.objects.bulk_create([order(buyer, 40, "20.00") for buyer in buyers])


def nothing_but_zero():
    buyers = [build.customer(f"Customer {number}") for number in range(3)]
    Order.objects.bulk_create([order(buyer, days, "0.00") for buyer in buyers for days in (90, 40)])


SHOPS = {
    "nobody": lambda: random_shop(0),
    "one": lambda: random_shop(1),
    "two": lambda: random_shop(2),
    "fifty-nine": lambda: random_shop(59),
    "one day": everybody_on_one_day,
    "amounts of zero": nothing_but_zero,
}


@pytest.mark.parametrize("shop", SHOPS)
def test_every_page_stands_in_a_shop_of(shop, manager, db):
    SHOPS[shop]()
    said = a_whole_night()

    assert said["customers"] == Figures.objects.count()
    for address in EVERY:
        assert manager.get(reverse(address)).status_code == 200, address


@pytest.fixture(scope="module")
def night(module_db):
    random_shop(150)
    return a_whole_night()


def test_the_run_tells_programs_what_it_made_and_how_long_each_stage_took(night, db):
    assert night["customers"] == Figures.objects.count() == 150
    assert len(night["stages"]) > 5
    assert all(seconds >= 0 for seconds in night["stages"].values())
    assert sum(night["stages"].values()) <= night["seconds"] + 0.01


def charts_of(client, address):
    return FIGURE.findall(client.get(address).content.decode())


def goal(mira):
    begins, due = AS_OF.replace(year=AS_OF.year - 1), AS_OF.replace(year=AS_OF.year + 1)
    told = {"metric": "retention", "start_value": 0.5, "target": 0.9, "begins_on": begins, "due_on": due}
    return Goal.objects.create(**told, made_by=mira)


def test_every_chart_has_a_table_behind_it_and_a_file_with_the_same_rows(night, manager, mira):
    addresses = [reverse(address) for address in EVERY]
    addresses += [reverse("analytics:goal", args=[goal(mira).pk]), reverse("analytics:retention") + "?mode=monthly"]
    drawn = {address: charts_of(manager, address) for address in addresses}

    for address, charts in drawn.items():
        for chart in charts:
            rows = TABLE.search(chart)[1].count("<tr")
            file = manager.get(unescape(FILE.search(chart)[1]))
            assert file.status_code == 200, address
            assert len(file.content.decode().splitlines()) == 1 + rows > 1, address
    assert {address.strip("/").rpartition("/")[2] for address, charts in drawn.items() if charts} >= {
        "retention",
        "cohorts",
        "curves",
        "value",
        "grading",
    }
    assert sum(len(charts) for charts in drawn.values()) > 10
