"""The published figures come out, with both intervals; what two scores say about each other."""

import csv
import gzip
import math
from collections import Counter
from pathlib import Path

import pytest

from feedback.figures.counting import scores_of
from feedback.figures.measures import MEASURES, Mean, Scores
from feedback.surveys.kinds import SCALES
from shop.intervals import Interval, Z

pytestmark = pytest.mark.filterwarnings("error")
NPS, CSAT, CES = MEASURES["nps"], MEASURES["csat"], MEASURES["ces"]
CARPENTRIES = Path(__file__).parent / "data" / "nps_carpentries_scores.csv.gz"


def carpentries(survey):
    with gzip.open(CARPENTRIES, "rt", encoding="utf-8") as file:
        return Scores(Counter(int(row["score"]) for row in csv.DictReader(file) if row["survey"] == survey))


def normal_interval(scores):
    """Of NPS as textbooks have it, symmetric about the score; the page shows the adjusted one."""
    plain = NPS.of(scores).value / 100
    extremes = (scores.within(SCALES["nps"], "high") + scores.within(SCALES["nps"], "low")) / scores.n
    half = Z * math.sqrt((extremes - plain**2) / scores.n)
    return Interval(100 * plain, 100 * (plain - half), 100 * (plain + half))


def rounded(interval, digits=2):
    return tuple(round(number, digits) for number in (interval.value, interval.low, interval.high))


@pytest.mark.parametrize(
    ("survey", "counts", "half", "adjusted"),
    [
        ("longterm-2020-01", (93, 32, 9), 10.27, (62.69, 51.00, 71.63)),
        ("longterm-2020-12", (49, 30, 8), 13.83, (47.13, 31.81, 59.30)),
    ],
)
def test_the_net_promoter_score_of_real_answers_has_both_intervals(survey, counts, half, adjusted):
    scores = carpentries(survey)

    assert tuple(scores.within(SCALES["nps"], band) for band in ("high", "middle", "low")) == counts
    plain = normal_interval(scores)
    assert (round(plain.high - plain.value, 2), round(plain.value - plain.low, 2)) == (half, half)
    assert rounded(NPS.of(scores)) == adjusted


@pytest.mark.parametrize(("n", "about"), [(40, 25), (100, 16), (400, 8)])
def test_half_promoters_a_quarter_each_of_the_others(n, about):
    found = NPS.of(Scores({10: n // 2, 8: n // 4, 3: n // 4}))

    assert found.value == 25
    assert round((found.high - found.low) / 2) == about
    assert found.value - found.low > found.high - found.value  # the plain score is not in the middle


def test_nobody_in_between_gives_no_interval_without_width():
    found = NPS.of(Scores({10: 12}))

    assert (found.value, found.high) == (100, 100)
    assert 50 < found.low < 60


def test_who_is_satisfied_is_a_share_with_wilsons_interval():
    scores = Scores({5: 42, 4: 32, 3: 10, 2: 9, 1: 14})

    assert rounded(CSAT.of(scores), 4) == (0.6916, 0.5987, 0.7712)


def test_a_mean_has_students_interval():
    found = CES.of(Scores({7: 4, 6: 3, 5: 2, 2: 1}))  # mean 5.8, standard deviation 1.5492

    assert rounded(found, 3) == (5.8, 4.692, 6.908)


def test_a_mean_stays_on_its_scale_and_one_answer_says_nothing():
    assert CES.of(Scores({7: 9, 6: 1})).high == 7
    assert (CES.of(Scores({4: 1})).low, CES.of(Scores({4: 1})).high) == (1, 7)
    assert math.isnan(CES.of(Scores()).value)


@pytest.mark.parametrize("measure", [NPS, CSAT, CES])
def test_the_same_twice_cannot_be_told_apart_and_opposites_can(measure):
    good, bad = Scores({5: 40, 4: 40}), Scores({5: 4, 1: 76})
    if measure is NPS:
        good, bad = Scores({10: 60, 7: 20}), Scores({9: 4, 2: 76})

    assert measure.change(good, good).verdict() == "cannot_tell"
    assert measure.change(good, bad).verdict() == "up"
    assert measure.change(bad, good).verdict() == "down"


def test_a_difference_of_two_net_promoter_scores():
    now, before = carpentries("longterm-2020-01"), carpentries("longterm-2020-12")

    assert rounded(NPS.change(now, before)) == (15.56, -1.43, 32.94)


def test_welchs_degrees_of_freedom_for_groups_that_vary_differently():
    mean = Mean(0, 10)

    change = mean.change(Scores({8: 5, 9: 5}), Scores({2: 3, 6: 3, 10: 3}))

    assert rounded(change, 3) == (2.5, -0.172, 5.172)


def test_few_without_a_name_are_left_out_of_their_group():
    assert scores_of([(9, False, 3), (2, True, 4)]).counts == {9: 3}
    assert scores_of([(9, False, 3), (2, True, 4), (None, True, 1)]) == Scores({2: 4, 9: 3}, silent=1)
