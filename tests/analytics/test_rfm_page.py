"""The page RFM: every figure on it is as many as the list it opens."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.http import QueryDict
from django.urls import reverse

from analytics import recompute
from analytics.metrics import rfm_grid, rfm_moves
from analytics.models import Figures, Generation
from analytics.reports.rfm import LADDER, Report
from crm.segments.question import Question
from tests.analytics.shops import AS_OF, order, random_shop


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


def run(day=AS_OF):
    generation = recompute.full(day)
    rfm_moves.record(generation)
    rfm_grid.count(generation)
    return generation


@pytest.fixture(scope="module")
def figures(module_db):
    random_shop(120)
    return run().pk


@pytest.fixture
def shop(figures, db):
    return Generation.objects.get(pk=figures)


def opened(url, asker):
    """How many customers a link to the list finds."""
    return Question.read(QueryDict(url.partition("?")[2]), asker).customers.count()


def test_cells_and_groups_open_as_many_customers_as_they_say(shop, mira):
    report = Report.of(shop, {"days": "30"})

    cells = [cell for _name, _silence, cells in report.grid for cell in cells]
    assert sum(cell.n for cell in cells) == Figures.objects.count() == report.buyers
    assert [opened(cell.url, mira) for cell in cells] == [cell.n for cell in cells]
    assert [opened(one.url, mira) for one in report.standings] == [one.n for one in report.standings]


@pytest.mark.parametrize("days", ["7", "30", "90"])
def test_moves_open_as_many_customers_as_they_say(shop, mira, days):
    report = Report.of(shop, {"days": days})

    assert report.moves or days == "7"  # nobody need move within a week
    assert [opened(move.url, mira) for move in report.moves] == [move.n for move in report.moves]
    assert len(report.slipped) + len(report.climbed) == len(report.moves)


def test_who_buys_for_the_first_time_comes_from_no_group(shop, cleo):
    order(cleo, 0, "20.00").save()
    report = Report.of(run(AS_OF + timedelta(days=1)), {"days": "7"})

    new = next(one for one in report.standings if one.group == "new")
    assert new.came >= 1
    assert not any(move.before == "" for move in report.moves)


def test_going_down_the_ladder_is_slipping(shop):
    for move in Report.of(shop, {"days": "90"}).moves:
        assert move.climbs == (LADDER.index(move.after) < LADDER.index(move.before))


def test_the_page_shows_grid_moves_and_groups_and_a_file(manager, shop):
    body = manager.get(reverse("analytics:rfm")).content.decode()
    file = manager.get(reverse("analytics:rfm_csv")).content.decode("utf-8-sig").splitlines()

    assert all(words in body for words in ("of the buyers", "Slipped", "Climbed", "Cannot lose"))
    assert len(file) == 1 + len(LADDER)


def test_without_figures_the_page_says_when_they_come(manager):
    assert "No groups yet" in manager.get(reverse("analytics:rfm")).content.decode()
    assert manager.get(reverse("analytics:rfm_csv")).status_code == 404
    with pytest.raises(CommandError, match="no figures yet"):
        call_command("rfm")


def test_a_number_of_days_that_is_no_choice_is_thirty(manager, shop):
    for asked in ("", "31", "x", "-7", "9" * 40):
        assert Report.of(shop, {"days": asked}).days == 30


def test_the_command_says_the_same_to_programs(shop):
    out = StringIO()
    call_command("rfm", json=True, stdout=out)

    said = json.loads(out.getvalue())
    assert sum(cell["customers"] for cell in said["cells"]) == Figures.objects.count()
    assert {group["group"] for group in said["groups"]} == set(LADDER)


@pytest.mark.parametrize("customers", [1, 2])
def test_a_shop_of_very_few_is_drawn_too(manager, customers):
    random_shop(customers)
    run()

    assert "of the buyers" in manager.get(reverse("analytics:rfm")).content.decode()
