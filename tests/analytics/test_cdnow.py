"""CDNOW, whose transactions are not ours to pass on: held against by whoever has them, in the folder CDNOW_DATA.

cdnow_sample_transactions.csv.gz and cdnow_master_transactions.csv.gz: customer_id, date, value, one line a purchase;
expected/cdnow_master_*.csv.gz: what must come out.
"""

import csv
import gzip
import os
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from django.db import connection

from analytics import recompute
from analytics.grading.backtest import Backtest
from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.metrics.spans import Span
from analytics.metrics.triangle import rolling_by_day
from analytics.models import PeriodFigure
from shop.models import Setting

FOLDER = os.environ.get("CDNOW_DATA", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER, reason="CDNOW_DATA does not name the folder of the transactions"),
]

CUT, LAST = date(1997, 9, 30).toordinal(), date(1998, 6, 30)


def lines(name):
    with gzip.open(Path(FOLDER) / name, "rt") as file:
        return list(csv.DictReader(file))


@cache
def purchase_days(shop):
    """Numbers of customers and ordinals of their days, sorted, each once; purchases worth nothing are purchases."""
    read = lines(f"cdnow_{shop}_transactions.csv.gz")
    found = sorted({(int(row["customer_id"]), date.fromisoformat(row["date"]).toordinal()) for row in read})
    who, day = np.array(found).T
    return np.unique(who, return_inverse=True)[1], day


def load_master():
    rows = lines("cdnow_master_transactions.csv.gz")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO crm_customer (id, given_name, family_name, language, time_zone, company, street, postcode,
                                      city, country, source, about, created_at)
            SELECT DISTINCT id, 'Customer', id::text, '', '', '', '', '', '', '', '', '', now()
              FROM unnest(%s::bigint[]) AS known (id)
            """,
            [[int(row["customer_id"]) for row in rows]],
        )
        cursor.execute(
            """
            INSERT INTO crm_order (customer_id, source, reference, placed_at, paid_at, channel, branch, staff,
                                   goods, discount, shipping, tax, total, refunded)
            SELECT customer, 'cdnow', 'C-' || number, at, at, '', '', '', 0, 0, 0, 0, amount, 0
              FROM (SELECT customer, number, (day::timestamp + '12:00') AT TIME ZONE 'Europe/London' AS at, amount
                      FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::numeric[])
                        AS sale (customer, number, day, amount)) AS sale
            """,
            [
                [int(row["customer_id"]) for row in rows],
                list(range(len(rows))),
                [row["date"] for row in rows],
                [Decimal(row["value"]) for row in rows],
            ],
        )


@pytest.fixture(scope="module")
def generation(module_db):
    load_master()
    Setting.put("analytics.active_days", 90)
    Setting.put("analytics.count_free_orders", True)
    return recompute.full(date(1998, 7, 1))


@pytest.mark.django_db
def test_months_come_out_cell_by_cell(generation):
    rows = {(f"{row.month:%Y-%m}", row.mode): row for row in PeriodFigure.objects.filter(generation=generation)}

    for line in lines("expected/cdnow_master_monthly_retention.csv.gz"):
        bought, window = rows[line["month"], "monthly"], rows[line["month"], "window"]
        ours = (bought.start, bought.end, bought.new + bought.first_seen, bought.kept, bought.returned)
        assert ours == tuple(int(line[name]) for name in ("S", "E", "N", "overlap", "reactivated")), line["month"]
        ours = (window.start, window.end, window.new + window.first_seen)
        assert ours == tuple(int(line[name]) for name in ("S90", "E90", "N90")), line["month"]
        percents = [round(100 * rate, 2) for rate in (bought.classic, bought.strict, window.classic, window.strict)]
        names = ("formula_retention_pct", "overlap_retention_pct", "formula90_pct", "overlap90_pct")
        assert percents == [float(line[name]) for name in names], line["month"]


@pytest.mark.django_db
def test_any_month_asked_on_demand_comes_out_cell_by_cell(generation):
    told = lines("expected/cdnow_master_monthly_retention.csv.gz")
    found = asking.sums(generation, [Question(Span.read(line["month"])) for line in told])

    for line, sums in zip(told, found, strict=True):
        moved = sums.bought
        ours = (moved.start, moved.end, moved.new + moved.first_seen, moved.kept, moved.returned)
        assert ours == tuple(int(line[name]) for name in ("S", "E", "N", "overlap", "reactivated")), line["month"]


@pytest.mark.django_db
def test_cohorts_come_out_cell_by_cell(generation):
    cells = {(f"{cell.cohort:%Y-%m}", cell.month): cell for cell in generation.cohort_cells.all()}

    for line in lines("expected/cdnow_master_monthly_cohorts.csv.gz"):
        cell = cells[line["cohort"], int(line["month_index"])]
        assert cell.members == int(line["cohort_size"])
        assert not cell.month or cell.bought == int(line["customers"]), line


@pytest.mark.django_db
def test_the_shop_as_a_whole(generation):
    totals = generation.totals

    assert (totals["orders"], totals["net"]) == (69_659, 2_500_315_630)
    assert round(totals["average_order"][0], 4) == 35.8936
    assert f"{totals['repeat_by_orders'] / 23_570:.2%} {totals['repeat_by_days'] / 23_570:.2%}" == "49.48% 48.86%"


def test_rolling_retention_comes_out():
    customer, day = purchase_days("master")
    starts = np.flatnonzero(np.diff(customer, prepend=-1))
    first, last = day[starts], day[np.append(starts[1:], day.size) - 1]

    for line in lines("expected/cdnow_master_rolling_retention.csv.gz"):
        k, n = rolling_by_day(first, last, LAST.toordinal(), int(line["day"]))
        assert (k, n, round(100 * k / n, 2)) == (int(line["retained"]), int(line["eligible"]), float(line["pct"]))


@pytest.mark.parametrize(("shop", "recency", "mbg"), [("sample", 0.771, 0.773), ("master", 0.759, 0.765)])
def test_the_score_keeps_its_promises(shop, recency, mbg):
    found = Backtest.of(*purchase_days(shop), CUT, 273).as_dict()

    auc = {name: area[0] for name, area in found["auc"].items()}
    assert auc["days_since_last_order"] == pytest.approx(recency, abs=1e-3)
    assert auc["mbg_expected_purchases"] == pytest.approx(mbg, abs=1e-3)
    assert auc["score"] >= max(auc["days_since_last_order"], auc["mbg_expected_purchases"]) - 0.01
    ours, theirs = found["purchases"]["score"], found["purchases"]["mbg"]
    assert ours["rmse"] <= theirs["rmse"]
    assert ours["deviance"] <= theirs["deviance"]
    assert found["calibration_error"]["score"] <= found["calibration_error"]["mbg"]
    assert found["model"]["mbg_degenerate"] is None
