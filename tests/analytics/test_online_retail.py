"""Every figure of a real shop, from its orders through a full run to the published rows."""

from datetime import date
from decimal import Decimal

import pytest

from analytics import recompute
from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.metrics.spans import Span
from analytics.metrics.table import BY_NAME
from analytics.models import CohortCell, Flag, Generation, PeriodFigure, Scores
from analytics.risk import flagging
from crm.models import Event
from shop.models import Setting
from tests.analytics import online_retail

DAY_AFTER = date(2011, 12, 10)
MONTH_AFTER = date(2012, 1, 1)  # the published tables end every month on its last day


@pytest.fixture(scope="module")
def generation(module_db):
    online_retail.load_sales()
    Setting.put("analytics.active_days", 90)
    return recompute.full(MONTH_AFTER)


def figures_of(mode):
    rows = PeriodFigure.objects.filter(mode=mode, generation__is_current=True)
    return {f"{row.month:%Y-%m}": row for row in rows}


@pytest.mark.django_db
def test_month_on_month_comes_out_cell_by_cell(generation):
    rows = figures_of("monthly")

    for line in online_retail.expected("monthly_retention"):
        row = rows[line["month"]]
        ours = (row.start, row.end, row.new + row.first_seen, row.kept, row.returned)
        assert ours == tuple(int(line[name]) for name in ("S", "E", "N", "overlap", "reactivated")), line["month"]
        assert round(row.classic * 100, 2) == float(line["formula_retention_pct"])
        assert round(row.strict * 100, 2) == float(line["overlap_retention_pct"])


@pytest.mark.django_db
def test_the_window_of_90_days_comes_out_cell_by_cell(generation):
    rows = figures_of("window")

    for line in online_retail.expected("monthly_retention"):
        row = rows[line["month"]]
        assert (row.start, row.end, row.new + row.first_seen) == tuple(int(line[n]) for n in ("S90", "E90", "N90"))
        assert round(row.classic * 100, 2) == float(line["formula90_pct"])
        assert round(row.strict * 100, 2) == float(line["overlap90_pct"])


@pytest.mark.django_db
def test_the_classic_formula_passes_100_percent_where_returners_are_counted_as_kept(generation):
    september = figures_of("monthly")["2011-09"]

    assert (september.start, september.end, september.new, september.returned) == (935, 1266, 299, 542)
    assert f"{september.classic:.2%} {september.strict:.2%}" == "103.42% 45.45%"


@pytest.mark.django_db
def test_cohorts_come_out_cell_by_cell(generation):
    cells = {(f"{cell.cohort:%Y-%m}", cell.month): cell for cell in generation.cohort_cells.all()}

    for line in online_retail.expected("monthly_cohorts"):
        cell = cells[line["cohort"], int(line["month_index"])]
        assert cell.members == int(line["cohort_size"])
        if cell.month:
            assert cell.bought == int(line["customers"])


@pytest.mark.django_db
def test_the_shop_as_a_whole(generation):
    totals = generation.totals

    assert (totals["buyers"], totals["orders"], totals["net"]) == (4338, 18532, 8_911_407_900)
    assert round(totals["average_order"][0], 3) == 480.866
    assert f"{totals['repeat_by_orders'] / 4338:.2%} {totals['repeat_by_days'] / 4338:.2%}" == "65.58% 64.32%"
    assert sum(row.revenue for row in figures_of("window").values()) == Decimal("8911407.90")


def measured(sums, name, mode="window"):
    return BY_NAME[name].make(sums, mode)


@pytest.mark.django_db
def test_every_month_of_a_real_shop_comes_out_cell_by_cell(generation):
    lines = online_retail.expected("monthly_retention")
    found = asking.sums(generation, [Question(Span.read(line["month"])) for line in lines])

    for line, sums in zip(lines, found, strict=True):
        bought, window = sums.bought, sums.window
        ours = (bought.start, bought.end, bought.new + bought.first_seen, bought.kept, bought.returned)
        assert ours == tuple(int(line[name]) for name in ("S", "E", "N", "overlap", "reactivated")), line["month"]
        ours = (window.start, window.end, window.new + window.first_seen)
        assert ours == tuple(int(line[name]) for name in ("S90", "E90", "N90")), line["month"]
        if window.start:
            assert round(100 * measured(sums, "retention").value, 2) == float(line["overlap90_pct"])
            assert round(100 * measured(sums, "retention_classic").value, 2) == float(line["formula90_pct"])


@pytest.mark.django_db
def test_the_months_of_everybody_are_the_published_ones(generation):
    published = {(row.month, row.mode): row for row in generation.periods.all()}
    names = ("start", "end", "new", "kept", "returned", "first_seen", "tried_and_left", "lapsed")

    for month in asking.months(generation, asking.Group()):
        for mode, moved in (("window", month.window), ("monthly", month.bought)):
            row = published[month.span.first, mode]
            assert [getattr(moved, name) for name in names] == [getattr(row, name) for name in names], row.month
    spans = [Span.read("2011-03"), Span.read("2011-11")]
    for span, sums in zip(spans, asking.sums(generation, [Question(one) for one in spans]), strict=True):
        row = published[span.first, "window"]
        assert [getattr(sums.window, name) for name in names] == [getattr(row, name) for name in names]
        assert (sums.revenue, sums.spent.x, sums.spent.n) == (float(row.revenue), row.orders, row.buyers)


@pytest.mark.django_db
def test_the_whole_history_as_one_range(generation):
    sums = asking.sums(generation, [Question(Span.read("2010-12-01..2011-12-31"))])[0]

    average = measured(sums, "average_order")
    assert (sums.spent.x, sums.spent.n, round(sums.spent.y, 2)) == (18532, 4338, 8911407.90)
    assert round(average.value, 3) == 480.866
    assert average.interval.low < average.value < average.interval.high


@pytest.mark.django_db
def test_the_figures_choose_two_stages_and_say_why(generation):
    timing = generation.timing

    assert (timing["used"]["model"], timing["used"]["k"], timing["why"]) == ("mbg_cnbd", 2, "likelihood")
    fits = {fit["k"]: fit for fit in timing["candidates"]}
    assert fits[1]["degenerate"] is not None
    assert 500 < fits[2]["log_likelihood"] - fits[1]["log_likelihood"] < 1000


@pytest.mark.django_db
def test_the_at_risk_list_names_between_2_and_15_percent_with_the_proposed_window(generation):
    Setting.put("analytics.active_days", 0)

    proposed = recompute.full(DAY_AFTER)

    at_risk = Scores.objects.at_risk(DAY_AFTER).count()
    assert 0.02 < at_risk / 4338 < 0.15
    assert proposed.definition == generation.definition + 1


@pytest.mark.django_db
def test_the_month_that_is_not_over_is_open_and_seen_until_yesterday(generation):
    recompute.full(DAY_AFTER)

    december = figures_of("window")["2011-12"]
    assert (december.complete, december.last_day, december.start) == (False, date(2011, 12, 9), 2840)
    assert december.end > 2553  # the rest of the month may still bring them back
    open_cells = {
        cell.cohort.month + cell.month
        for cell in CohortCell.objects.filter(generation__is_current=True, cohort__year=2011, complete=False)
    }
    assert open_cells == {12}


@pytest.mark.django_db
def test_a_first_run_raises_flags_without_telling_anybody(generation):
    flagging.raise_and_clear(generation, MONTH_AFTER)

    assert Flag.objects.open().count() > 400
    assert not Event.objects.exists()
    assert Generation.objects.current().flags_held_back == Flag.objects.count()


@pytest.mark.django_db
def test_everything_belongs_to_one_generation(generation):
    assert set(Scores.objects.values_list("generation", flat=True)) == {Generation.objects.current().pk}
    assert CohortCell.objects.filter(generation=generation).exists()


@pytest.mark.django_db
def test_cancellations_lower_what_customers_are_worth_and_the_months_they_fell_in(generation):
    online_retail.load_refunds()

    with_refunds = recompute.full(MONTH_AFTER)

    assert with_refunds.totals["net"] + online_retail.refunds_of_strangers() == 8_300_065_810
    assert round(Decimal(with_refunds.totals["net"]) / 18532 / 1000) == 448
    assert round(sum(row.revenue for row in figures_of("window").values())) == 8_300_066
