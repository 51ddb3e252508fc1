"""Whoever objects to profiling is not scored; what they bought still counts."""

import pytest

from analytics import recompute
from analytics.models import Figures, Stale
from analytics.models.figures import State
from crm.privacy.erasing import erase
from tests.analytics.shops import AS_OF, random_shop


@pytest.fixture(autouse=True)
def erased_file(settings, tmp_path):
    settings.ERASED_FILE = tmp_path / "erased.jsonl"


@pytest.fixture(scope="module")
def shop(module_db):
    random_shop()
    recompute.full(AS_OF)


@pytest.fixture
def scored(shop, db):
    """Somebody who bought on several days and is scored."""
    return Figures.objects.filter(occasions__gt=1, likely_lost_on__isnull=False).select_related("customer").first()


def foretold(figures):
    names = ("p_alive", "expected_365", "value_365", "at_stake", "overdue_on", "at_risk_on", "likely_lost_on")
    return [getattr(figures, name) for name in names if getattr(figures, name) is not None]


@pytest.mark.parametrize("full", [True, False])
def test_an_objection_takes_the_score_and_leaves_the_sums(scored, full):
    scored.customer.object_to_profiling(True, actor="")

    if full:
        recompute.full(AS_OF)
    else:
        Stale.mark([scored.pk])
        recompute.refresh()

    figures = Figures.objects.get(pk=scored.pk)
    assert foretold(figures) == []
    assert (figures.orders, figures.net) == (scored.orders, scored.net)
    assert figures.state(AS_OF) == State.NOT_SCORED
    assert not Figures.objects.likely_lost(AS_OF).filter(pk=scored.pk).exists()


def test_scoring_comes_back_with_the_next_run(scored):
    scored.customer.object_to_profiling(True, actor="")
    scored.customer.object_to_profiling(False, actor="")

    recompute.full(AS_OF)

    assert foretold(Figures.objects.get(pk=scored.pk)) == foretold(scored)


def test_somebody_erased_stays_in_the_sums_and_is_not_scored(scored):
    erase(scored.customer, why="asked")

    recompute.full(AS_OF)

    figures = Figures.objects.get(pk=scored.pk)
    assert foretold(figures) == []
    assert figures.net == scored.net
