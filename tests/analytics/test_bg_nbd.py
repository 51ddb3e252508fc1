"""BG/NBD against the published tables."""

import numpy as np
import pytest

from analytics.lifetime import bg_nbd
from analytics.lifetime.bg_nbd import BgNbd
from analytics.lifetime.likelihood import Rates
from analytics.lifetime.purchases import Summary
from tests.analytics import real

pytestmark = pytest.mark.filterwarnings("error")


def fitted():
    return bg_nbd.fit(real.cdnow()[0], prior=False)


def test_cdnow_gives_the_published_parameters():
    fit = fitted()

    m = fit.model
    assert (round(m.r, 7), round(m.alpha, 4), round(m.a, 4), round(m.b, 4)) == (0.2425945, 4.4136, 0.7929, 2.4259)
    assert round(fit.log_likelihood, 3) == -9582.429


def test_two_customers_have_the_published_expectations():
    model = fitted().model

    first, keen = Summary.of(2, 30.43, 38.86), Summary.of(26, 30.857, 31)

    assert round(model.expected_purchases(first, 39)[0], 3) == 1.226
    assert round(model.expected_purchases(keen, 52)[0], 3) == 25.757
    assert round(model.p_alive(keen)[0], 5) == 0.96885


def test_predictions_by_repeat_purchases_are_the_published_ones():
    summary, _ = real.cdnow()

    expected = fitted().model.expected_purchases(summary, 39)

    by_repeats = [expected[np.minimum(summary.x, 7) == x].mean() for x in range(8)]
    assert by_repeats == pytest.approx([0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570], abs=2.5e-4)


@pytest.mark.parametrize(("x", "t_x", "value"), [(0, 0, -0.59947382), (200, 38, 100.7957)])
def test_one_customers_likelihood_is_the_published_one(x, t_x, value):
    model = BgNbd(0.25, 4.0, 0.8, 2.5)

    assert bg_nbd.log_likelihood(model, Summary.of(x, t_x, 40)) == pytest.approx(value, abs=5e-5)


def test_a_thousand_purchases_and_then_silence_is_dead_without_a_warning():
    assert BgNbd(0.25, 4.0, 0.8, 2.5).p_alive(Summary.of(1000, 10, 100)).tolist() == [0.0]


def test_every_one_time_buyer_counts_as_alive():
    model = BgNbd(0.25, 4.0, 0.8, 2.5)

    assert model.p_alive(Summary.of(0, 0, 500)).tolist() == [1.0]
    assert model.silence_at_p_alive(Summary.of(0, 0, 500), 0.5).tolist() == [np.inf]


def test_the_gradient_is_exact():
    rates = Rates(real.simulated(300, 1, 0.8, 6.0, 0.4, 1.5)[0].grouped()[0], 1)
    theta, step = np.array([-0.3, 1.2, 0.1, 0.6]), 1e-5

    numeric = [
        (bg_nbd.value_and_gradient(theta + e, rates)[0] - bg_nbd.value_and_gradient(theta - e, rates)[0]) / (2 * step)
        for e in step * np.eye(4)
    ]

    np.testing.assert_allclose(bg_nbd.value_and_gradient(theta, rates)[1], numeric, rtol=1e-6, atol=1e-5)
