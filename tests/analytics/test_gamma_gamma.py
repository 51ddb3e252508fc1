"""Gamma–gamma against the published figures."""

from dataclasses import astuple

import numpy as np
import pytest

from analytics.lifetime import gamma_gamma
from analytics.lifetime.gamma_gamma import GammaGamma
from tests.analytics import real

pytestmark = pytest.mark.filterwarnings("error")


def test_cdnow_gives_the_published_parameters():
    summary, spend = real.cdnow()

    fit = gamma_gamma.fit(summary.x, spend, prior=False)

    m = fit.model
    assert [round(v, 4) for v in (m.p, m.q, m.gamma)] == [6.2496, 3.7442, 15.4435]
    assert round(fit.log_likelihood, 3) == -4055.918
    assert fit.customers == 946
    assert round(m.population_mean, 2) == 35.17


def test_the_currency_changes_nothing_but_the_currency():
    summary, spend = real.cdnow()

    dollars, yen = gamma_gamma.fit(summary.x, spend), gamma_gamma.fit(summary.x, spend * 150)

    assert yen.model.p == pytest.approx(dollars.model.p, rel=1e-3)
    assert yen.model.population_mean == pytest.approx(150 * dollars.model.population_mean, rel=1e-4)


def test_more_purchases_draw_the_expectation_from_the_shops_mean_to_the_customers_own():
    model = GammaGamma(6.25, 3.74, 15.44)

    expected = model.expected_spend([0, 1, 5, 1000], [np.nan, 100, 100, 100])

    assert expected[0] == pytest.approx(model.population_mean)
    assert expected[2] == pytest.approx(6.25 * (15.44 + 5 * 100) / (6.25 * 5 + 3.74 - 1))
    assert (np.diff(expected) > 0).all()
    assert expected[3] == pytest.approx(100, rel=0.01)


def test_known_parameters_are_recovered():
    rng = np.random.default_rng(2)
    n = rng.integers(1, 12, 40_000)
    spend = rng.gamma(5 * n, 1 / (rng.gamma(4, 1 / 20, 40_000) * n))

    model = gamma_gamma.fit(n, spend).model

    assert (model.p, model.q, model.gamma) == pytest.approx((5, 4, 20), rel=0.12)  # p and γ trade against each other
    assert model.population_mean == pytest.approx(5 * 20 / 3, rel=0.01)


def test_spend_that_grows_with_frequency_is_reported():
    rng = np.random.default_rng(2)
    n = rng.integers(1, 12, 2_000)
    spend = rng.gamma(5, 4, 2_000)

    assert not gamma_gamma.fit(n, spend).correlated
    assert gamma_gamma.fit(n, spend * n).correlated


@pytest.mark.parametrize(("n", "spend"), [([], []), ([1, 2], [5.0, 6.0]), ([0] * 50, [0.0] * 50)])
def test_too_few_spends_are_not_fitted(n, spend):
    assert gamma_gamma.fit(n, spend).degenerate == "too_few"


def test_equal_spends_are_recognised_instead_of_fitted():
    assert not gamma_gamma.fit(np.full(60, 3), np.full(60, 20.0), prior=False).usable


def test_the_gradient_is_exact():
    spends = gamma_gamma._Spends(np.array([1.0, 3.0, 3.0]), np.array([0.5, 1.2, 2.0]))
    theta, step = np.array([1.1, 0.7, -0.2]), 1e-6

    numeric = [
        (spends.value_and_gradient(theta + e)[0] - spends.value_and_gradient(theta - e)[0]) / (2 * step)
        for e in step * np.eye(3)
    ]

    np.testing.assert_allclose(spends.value_and_gradient(theta)[1], numeric, rtol=1e-6)


def test_a_fit_of_many_begins_at_a_part_and_ends_where_it_would_have_ended(monkeypatch):
    random = np.random.default_rng(5)
    n = 1 + random.poisson(3, 12_000)
    mean = random.gamma(2.0 * n, 1 / n) / random.gamma(3.0, 1.0, n.size)

    found = gamma_gamma.fit(n, mean)
    monkeypatch.setattr(gamma_gamma, "PART", n.size + 1)
    of_all = gamma_gamma.fit(n, mean)

    assert found.converged
    assert astuple(found.model) == pytest.approx(astuple(of_all.model), rel=1e-5)
    assert found.log_likelihood == pytest.approx(of_all.log_likelihood, abs=1e-6)
