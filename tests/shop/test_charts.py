import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from shop import charts
from shop.charts.download import csv_response
from shop.charts.scale import fitted, spread
from shop.charts.whisker import Whisker


def months(*values, open_last=False, n=100):
    last = len(values) - 1
    return [
        charts.Point(
            f"M{i}",
            value,
            low=value - 0.02,
            high=value + 0.02,
            n=n,
            href=f"/kept/?m={i}&s=1",
            open=open_last and i == last,
        )
        for i, value in enumerate(values)
    ]


@pytest.fixture
def retention():
    return charts.LineChart(
        "More stay",
        "Share of the active",
        "Strict",
        months(0.86, 0.84, 0.91, 0.85, open_last=True),
        compare=[charts.Line("Classic", [0.90, 0.88, 1.02, 0.88])],
        strip=charts.Strip("Returners", [0.03, 0.04, 0.12, 0.03]),
        remark=charts.Remark(2, "102%: counts returners"),
        limit=1.0,
        end_note="to 9 Dec, still open",
        opens="Open the churned.",
    )


def marks(svg, css):
    return [mark for mark in ElementTree.fromstring(svg).iter() if css in (mark.get("class") or "").split()]


def cohorts(**changes):
    rows = [
        charts.HeatRow(
            "Dec 2025", 885, [charts.Cell(0.37, 324, 0.335, 0.398, "/c/?m=1"), charts.Cell(0.12, 100, open=True)]
        ),
        charts.HeatRow("Jan 2026", 22, [charts.Cell(0.5, 11)]),
    ]
    heat = charts.HeatMap(
        "Cohorts",
        "Who came back",
        ["1", "2"],
        rows,
        [0.37, None],
        column_words="month %s",
        open_until="open until 31 Dec",
    )
    return replace(heat, **changes)


def test_every_period_of_a_line_chart_is_a_link_that_reads_itself_out(retention):
    columns = marks(retention.wide, "column")

    assert [column.get("href") for column in columns] == [f"/kept/?m={i}&s=1" for i in range(4)]
    assert columns[2].get("aria-label") == "M2: strict 91.0% (89.0–93.0) · classic 102.0% · n 100. Open the churned."


def test_an_open_period_is_drawn_open(retention):
    assert len(marks(retention.wide, "line--open")) == 2
    assert len(marks(retention.wide, "dot-mark--open")) == 2
    assert len(marks(retention.wide, "band--open")) == 1
    assert len(marks(retention.wide, "bar--open")) == 1
    assert len(marks(retention.wide, "band")[0].get("points").split()) == 6


def test_a_share_of_fewer_than_thirty_is_grey_and_says_so(retention):
    few = replace(retention, points=months(0.8, 0.9, 0.85, 0.8, n=12))

    assert len(marks(few.wide, "dot-mark--few")) == 8
    assert "too few to tell" in few.read(0)


def test_names_at_line_ends_do_not_lie_on_each_other(retention):
    close = replace(retention, compare=[charts.Line("Classic", [0.9, 0.9, 0.9, 0.8501])])

    ends = sorted(float(mark.get("y")) for mark in marks(close.wide, "end"))

    assert ends[1] - ends[0] >= 17


def test_pooled_labels_share_the_shift_and_stay_inside():
    assert spread([10, 50], [16, 16], 0, 100) == [10, 50]
    assert spread([40, 42], [16, 16], 0, 100) == [33, 49]
    assert spread([95, 97, 99], [16, 16, 16], 0, 100) == [52, 68, 84]


@pytest.mark.parametrize("values", [[0.5], [], [0.0], [0.861, 0.862], [1, 1_000_000], [-5, 5], [0, 0]])
def test_a_scale_always_has_round_ticks_and_holds_its_values(values):
    scale = fitted(values, 270, 44)

    assert len(scale.ticks) >= 2
    assert all(43.9 <= scale(value) <= 270.1 for value in [*values, *scale.ticks])


@pytest.mark.parametrize(
    "values", [[None, None], [0.5], [0.5, None, 0.6, None], [0.0, 0.0, 0.0], [0.5] * 60, []], ids=repr
)
def test_a_line_chart_of_any_values_is_drawn(values):
    points = [charts.Point(f"M{i}", value) for i, value in enumerate(values)]
    chart = charts.LineChart("Title", "Note", "Name", points)

    for svg in (chart.wide, chart.phone):
        ElementTree.fromstring(svg)
    assert "<table" in chart.html()


def test_a_phone_gets_its_own_drawing_with_the_last_thirteen_periods(retention):
    long = charts.LineChart("Title", "Note", "Name", [charts.Point(f"M{i}", i / 40) for i in range(36)])

    assert len(marks(long.phone, "column")) == 13
    assert len(marks(long.wide, "column")) == 36
    assert ElementTree.fromstring(long.phone).get("viewBox").startswith("0 0 358 ")


def test_the_table_behind_a_chart_has_the_same_figures(retention):
    assert [column.title for column in retention.columns] == [
        "Month",
        "Strict",
        "95% from",
        "to",
        "n",
        "Classic",
        "Returners",
    ]
    assert retention.rows()[3].values == ["M3, still open", 0.85, 0.83, 0.87, 100, 0.88, 0.03]
    assert '<tr class="open"><th scope="row">M3, still open</th><td>85.0%</td>' in retention.html()


def test_a_chart_as_csv_keeps_numbers_and_defuses_formulas(retention):
    points = [replace(retention.points[0], label="=HYPERLINK(1)"), *retention.points[1:]]

    content = csv_response(replace(retention, points=points), "retention.csv").content.decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(content)))
    assert rows[0][:2] == ["Month", "Strict"]
    assert rows[1][:2] == ["'=HYPERLINK(1)", "0.86"]


def test_words_from_outside_cannot_become_marks():
    chart = charts.LineChart("<script>", "<b>", "<i>", [charts.Point('"><script>', 0.5, href='"><script>')])
    heat = charts.HeatMap(
        "<script>", "", ["<script>"], [charts.HeatRow("<script>", 40, [charts.Cell(0.2, 8, href='"><script>')])]
    )
    rhythm = charts.Rhythm([charts.Order(date(2026, 1, 1), "<script>", href='"><script>')], date(2026, 2, 1))

    assert all("<script>" not in drawn.html() for drawn in (chart, heat, rhythm))


def test_no_chart_carries_a_style_attribute_or_a_script(retention):
    bars = charts.BarChart(
        "Bars", "", "Share", [charts.Bar("0–30", 0.4, n=20), charts.Bar("31+", 0.2, open=True)], unit="percent"
    )
    stack = charts.Stack("Stack", "", [charts.Part("Promoters", 3), charts.Part("Detractors", 0, "low")])

    pages = [drawn.html() for drawn in (retention, cohorts(), bars, stack)]

    assert not any("style=" in page or "<script" in page for page in pages)


def test_cells_are_coloured_by_fixed_steps_hatched_when_open_and_grey_when_few():
    body = cohorts().body

    assert 'class="heat-7"><a href="/c/?m=1" title="Dec 2025, month 1: 324 of 885, 37.0% (33.5–39.8)">37' in body
    assert 'class="heat-open" title="Dec 2025, month 2: 100 of 885 so far. Open until 31 Dec."' in body
    assert 'class="heat-small"' in body
    assert body.count("<td") == 2 + 2 + 2


def test_the_average_row_leaves_open_columns_empty():
    assert cohorts().foot == ["37", ""]


def test_bars_begin_at_zero():
    chart = charts.BarChart("Bars", "", "Orders", [charts.Bar("a", 90), charts.Bar("b", 100)])

    heights = [float(bar.get("height")) for bar in marks(chart.wide, "bar")]

    assert heights[0] / heights[1] == pytest.approx(0.9, abs=0.01)


def test_a_whisker_lays_both_intervals_on_one_scale():
    scale = Whisker.around((0.89, 0.92), (0.86, 0.88))

    svg = ElementTree.fromstring(Whisker(0.907, 0.89, 0.92, scale, past=(0.86, 0.88)).html())

    past, now = svg.findall("rect")
    assert float(past.get("x")) < float(now.get("x"))


def rhythm(gaps, silent, **changes):
    today = date(2026, 12, 9)
    days = [today - timedelta(days=silent)]
    for gap in gaps:
        days.append(days[-1] - timedelta(days=gap))
    return charts.Rhythm([charts.Order(day) for day in reversed(days)], today, **changes)


def test_a_rhythm_shows_the_usual_gap_and_the_silence():
    drawn = rhythm([34] * 30, 71, usual=(25, 48), late=True).html()

    assert "usually every 25 to 48 days; silent for 71 days" in drawn
    assert drawn.count('"rhythm__order"') == 17 + 9
    assert 'class="rhythm__alarm"' in drawn


@pytest.mark.parametrize(
    ("gaps", "silent", "usual"), [([], 0, None), ([], 400, None), ([0, 0], 0, (0, 0)), ([30], 5, (10, 900))]
)
def test_a_rhythm_of_any_history_is_drawn(gaps, silent, usual):
    drawn = rhythm(gaps, silent, usual=usual).html()

    assert "nan" not in drawn
    assert len(ElementTree.fromstring(drawn)) == 2


def test_nobody_without_orders_has_a_rhythm():
    assert charts.Rhythm([], date(2026, 12, 9)).html() == ""
