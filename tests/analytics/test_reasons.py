from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils.html import strip_tags

from analytics import panels
from analytics.risk.reasons import Reasons
from crm.models import Customer
from tests.analytics.standing import stands

TODAY = date(2026, 6, 1)


def scores(**changed):
    fields = {
        "orders": 8,
        "occasions": 8,
        "gaps": 7,
        "net": Decimal("800.00"),
        "last_spend": Decimal("100.00"),
        "last_on": TODAY - timedelta(days=71),
        "usual_gap": 34.0,
        "gap_low": 25.0,
        "gap_high": 48.0,
        "nine_of_ten": 52,
        "p_silent_90": 0.56,
        "overdue_on": TODAY - timedelta(days=30),
        "at_risk_on": TODAY - timedelta(days=19),
        "likely_lost_on": TODAY + timedelta(days=90),
    }
    customer = Customer(pk=0)
    customer.figures, customer.scores = stands(customer, **{**fields, **changed})
    return customer.scores


def words(**changed):
    return [strip_tags(reason) for reason in Reasons(scores(**changed), TODAY).long()]


def test_the_rhythm_and_those_with_the_same_history_in_numbers():
    assert words() == [
        "Usually buys every 34 days (median of 7 gaps, half of them 25 to 48); silent for 71",
        "Nine of ten with this history had come back by day 52.",
    ]


def test_a_last_order_well_below_the_usual_is_told():
    assert "Last order 30% below the usual." in words(net=Decimal("770.00"), last_spend=Decimal("70.00"))


def test_one_gap_is_no_habit():
    assert words(gaps=1, usual_gap=34.0)[0] == "Came back once, after 34 days; silent for 71"


def test_states_follow_from_their_dates():
    tomorrow = TODAY + timedelta(days=1)
    days = {"overdue_on": TODAY, "at_risk_on": tomorrow, "likely_lost_on": tomorrow}

    assert Reasons(scores(**days), TODAY).state == "overdue"
    assert Reasons(scores(**days), TODAY - timedelta(days=1)).state == "steady"
    assert Reasons(scores(likely_lost_on=tomorrow), TODAY).state == "at_risk"
    assert Reasons(scores(likely_lost_on=tomorrow), tomorrow).state == "likely_lost"
    assert (
        Reasons(scores(occasions=1, overdue_on=None, at_risk_on=None, likely_lost_on=None), TODAY).state == "one_order"
    )


@pytest.mark.django_db
def test_the_advice_follows_the_chance_to_come_back():
    def advice(p_silent_90):
        customer = SimpleNamespace(pk=0, scores=scores(p_silent_90=p_silent_90, likely_lost_on=None))
        return str(panels.next_step(None, customer).text)

    assert advice(0.8) == "Get in touch: probably slipping away."
    assert advice(0.03) == "Get in touch: unusually quiet."
