"""MBG/CNBD-k against the published figures, its own closed forms, and simulation."""

from dataclasses import astuple

import numpy as np
import pytest
from scipy.special import betaln, gammaln

from analytics.lifetime import erlang, mbg_cnbd, nbd
from analytics.lifetime.likelihood import Rates
from analytics.lifetime.mbg_cnbd import MbgCnbd
from analytics.lifetime.purchases import Summary
from analytics.lifetime.timing import day_after
from tests.analytics import real

pytestmark = pytest.mark.filterwarnings("error")

SHOP = {k: MbgCnbd(0.9, 4.5 if k == 2 else 9.0 / k, 0.3, 2.1, k) for k in (1, 2, 3, 4)}
SOME = Summary.of([0, 0, 1, 2, 7, 26], [0, 0, 3.0, 30.43, 20.0, 30.857], [0.0, 40.0, 3.0, 38.86, 90.0, 31.0])


def test_cdnow_gives_the_published_parameters():
    summary, _ = real.cdnow()

    fit = mbg_cnbd.fit(summary, k=1, prior=False)

    m = fit.model
    assert [round(v, 4) for v in (m.r, m.alpha, m.a, m.b)] == [0.5248, 6.1831, 0.8914, 1.6140]
    assert round(fit.log_likelihood, 3) == -9582.136
    assert fit.usable


def test_the_prior_hardly_moves_a_fit_of_many_buyers():
    summary, _ = real.cdnow()

    fit = mbg_cnbd.fit(summary, k=1)

    assert fit.model.r == pytest.approx(0.5248, rel=0.01)
    assert fit.log_likelihood == pytest.approx(-9582.136, abs=0.01)


@pytest.mark.parametrize(("until", "better"), [("2011-06-30", 369), ("2011-12-09", 754)])
def test_online_retail_is_degenerate_at_one_stage_and_fits_at_two(until, better):
    summary = real.online_retail_summary(until)

    one, two = (mbg_cnbd.fit(summary, k, prior=False) for k in (1, 2))

    assert one.degenerate == "nobody_leaves"
    assert two.degenerate is None
    assert round(two.log_likelihood - one.log_likelihood) == better


@pytest.mark.parametrize("prior", [True, False])
def test_online_retail_is_recognised_as_degenerate_with_and_without_the_prior(prior):
    assert mbg_cnbd.fit(real.online_retail_summary("2011-06-30"), 1, prior).degenerate == "nobody_leaves"


def test_online_retail_at_two_stages_gives_the_known_chance_to_leave():
    fit = mbg_cnbd.fit(real.online_retail_summary("2011-06-30"), k=2, prior=False)

    assert (round(fit.model.a, 3), round(fit.model.b, 2)) == (0.124, 2.12)


def test_the_choice_of_k_takes_the_best_and_falls_back_to_nbd():
    summary = real.online_retail_summary()

    best, only_one = mbg_cnbd.choose_k(summary, (1, 2, 3)), mbg_cnbd.choose_k(summary, (1,))

    assert (best.model.name, best.model.k) == ("mbg_cnbd", 2)
    assert (only_one.model.name, only_one.usable) == ("nbd", True)
    assert np.isnan(only_one.model.p_alive(SOME)).all()


def test_a_shop_in_which_nobody_came_back_is_not_fitted():
    summary = Summary.of(np.zeros(80), np.zeros(80), np.arange(1.0, 81.0))

    fit = mbg_cnbd.choose_k(summary)

    assert fit.degenerate == "too_few"


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_gradient_is_exact(k):
    rates = Rates(real.simulated(300, k, 0.8, 6.0, 0.4, 1.5)[0].grouped()[0], k)
    theta, step = np.array([-0.3, 1.2, 0.1, 0.6]), 1e-5

    def slope(e):
        ahead, behind = (mbg_cnbd.value_and_gradient(theta + sign * e, rates)[0] for sign in (1, -1))
        return (ahead - behind) / (2 * step)

    numeric = [slope(e) for e in step * np.eye(4)]
    np.testing.assert_allclose(mbg_cnbd.value_and_gradient(theta, rates)[1], numeric, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_likelihood_is_the_one_of_the_papers(k):
    m, x, t_x, T = SHOP[k], 3.0, 20.0, 34.0
    tau, s = T - t_x, m.r + k * x
    alive = sum(
        tau**j / np.exp(gammaln(j + 1)) * np.exp(gammaln(s + j)) / (m.alpha + t_x + tau) ** (s + j) for j in range(k)
    )
    share = m.alpha**m.r / np.exp(gammaln(m.r))
    A = np.exp(betaln(m.a, m.b + x + 1) - betaln(m.a, m.b)) * share * alive
    D = np.exp(betaln(m.a + 1, m.b + x) - betaln(m.a, m.b) + gammaln(s)) * share / (m.alpha + t_x) ** s
    history = Summary.of(x, t_x, T)

    value = mbg_cnbd.log_likelihood(m, history)

    assert value == pytest.approx(np.log(A + D) - x * gammaln(k))
    assert m.p_alive(history)[0] == pytest.approx(A / (A + D))


def test_p_alive_at_one_stage_is_the_closed_form():
    m = SHOP[1]

    grown = ((m.alpha + SOME.T) / (m.alpha + SOME.t_x)) ** (m.r + SOME.x)
    np.testing.assert_allclose(m.p_alive(SOME), 1 / (1 + m.a / (m.b + SOME.x) * grown), rtol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_extreme_histories_give_figures_and_no_warnings(k):
    extreme = Summary.of([1000, 5000, 0, 0], [10, 1, 0, 0], [100, 5000, 0, 1e5])

    alive = SHOP[k].p_alive(extreme)

    assert alive[:2].tolist() == [0.0, 0.0]
    assert SHOP[k].expected_purchases(extreme, 52)[:2].tolist() == [0.0, 0.0]
    assert SHOP[k].p_silent(extreme, 13)[:2].tolist() == [1.0, 1.0]
    assert np.isfinite(SHOP[k].expected_if_alive(extreme, 52)).all()


@pytest.mark.parametrize("k", [1, 2, 3])
def test_expected_purchases_agree_with_a_simulation(k):
    summary, after = real.simulated(100_000, k, 0.9, 9.0 / k, 0.4, 1.8)
    model = MbgCnbd(0.9, 9.0 / k, 0.4, 1.8, k)

    expected = model.expected_purchases(summary, 52.0)

    for chosen in (summary.x == 0, summary.x == 1, (summary.x > 1) & (summary.silence > 8), summary.x > 5):
        noise = 4 * after[chosen].std() / np.sqrt(chosen.sum())
        assert expected[chosen].mean() == pytest.approx(after[chosen].mean(), abs=noise)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_silence_ahead_agrees_with_a_simulation(k):
    summary, after = real.simulated(100_000, k, 0.9, 9.0 / k, 0.4, 1.8, horizon=13.0)

    silent = MbgCnbd(0.9, 9.0 / k, 0.4, 1.8, k).p_silent(summary, 13.0)

    for chosen in (summary.x == 0, summary.x == 2, summary.x > 5):
        assert silent[chosen].mean() == pytest.approx((after[chosen] == 0).mean(), abs=2 / np.sqrt(chosen.sum()))


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_expected_purchases_are_the_double_sum_to_ten_digits(k):
    m, H = SHOP[k], 52.0

    def double_sum(x, t_x, T):
        s, open_ = m.r + k * x, m.alpha + T
        j = np.arange(k)
        w = np.exp(gammaln(s + j) - gammaln(j + 1)) * np.where(j > 0, (T - t_x) ** j, 1.0) / open_**j
        phases = np.arange(6000.0)
        total = 0.0
        for jj, weight in zip(j, w / w.sum(), strict=True):
            pmf = np.exp(
                gammaln(s + jj + phases)
                - gammaln(s + jj)
                - gammaln(phases + 1)
                + phases * np.log(H / (open_ + H))
                + (s + jj) * np.log(open_ / (open_ + H))
            )
            n = np.arange(1.0, 1500.0)
            tail = pmf[::-1].cumsum()[::-1]
            survives = np.exp(betaln(m.a, m.b + x + n) - betaln(m.a, m.b + x + 1))
            total += weight * np.sum(survives * tail[(n * k - jj).astype(int)])
        return total

    expected = [double_sum(*row) for row in zip(SOME.x, SOME.t_x, SOME.T, strict=True)]
    np.testing.assert_allclose(m.expected_if_alive(SOME, H), expected, rtol=1e-9)


def test_expected_purchases_of_a_row_do_not_depend_on_the_rows_beside_it():
    model = SHOP[2]
    together = model.expected_purchases(SOME, 52.0)

    alone = [model.expected_purchases(Summary.of(*row), 52.0)[0] for row in zip(SOME.x, SOME.t_x, SOME.T, strict=True)]

    assert together.tolist() == alone


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("threshold", [0.2, 0.1, 0.01])
def test_after_the_silence_at_a_threshold_the_rhythm_has_fallen_to_it(k, threshold):
    silence = SHOP[k].silence_at_rhythm(SOME, threshold)

    then = Summary.of(SOME.x, SOME.t_x, SOME.t_x + silence)

    np.testing.assert_allclose(SHOP[k].rhythm(then), threshold, rtol=1e-9)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_after_the_silence_at_a_threshold_the_chance_to_be_alive_has_fallen_to_it(k):
    silence = SHOP[k].silence_at_p_alive(SOME, 0.5)

    then = Summary.of(SOME.x, SOME.t_x, SOME.t_x + silence)

    np.testing.assert_allclose(SHOP[k].p_alive(then), 0.5, rtol=1e-9)


def test_who_is_below_the_threshold_at_once_needs_no_silence():
    leaving = MbgCnbd(1.0, 5.0, 3.0, 1.0, 2)

    assert leaving.silence_at_p_alive(Summary.of(0, 0, 9), 0.5).tolist() == [0.0]


def test_thresholds_become_whole_days_and_never_stays_never():
    assert day_after(np.array([0.0, 1.0, 1.01, 1e12, np.inf, np.nan])).tolist()[:5] == [1, 8, 8, np.inf, np.inf]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_known_parameters_are_recovered(k):
    summary, _ = real.simulated(60_000, k, 0.9, 9.0 / k, 0.4, 1.8, seed=3)

    fit = mbg_cnbd.choose_k(summary)

    m = fit.model
    assert m.k == k
    assert (m.r, m.alpha, m.a, m.b) == pytest.approx((0.9, 9.0 / k, 0.4, 1.8), rel=0.08)


def test_sixty_buyers_are_enough_for_a_fit_that_converges():
    summary, _ = real.simulated(60, 2, 0.9, 4.5, 0.4, 1.8, seed=5)

    assert mbg_cnbd.fit(summary, k=2).converged


def test_many_groups_are_fitted_from_a_part_to_the_same_figures(monkeypatch):
    summary, _ = real.simulated(5_000, 2, 0.9, 4.5, 0.4, 1.8)
    whole = mbg_cnbd.fit(summary, k=2)

    monkeypatch.setattr(mbg_cnbd, "PART", 400)
    by_part = mbg_cnbd.fit(summary, k=2)

    assert by_part.converged
    assert astuple(by_part.model) == pytest.approx(astuple(whole.model), rel=1e-4)


def test_a_model_goes_to_its_stored_form_and_back():
    stored = SHOP[2].as_dict()

    assert stored == {"model": "mbg_cnbd", "r": 0.9, "alpha": 4.5, "a": 0.3, "b": 2.1, "k": 2}
    assert MbgCnbd.from_dict(stored) == SHOP[2]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_with_a_chance_to_leave_near_zero_it_is_the_nbd(k):
    staying, never = MbgCnbd(0.9, 4.5, 1e-60, 2.0, k), nbd.Nbd(0.9, 4.5, k)

    for answer in ("p_silent", "expected_purchases"):
        np.testing.assert_allclose(getattr(staying, answer)(SOME, 26.0), getattr(never, answer)(SOME, 26.0), rtol=1e-6)


def test_the_demo_shop_has_as_many_overdue_and_at_risk_as_expected():
    summary = real.online_retail_summary()
    model = mbg_cnbd.choose_k(summary).model
    repeat, q, alive = summary.x > 0, model.rhythm(summary), model.p_alive(summary)

    overdue, at_risk = repeat & (q < 0.20), repeat & ((q < 0.10) | (alive < 0.5))

    assert (repeat.sum(), overdue.sum(), at_risk.sum()) == (2790, 412, 242)


@pytest.mark.parametrize("threshold", [0.2, 0.1, 0.01])
def test_the_stored_day_of_a_threshold_says_the_same_as_the_figures_of_the_day(threshold):
    summary = real.online_retail_summary()
    model, days = mbg_cnbd.choose_k(summary).model, np.round(summary.silence * 7)

    slow, doubtful = (
        days >= day_after(silence)
        for silence in (model.silence_at_rhythm(summary, threshold), model.silence_at_p_alive(summary, threshold))
    )

    assert slow.tolist() == (model.rhythm(summary) < threshold).tolist()
    assert doubtful.tolist() == (model.p_alive(summary) < threshold).tolist()


def test_the_model_ranks_who_will_not_return_better_than_days_since_last_order():
    known = real.online_retail_summary("2011-06-30")
    gone = real.gone_after("2011-06-30")

    staying, leaving = nbd.fit(known).model, mbg_cnbd.fit(known, 2).model

    assert round(gone.mean(), 3) == 0.328
    assert real.auc(known.silence, gone) == pytest.approx(0.677, abs=1e-3)
    assert real.auc(-staying.expected_purchases(known, 23.0), gone) == pytest.approx(0.726, abs=1e-3)
    assert real.auc(leaving.p_silent(known, 23.0), gone) > 0.735


def test_the_best_k_wins_when_every_k_is_fitted_to_the_end(monkeypatch):
    monkeypatch.setattr(mbg_cnbd, "CLEARLY", 1e9)

    assert mbg_cnbd.choose_k(real.online_retail_summary(), (1, 2, 3)).model.k == 2


def test_a_sum_begun_too_short_is_continued_until_its_rest_is_negligible(monkeypatch):
    enough = SHOP[2].expected_if_alive(SOME, 52.0)

    monkeypatch.setattr(erlang, "_enough_terms", lambda s, odds: np.full(s.size, 4))

    np.testing.assert_allclose(SHOP[2].expected_if_alive(SOME, 52.0), enough, rtol=1e-9)
