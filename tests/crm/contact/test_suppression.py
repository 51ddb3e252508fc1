"""Addresses that bounce, or whose owners called our mail spam, get nothing more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crm.models import AddressTrouble, Event, NotToBeLifted, Suppression
from tests import build

EMAIL = "ana@people.example"
DAY = timedelta(days=1)


def soft(days_ago, **more):
    return Suppression.note(EMAIL, "soft", at=timezone.now() - days_ago * DAY, **more)


@pytest.mark.parametrize(("kind", "reason"), [("hard", "bounced"), ("complaint", "complained")])
def test_one_hard_bounce_or_complaint_is_enough(ana, kind, reason):
    held = Suppression.note(" Ana@People.example ", kind)

    assert (held.address, held.reason) == (EMAIL, reason)


@pytest.mark.parametrize(
    ("days", "reason"), [([1, 2], None), ([1, 2, 3], "unreachable"), ([29, 15, 1], "unreachable"), ([31, 15, 1], None)]
)
def test_three_soft_bounces_within_thirty_days_are(ana, days, reason):
    held = [soft(day) for day in sorted(days, reverse=True)][-1]

    assert (held and held.reason) == reason


def test_the_same_event_told_twice_counts_once(ana):
    for _ in range(5):
        soft(1, cause="provider:77")

    assert AddressTrouble.objects.count() == 1
    assert not Suppression.objects.exists()


def test_it_is_told_once_on_every_card_with_the_address(ana, ben):
    build.identifier(ben, "email", EMAIL)
    Suppression.note(EMAIL, "hard")
    Suppression.note(EMAIL, "hard")

    told = Event.objects.filter(kind="address.suppressed")
    assert sorted(told.values_list("customer", flat=True)) == sorted([ana.pk, ben.pk])


def test_a_complaint_weighs_more_than_a_bounce_and_is_not_outweighed(ana):
    Suppression.note(EMAIL, "hard")
    Suppression.note(EMAIL, "complaint")
    Suppression.note(EMAIL, "hard")

    assert Suppression.objects.get().reason == "complained"


def test_staff_lift_a_bounce_with_a_reason_and_counting_begins_anew(ana, sam):
    for day in (3, 2, 1):
        held = soft(day)

    assert not held.lift(why="  ", by=sam)
    assert held.lift(why="The mailbox was full.", by=sam)
    assert not held.lift(why="Again", by=sam)
    Suppression.note(EMAIL, "soft")
    Suppression.note(EMAIL, "soft")
    assert not Suppression.objects.in_force().exists()
    Suppression.note(EMAIL, "soft")
    assert Suppression.objects.in_force().get().reason == "unreachable"


def test_nobody_lifts_a_complaint(ana, sam):
    with pytest.raises(NotToBeLifted):
        Suppression.note(EMAIL, "complaint").lift(why="please", by=sam)


def test_an_address_nobody_has_is_suppressed_all_the_same(db):
    assert Suppression.note("nobody@people.example", "hard").customer is None


def test_the_database_holds_one_suppression_an_address(ana):
    Suppression.note(EMAIL, "hard")

    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'address_is_suppressed_once'")
        assert "UNIQUE" in cursor.fetchone()[0]
