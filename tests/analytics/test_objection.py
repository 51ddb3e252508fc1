"""Whoever objects to profiling is not scored; what they bought still counts."""

import pytest

from analytics import recompute
from analytics.models import Scores, Stale
from analytics.models.scores import State
from analytics.refreshing import refresh
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
    return (
        Scores.objects.filter(occasions__gt=1, likely_lost_on__isnull=False).select_related("customer__figures").first()
    )


def foretold(scores):
    names = ("p_alive", "expected_365", "value_365", "at_stake", "overdue_on", "at_risk_on", "likely_lost_on")
    return [getattr(scores, name) for name in names if getattr(scores, name) is not None]


@pytest.mark.parametrize("full", [True, False])
def test_an_objection_takes_the_score_and_leaves_the_sums(scored, full):
    scored.customer.object_to_profiling(True, actor="")

    if full:
        recompute.full(AS_OF)
    else:
        Stale.mark([scored.pk])
        refresh()

    scores = Scores.objects.get(pk=scored.pk)
    assert foretold(scores) == []
    assert (scores.figures.orders, scores.figures.net) == (scored.figures.orders, scored.figures.net)
    assert scores.state(AS_OF) == State.NOT_SCORED
    assert not Scores.objects.likely_lost(AS_OF).filter(pk=scored.pk).exists()


def test_scoring_comes_back_with_the_next_run(scored):
    scored.customer.object_to_profiling(True, actor="")
    scored.customer.object_to_profiling(False, actor="")

    recompute.full(AS_OF)

    assert foretold(Scores.objects.get(pk=scored.pk)) == foretold(scored)


def test_somebody_erased_stays_in_the_sums_and_is_not_scored(scored):
    erase(scored.customer, why="asked")

    recompute.full(AS_OF)

    scores = Scores.objects.get(pk=scored.pk)
    assert foretold(scores) == []
    assert scores.figures.net == scored.figures.net
