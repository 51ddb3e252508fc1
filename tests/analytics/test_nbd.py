import numpy as np
import pytest

from analytics.lifetime import nbd
from analytics.lifetime.erlang import expected_if_alive
from analytics.lifetime.likelihood import Rates
from analytics.lifetime.purchases import Summary
from tests.analytics import real

pytestmark = pytest.mark.filterwarnings("error")

SOME = Summary.of([0, 2, 26], [0, 30.43, 30.857], [40.0, 38.86, 31.0])


def test_whether_anybody_left_is_unknown():
    model = nbd.Nbd(0.8, 9.0)

    assert np.isnan(model.p_alive(SOME)).all()
    assert np.isnan(model.silence_at_p_alive(SOME, 0.5)).all()
    assert np.isfinite(model.silence_at_rhythm(SOME, 0.2)).all()


def test_the_sum_over_purchases_is_the_closed_form():
    model = nbd.Nbd(0.8, 9.0)

    summed = expected_if_alive(model.rows(SOME), 52.0, 0.0, np.ones(3))

    np.testing.assert_allclose(summed, (0.8 + SOME.x) / (9.0 + SOME.T) * 52, rtol=1e-9)
    np.testing.assert_allclose(model.expected_purchases(SOME, 52.0), summed, rtol=1e-9)


@pytest.mark.parametrize("k", [1, 2, 4])
def test_the_gradient_is_exact(k):
    rates = Rates(real.simulated(300, k, 0.8, 6.0, 0.4, 1.5)[0].grouped()[0], k)
    theta, step = np.array([-0.3, 1.2]), 1e-5

    numeric = [
        (nbd.value_and_gradient(theta + e, rates)[0] - nbd.value_and_gradient(theta - e, rates)[0]) / (2 * step)
        for e in step * np.eye(2)
    ]

    np.testing.assert_allclose(nbd.value_and_gradient(theta, rates)[1], numeric, rtol=1e-6, atol=1e-5)


def test_known_parameters_are_recovered():
    summary, _ = real.simulated(40_000, 2, 0.9, 4.5, 1e-6, 1.0)

    model = nbd.fit(summary, k=2).model

    assert (model.r, model.alpha) == pytest.approx((0.9, 4.5), rel=0.05)


def test_silence_ahead_starts_at_certain_and_falls():
    model = nbd.Nbd(0.8, 9.0, 2)

    assert model.p_silent(SOME, 0.0).tolist() == [1, 1, 1]
    assert (np.diff([model.p_silent(SOME, h) for h in (1, 10, 100)], axis=0) < 0).all()
