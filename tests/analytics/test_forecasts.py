"""What was foretold of everybody, kept and held against what came."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from analytics import recompute
from analytics.grading import life
from analytics.models import Figures, Forecast, Foretold, Generation, Scores
from analytics.refreshing import stored_of
from analytics.tasks import due, make_figures
from crm.models import Complaint, Customer, Order
from shop.models import Job, Setting
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop

LATER = AS_OF + timedelta(days=91)


@pytest.fixture(scope="module")
def figures(module_db):
    random_shop(120)
    return recompute.full(AS_OF).pk


@pytest.fixture
def shop(figures, db):
    return Generation.objects.get(pk=figures)


def buy_again(customers, days_later=10):
    Order.objects.bulk_create([order(one, -days_later, "20.00") for one in customers])


def test_once_a_month_everybodys_forecast_is_kept(shop):
    kept, again = life.keep(shop), life.keep(shop)

    scored = Scores.objects.filter(p_silent_90__isnull=False)
    assert again is None
    assert (kept.customers, kept.rows.count()) == (scored.count(), scored.count())
    one = scored.first()
    row = kept.rows.get(customer=one.pk)
    assert (row.p_silent, row.silent_days) == (one.p_silent_90, (AS_OF - one.last_on).days)


def test_figures_of_another_day_are_no_forecast(shop):
    life.follow(shop, AS_OF)

    assert not Forecast.objects.of_months().exists()
    Generation.objects.filter(pk=shop.pk).update(started_at="2026-06-01T12:00:00Z")
    life.follow(Generation.objects.get(pk=shop.pk), AS_OF)
    assert Forecast.objects.of_months().get().made_on == AS_OF


def test_the_reasons_of_that_day_are_kept_with_it(shop):
    kept = life.keep(shop)

    for bit, field in ((1, "overdue_on"), (2, "at_risk_on"), (4, "likely_lost_on")):
        late = set(Scores.objects.filter(**{f"{field}__lte": AS_OF}).values_list("pk", flat=True))
        assert {row.customer_id for row in kept.rows.all() if row.reasons & bit} == late


def test_what_was_foretold_is_never_changed(shop):
    kept = life.keep(shop)

    with pytest.raises(IntegrityError), transaction.atomic():
        kept.rows.update(p_silent=0)


def test_ninety_days_later_forecast_and_outcome_lie_side_by_side(shop):
    kept = life.keep(shop)
    back = list(Customer.objects.filter(pk__in=kept.rows.filter(p_silent__lt=0.5).values("customer"))[:15])
    buy_again(back)
    later = recompute.full(LATER)

    life.follow(later, LATER)

    kept.refresh_from_db()
    found = kept.result
    assert (found["customers"], found["silent"]) == (kept.rows.count(), kept.rows.count() - len(back))
    assert sum(part["silent"] for part in found["tenths"]) == found["silent"]
    assert found["auc"][0] > 0.5
    assert Forecast.objects.telling() == kept


def test_before_its_days_are_over_nothing_is_graded(shop):
    kept = life.keep(shop)

    life.follow(shop, AS_OF + timedelta(days=90))

    kept.refresh_from_db()
    assert kept.graded_at is None


def test_who_is_no_card_of_their_own_any_more_is_not_graded(shop):
    kept = life.keep(shop)
    gone, stays, left_out, *_ = Customer.objects.order_by("pk")
    Customer.objects.filter(pk=gone.pk).update(merged_into=stays)
    Customer.objects.filter(pk=left_out.pk).update(left_out_at="2026-06-02T00:00:00Z")

    life.grade(kept)

    assert kept.result["customers"] == kept.rows.count() - 2


def test_a_false_alarm_is_somebody_on_a_list_who_came_back(shop):
    kept = life.keep(shop)
    listed = kept.rows.filter(reasons__gt=0, reasons__lt=8)
    buy_again(Customer.objects.filter(pk__in=listed.values("customer")[:4]))
    recompute.full(LATER)

    life.grade(kept)

    reasons = kept.result["reasons"]
    assert reasons["any"][1] == 4
    assert reasons["overdue"][0] >= reasons["at_risk"][0] > 0


def test_a_new_shop_looks_back_at_once(shop):
    life.follow(shop, AS_OF)

    back = Forecast.objects.telling()
    assert (back.kind, back.over_on, back.horizon) == ("back", AS_OF - timedelta(days=1), 90)
    assert back.result["customers"] == back.rows.count() == Figures.objects.filter(first_on__lte=back.made_on).count()
    assert life.look_back(shop) is None
    bought = {row.customer_id for row in back.rows.all()} - set(
        Figures.objects.filter(last_on__lte=back.made_on).values_list("pk", flat=True)
    )
    assert back.result["silent"] >= back.result["customers"] - len(bought)


@pytest.mark.parametrize("customers", [0, 1, 59])
def test_too_few_buyers_have_no_forecast_and_no_grade(db, customers):
    random_shop(customers)

    life.follow(recompute.full(AS_OF), AS_OF)

    assert not Forecast.objects.exists()


def test_a_look_back_knows_what_customers_had_told_the_shop_by_then(shop):
    early, late, low, high = Customer.objects.filter(
        pk__in=Figures.objects.filter(first_on__lt=AS_OF - timedelta(days=120)).values("pk")
    ).order_by("pk")[:4]
    for customer, days in ((early, 150), (late, 20)):
        complaint = build.complaint(customer)
        Complaint.objects.filter(pk=complaint.pk).update(opened_at=noon(days))
    csat = build.survey("csat")
    for customer, score in ((low, 1), (high, 5)):
        build.response(customer, csat, score, at=noon(150))

    back = life.look_back(shop)

    told = dict(back.rows.values_list("customer", "reasons"))
    assert {pk: told[pk] & 48 for pk in (early.pk, late.pk, low.pk, high.pk)} == {
        early.pk: Foretold.Reason.COMPLAINT,
        late.pk: 0,
        low.pk: Foretold.Reason.LOW_SCORE,
        high.pk: 0,
    }


def noon(days):
    return order(None, days, "1").placed_at


def test_everybody_on_one_day_has_nothing_to_look_back_on(db):
    made = random_shop(70)
    Order.objects.all().delete()
    Order.objects.bulk_create([order(one, 1, "20.00") for one in made])

    life.follow(recompute.full(AS_OF), AS_OF)

    assert not Forecast.objects.graded().exists()


def test_a_score_no_better_than_the_base_rate_is_switched_off_and_comes_back(shop):
    worse = Forecast.begin("month", AS_OF - timedelta(days=95), 90)
    worse.grade({"customers": 100, "gain": [-0.01, -0.02, 0.0]})

    off = recompute.full(AS_OF)

    assert off.timing["off"] == "base_rate"
    assert not Scores.objects.filter(p_silent_90__isnull=False).exists()
    assert Scores.objects.filter(at_stake__gt=0).exists()
    assert stored_of(off).is_off
    worse.grade({"customers": 100, "gain": [0.01, 0.0, 0.02]})
    assert recompute.full(AS_OF).timing["off"] == ""
    assert Scores.objects.filter(p_silent_90__isnull=False).exists()


def wrong_of_everybody(made_on):
    """A forecast whose days are over, sure of the contrary of what came."""
    wrong = Forecast.begin("month", made_on, 90)
    back = set(Order.objects.filter(placed_at__date__gt=made_on).values_list("customer", flat=True))
    rows = [
        Foretold(forecast=wrong, customer_id=pk, p_silent=0.9 if pk in back else 0.1, silent_days=9)
        for pk in Figures.objects.values_list("pk", flat=True)
    ]
    Foretold.objects.bulk_create(rows)


def test_the_run_that_grades_a_score_down_shows_it_to_nobody_any_more(shop, monkeypatch):
    monkeypatch.setattr(recompute, "today", lambda: AS_OF)
    wrong_of_everybody(AS_OF - timedelta(days=95))

    make_figures(Job.request("analytics.recompute").pk)

    assert Generation.objects.current().why_off == "base_rate"
    assert not Scores.objects.filter(p_silent_90__isnull=False).exists()


def test_a_person_switches_the_score_off_and_all_is_made_anew_at_once(shop):
    Setting.put("analytics.score", False)

    due()
    off = recompute.full(AS_OF)

    assert Job.objects.live().filter(kind="analytics.recompute").exists()
    assert (off.why_off, off.definition) == ("person", shop.definition)
    assert not Scores.objects.filter(p_silent_90__isnull=False).exists()


def test_forecasts_go_when_two_years_have_passed(shop):
    kept = life.keep(shop)
    Forecast.objects.filter(pk=kept.pk).update(made_on=AS_OF - timedelta(days=800))

    life.follow(Generation.objects.current(), AS_OF)

    assert not Foretold.objects.filter(forecast=kept.pk).exists()
