"""Retention of shops with hardly anything in them, and of days that are shorter or longer than others."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from analytics import recompute
from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.metrics.spans import Span
from shop.models import Setting
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop
from tests.analytics.test_choices import manager, page

__all__ = ["manager"]


@pytest.mark.parametrize("customers", [0, 1, 2, 59])
def test_a_shop_of_any_size_has_its_figures(manager, db, customers):
    random_shop(customers)
    made = recompute.full(AS_OF)
    asking.ahead(made)

    for asked in (
        {},
        {"period": "2026"},
        {"period": "2026-05-30..2026-05-31", "mode": "monthly"},
        {"group": "flagged"},
    ):
        assert page(manager, **asked).status_code == 200


def test_all_orders_on_one_day_and_amounts_of_zero(manager, db):
    Setting.put("analytics.count_free_orders", True)
    for number in range(40):
        order(build.customer(f"Customer {number}"), 40, "0.00").save()
    made = recompute.full(AS_OF)
    day = AS_OF - timedelta(days=40)

    sums = asking.sums(made, [Question(Span(day, day)), Question(Span(day - timedelta(days=1), day))])

    assert [(one.spent.x, one.spent.y, one.bought.end, one.median_order) for one in sums] == [(40, 0, 40, 0)] * 2
    assert page(manager, period=f"{day}..{day}").status_code == 200


@pytest.mark.parametrize(("zone", "day"), [("Europe/London", (2026, 3, 29)), ("Europe/London", (2025, 10, 26))])
def test_days_of_23_and_25_hours_begin_and_end_at_the_shops_midnight(ana, ben, db, zone, day):
    """An order a minute after midnight and one a minute before the next both belong to that day, and no other does."""
    Setting.put("shop.time_zone", zone)
    midnight = datetime(*day, tzinfo=ZoneInfo(zone))
    following = (midnight + timedelta(days=1)).replace(hour=0)
    for who, at in ((ana, midnight + timedelta(minutes=1)), (ana, following - timedelta(minutes=1))):
        build.order(who, "10.00", at=at.astimezone(UTC))
    for who, at in ((ben, midnight - timedelta(minutes=1)), (ben, following + timedelta(minutes=1))):
        build.order(who, "10.00", at=at.astimezone(UTC))
    made = recompute.full(AS_OF)

    sums = asking.sums(made, [Question(Span(date(*day), date(*day)))])[0]

    assert (sums.spent.n, sums.spent.x, sums.spent.y, sums.revenue) == (1, 2, 20.0, 20.0)


def test_refunds_larger_than_the_sales_of_a_month_leave_less_than_nothing(ana, db):
    Setting.put("analytics.active_days", 60)
    big = order(ana, 100, "500.00")
    big.save()
    order(ana, 40, "20.00").save()
    big.refund(Decimal("480.00"), at=datetime.combine(AS_OF - timedelta(days=40), datetime.min.time()).astimezone())

    made = recompute.full(AS_OF)
    month = Span.of(AS_OF - timedelta(days=40), "month")

    assert asking.sums(made, [Question(month)])[0].revenue == -460.0
    assert asking.sums(made, [Question(month)])[0].revenue == float(made.periods.filter(month=month.first)[0].revenue)
