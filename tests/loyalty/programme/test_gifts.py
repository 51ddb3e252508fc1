"""Birthdays and complete cards bring points."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from crm.models import Event
from loyalty import reactions
from loyalty.programme import birthday, profiles
from tests.loyalty.programme import making


@pytest.mark.parametrize(
    ("born", "day", "near"),
    [
        (date(1990, 5, 10), date(2026, 5, 3), True),
        (date(1990, 5, 10), date(2026, 5, 2), False),
        (date(1990, 1, 3), date(2025, 12, 29), True),
        (date(1990, 12, 29), date(2026, 1, 3), True),
        (date(1984, 2, 29), date(2026, 2, 28), True),
        (None, date(2026, 5, 10), False),
    ],
)
def test_days_around_a_birthday(born, day, near):
    assert birthday.is_near(born, day, 7) is near


def test_a_birthday_brings_points_once_a_year_also_after_a_missed_night(ana):
    making.rule(birthday_gift=100, birthday_days=3)
    today = timezone.localdate()
    type(ana).objects.filter(pk=ana.pk).update(birthday=(today + timedelta(days=2)).replace(year=1980))

    assert [birthday.give(today), birthday.give(today), birthday.give(today + timedelta(days=1))] == [1, 0, 0]
    assert making.entries(ana) == [100]


def test_a_birthday_that_a_missed_night_left_behind_is_made_up_for(ana):
    making.rule(birthday_gift=100, birthday_days=0)
    day = timezone.localdate()
    type(ana).objects.filter(pk=ana.pk).update(birthday=day.replace(year=1984))

    assert [birthday.give(day + timedelta(days=late)) for late in (-1, 4, 2, 3)] == [0, 0, 1, 0]


def test_a_card_without_a_purchase_gets_nothing_for_a_birthday(cleo):
    making.rule(birthday_gift=100)
    type(cleo).objects.filter(pk=cleo.pk).update(birthday=timezone.localdate().replace(year=1980))

    assert birthday.give(timezone.localdate()) == 0


def test_a_complete_card_brings_points_once(ana, ben):
    making.rule(profile=20)
    type(ana).objects.filter(pk=ana.pk).update(birthday=date(1980, 1, 1))

    profiles.reward([ana.pk, ben.pk])
    profiles.reward([ana.pk, ben.pk])

    assert (making.entries(ana), making.entries(ben)) == ([20], [])


def test_an_answer_to_a_survey_brings_points_once_whatever_it_says(as_support, cleo):
    making.rule(survey=10)
    answers = [Event(kind="response.recorded", customer=cleo, subject_id=number) for number in (7, 8)]

    reactions.reward_answers(answers)
    reactions.reward_answers(answers)

    assert making.entries(cleo) == [10, 10]
    told = Event.objects.filter(kind="points.earned", customer=cleo)
    assert [event.data["reason"] for event in told] == ["survey", "survey"]
    assert "For answering a survey" in as_support.get(cleo.get_absolute_url()).content.decode()


def test_an_answer_without_a_name_or_a_rule_brings_nothing(cleo):
    reactions.reward_answers([Event(kind="response.recorded", customer=cleo, subject_id=7)])
    making.rule(survey=10)
    reactions.reward_answers([Event(kind="response.recorded", subject_id=7)])

    assert making.entries(cleo) == []
