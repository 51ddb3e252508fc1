"""What may come, drawn from a model: held against what the model expects."""

import numpy as np
import pytest

from analytics.lifetime import ahead
from analytics.lifetime.blend import Blend, Shares
from analytics.lifetime.gamma_gamma import GammaGamma
from analytics.lifetime.mbg_cnbd import MbgCnbd
from analytics.lifetime.nbd import Nbd
from analytics.lifetime.purchases import Summary

pytestmark = pytest.mark.filterwarnings("error")

ROW = Summary.of(5, 20, 30)
BLEND = Blend(MbgCnbd(0.9, 4.5, 0.3, 2.1, 2), Shares(0.8, 9.0, 0.3, 0.2, 0))


@pytest.mark.parametrize(
    "model", [MbgCnbd(0.9, 9.0, 0.3, 2.1, 1), MbgCnbd(0.9, 3.0, 0.3, 2.1, 3), Nbd(0.8, 9.0), Nbd(0.8, 4.5, 2), BLEND]
)
def test_the_purchases_drawn_are_on_average_what_the_model_expects(model):
    drawn = ahead.purchases_of(model, ROW, 52.0, draws=40_000)

    noise = 4 * drawn.std() / np.sqrt(drawn.size)
    assert drawn.mean() == pytest.approx(model.expected_purchases(ROW, 52.0)[0], abs=noise)


def test_the_same_customer_has_the_same_range_every_time():
    once, again = (ahead.Range.of(ahead.purchases_of(BLEND, ROW, 52.0)) for _ in range(2))

    assert once == again
    assert once.low <= once.expected <= once.high


def test_who_is_gone_for_sure_buys_nothing():
    gone = Summary.of(200, 10, 400)

    assert ahead.purchases_of(MbgCnbd(0.9, 4.5, 0.3, 2.1, 2), gone, 52.0).max() == 0


def test_the_spend_drawn_is_on_average_purchases_times_expected_spend():
    model, bought = GammaGamma(6.2, 5.0, 15.4), np.full(60_000, 4)

    spent = ahead.spend_of(bought, model, 3.0, 40.0)

    assert spent.mean() == pytest.approx(4 * model.expected_spend([3.0], [40.0])[0], rel=0.02)
    assert ahead.spend_of(np.zeros(5, dtype=np.int64), model, 3.0, 40.0).tolist() == [0] * 5


def test_a_shop_drawn_from_a_model_is_missed_on_average_by_nothing_and_less_when_it_is_larger():
    model = MbgCnbd(0.9, 9.0, 0.4, 1.8)
    weeks_seen = np.random.default_rng(1).uniform(26, 104, 1_500)

    small, large = (ahead.misses(model, T, 26.0, shops=12) for T in (weeks_seen[:300], weeks_seen))

    assert abs(large.mean()) < 0.05
    assert large.std() < small.std() < 0.5


def test_spend_is_missed_on_average_by_nothing():
    missed = ahead.spend_misses(GammaGamma(6.2, 5.0, 15.4), np.full(800, 3.0), shops=10)

    assert abs(missed.mean()) < 0.03
    assert 0.003 < missed.std() < 0.1
