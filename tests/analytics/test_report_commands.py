"""Cohorts and curves for programs: the same figures as on the pages."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from analytics import recompute
from analytics.metrics import curves
from analytics.models import Generation
from shop.models import Setting
from tests.analytics.shops import AS_OF, random_shop


def said(command, **options):
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def figures(module_db):
    Setting.put("analytics.active_days", 60)
    random_shop(90)
    return recompute.full(AS_OF).pk


@pytest.fixture
def generation(figures, db):
    return Generation.objects.get(pk=figures)


@pytest.mark.parametrize("kind", ["bought", "rolling", "cumulative"])
def test_cohorts_are_told_cell_by_cell(generation, kind):
    found = json.loads(said("cohorts", kind=kind, json=True))

    told = {
        (row["cohort"], cell["month"]): (row["members"], cell["customers"], cell["complete"])
        for row in found["cohorts"]
        for cell in row["months"]
    }
    cells = generation.cohort_cells.all()
    assert told == {(f"{c.cohort:%Y-%m}", c.month): (c.members, getattr(c, kind), c.complete) for c in cells}


@pytest.mark.parametrize("elapsed", [True, False])
def test_curves_are_told_as_they_are_drawn(generation, elapsed):
    found, drawn = (
        json.loads(said("curves", width=3, elapsed=elapsed, json=True)),
        curves.curves(generation, 3, elapsed=elapsed),
    )

    assert [(row["day"], row["bought"], row["of"]) for row in found["day_n"]] == drawn.day_n
    assert [(row["day"], row["bought"], row["of"]) for row in found["rolling"]] == drawn.rolling
    assert found["gaps"]["came_back"] == [round(share, 6) for share in generation.curves["gaps"]["back"]]


@pytest.mark.parametrize("command", ["cohorts", "curves"])
def test_people_read_a_table_and_hear_when_there_is_nothing(generation, command):
    assert len(said(command).splitlines()) > 3

    generation.delete()

    with pytest.raises(CommandError, match="no figures yet"):
        said(command)
