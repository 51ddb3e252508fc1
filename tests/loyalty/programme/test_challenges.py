"""Challenges: counted, met, rewarded once nothing can go back any more."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from loyalty.models import (
    Badge,
    BadgeAward,
    Challenge,
    Progress,
)
from loyalty.programme import challenges
from tests import build
from tests.loyalty.programme import making


def challenge(**fields):
    first = timezone.localdate().replace(month=1, day=1)
    return Challenge.objects.create(
        **{"name": "Two orders", "target": 2, "period": "year", "points": 200, "starts_on": first, **fields}
    )


@pytest.mark.parametrize(
    ("period", "day", "span"),
    [
        ("month", date(2026, 2, 10), (date(2026, 2, 1), date(2026, 2, 28))),
        ("quarter", date(2026, 12, 31), (date(2026, 10, 1), date(2026, 12, 31))),
        ("year", date(2026, 5, 1), (date(2026, 1, 15), date(2026, 12, 31))),
    ],
)
def test_the_periods_of_a_challenge(period, day, span):
    assert challenges.span_of(Challenge(period=period, starts_on=date(2026, 1, 15)), day) == span


def test_a_challenge_is_rewarded_when_nothing_can_go_back_any_more(cleo):
    making.rule(return_days=14)
    badge = Badge.objects.create(name="Regular")
    challenge(badge=badge)
    for _order in range(2):
        build.order(cleo, "10.00")
    challenges.count([cleo.pk], [timezone.localdate()])

    assert challenges.reward_due() == 0
    later = timezone.now() + timedelta(days=15)
    assert [challenges.reward_due(later), challenges.reward_due(later)] == [1, 0]
    assert making.entries(cleo) == [200]
    assert BadgeAward.objects.get().customer == cleo


def test_what_goes_back_before_is_taken_off_the_count(cleo):
    making.rule(return_days=14)
    challenge()
    orders = [build.order(cleo, "10.00") for _order in range(2)]
    challenges.count([cleo.pk], [timezone.localdate()])

    orders[0].refund(Decimal(10))
    challenges.count([cleo.pk], [timezone.localdate()])

    assert (Progress.objects.get().counted, Progress.objects.get().reached_at) == (1, None)
    assert challenges.reward_due(timezone.now() + timedelta(days=30)) == 0


def test_a_challenge_is_set_on_its_page(as_manager, db):
    sent = {
        "name": "Three",
        "target": 3,
        "metric": "orders",
        "period": "quarter",
        "points": 0,
        "starts_on": "2026-10-01",
    }
    assert as_manager.post(reverse("loyalty:challenge_new"), sent).status_code == 422

    as_manager.post(reverse("loyalty:challenge_new"), {**sent, "badge_name": "Regular"})

    assert str(Challenge.objects.get().badge) == "Regular"
