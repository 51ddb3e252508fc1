"""A forecast made of what was known on a day, held against what came after."""

from datetime import date

import numpy as np
import pytest

from analytics.grading import measures
from analytics.grading.backtest import Backtest, TooFew
from analytics.lifetime import blend, mbg_cnbd, nbd
from analytics.lifetime.blend import Past, Shares
from tests.analytics import real

pytestmark = pytest.mark.filterwarnings("error")

JUNE = date(2011, 6, 30).toordinal()


@pytest.fixture(scope="module")
def june():
    """The gift shop's forecast of the end of June for the 162 days on record after it."""
    return Backtest.of(*real.online_retail(), JUNE, 162)


def test_the_score_keeps_its_promises_on_a_real_shop(june):
    found = june.as_dict()

    auc = {name: area[0] for name, area in found["auc"].items()}
    assert (found["customers"], round(found["base_rate"], 3)) == (2960, 0.328)
    assert auc["days_since_last_order"] == pytest.approx(0.677, abs=1e-3)
    assert auc["mbg_expected_purchases"] == pytest.approx(0.726, abs=1e-3)
    assert auc["score"] >= max(auc["days_since_last_order"], auc["mbg_expected_purchases"]) - 0.01
    ours, mbg = found["purchases"]["score"], found["purchases"]["mbg"]
    assert ours["rmse"] <= mbg["rmse"]
    assert ours["deviance"] <= mbg["deviance"]
    assert found["calibration_error"]["score"] <= found["calibration_error"]["mbg"]
    assert found["brier"]["score"][2] < found["brier"]["base_rate"]


def test_a_degenerate_fit_is_named_and_not_used(june):
    said = june.model_as_dict()

    assert (said["used"]["model"], said["used"]["k"]) == ("mbg_cnbd", 2)
    assert said["mbg_degenerate"] == "nobody_leaves"
    assert june.timing.p_alive(june.past.known).max() < 1


def test_nothing_that_came_after_the_cut_moves_the_forecast(june):
    customer, day = real.online_retail()
    known = day <= JUNE
    anew = Backtest.of(customer[known], day[known], JUNE, 162)

    np.testing.assert_array_equal(anew.p_silent(), june.p_silent())
    np.testing.assert_array_equal(anew.expected(), june.expected())
    assert anew.past.bought.sum() == 0
    assert june.earlier_cut == JUNE - 106


def test_fewer_than_sixty_buyers_are_not_graded():
    customer, day = real.online_retail()

    with pytest.raises(TooFew, match="59 customers"):
        Backtest.of(customer[customer < 59], day[customer < 59], int(day.max()) - 1, 1)


def test_a_blend_is_nowhere_worse_on_what_it_was_chosen_from():
    past = Past.at(*real.online_retail(), JUNE, 90)
    leaving, staying = mbg_cnbd.choose_k(past.known).model, nbd.fit(past.known).model

    shares = Shares(staying.r, staying.alpha, *blend.shares_of(past, leaving, staying), JUNE)

    both = blend.Blend(leaving, shares)
    worth = 2 * blend.WORTH / len(past.known)
    for model in (leaving, staying):
        expected = model.expected_purchases(past.known, past.weeks), both.expected_purchases(past.known, past.weeks)
        alone, blended = (measures.deviance(one, past.bought) for one in expected)
        assert blended <= alone + worth
    assert 0 < shares.of_silence < 1


def test_where_customers_leave_as_the_model_says_the_other_gets_next_to_nothing():
    known, after = real.simulated(20_000, 1, 0.9, 9.0, 0.6, 1.2, horizon=13.0)
    past = Past(known, after, np.arange(20_000), 91)

    shares = blend.shares_of(past, mbg_cnbd.fit(known).model, nbd.fit(known).model)

    assert max(shares) < 0.1


def test_where_nobody_leaves_all_goes_to_the_other():
    known, after = real.simulated(20_000, 1, 0.9, 9.0, 1e-9, 1.0, horizon=13.0)
    past = Past(known, after, np.arange(20_000), 91)

    of_purchases, _of_silence = blend.shares_of(past, mbg_cnbd.MbgCnbd(0.9, 9.0, 1.0, 1.0), nbd.fit(known).model)

    assert of_purchases > 0.95


def test_a_shop_too_young_to_look_back_is_not_blended():
    day = np.sort(np.random.default_rng(1).integers(0, 3, 70))

    assert blend.learned(np.arange(70), day, 3, mbg_cnbd.choose_k) is None


def test_the_area_under_the_curve_counts_pairs_and_ties_half():
    score, silent = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])

    found = measures.auc(score, silent)

    assert found.value == (1 + 1 + 0.5 + 1) / 4
    assert np.isnan(measures.auc(score, np.ones(4, dtype=bool)).value)


def test_the_interval_of_the_area_holds_it_nineteen_times_of_twenty():
    chance, held = np.random.default_rng(3), 0
    for _ in range(200):
        score, silent = chance.normal(size=120), np.arange(120) < 50
        found = measures.auc(score + silent, silent)
        held += found.low <= 0.7602 <= found.high  # Φ(1/√2)

    assert 180 <= held <= 198


def test_tenths_hold_a_tenth_each_and_equal_forecasts_stay_together():
    chance = np.concatenate([np.full(35, 0.2), np.linspace(0.3, 0.9, 65)])

    parts = measures.tenths(chance, chance > 0.5)

    assert sum(part.n for part in parts) == 100
    assert parts[0].n == 40  # the 35 that are equal, and what is missing to the next tenth
    assert [part.low for part in parts] == sorted({part.low for part in parts})


def test_a_forecast_that_says_what_happens_has_no_error_and_gains_on_the_base_rate():
    silent = np.random.default_rng(1).random(5_000) < 0.3
    blunt, sharp = np.full(5_000, silent.mean()), silent * 0.98 + 0.01

    assert measures.calibration_error(measures.tenths(blunt, silent)) == pytest.approx(0)
    assert measures.brier_gain(blunt, silent).value == pytest.approx(0)
    assert measures.brier_gain(sharp, silent).low > 0.2
    assert measures.brier(sharp, silent).value == pytest.approx(0.0001)
