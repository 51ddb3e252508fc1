"""Mails of the programme: who wants to hear of it hears it once, as it is when the mail leaves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.rendering import render
from crm.models import Consent, Event, Message
from loyalty import reactions
from loyalty.models import Account, Tier
from loyalty.points import reminding
from loyalty.programme import birthday, notices, tiers
from shop.models import Setting
from tests import build
from tests.loyalty.programme import making


def wants(customer, purpose, yes):
    address = customer.identifiers.get(kind="email").normalised
    said = {purpose: "given" if yes else "refused"}
    Consent.say(customer, "email", address, said, method="page", wording="As on the page.")


def tell():
    reactions.tell_tier(list(Event.objects.filter(kind="tier.changed")))


def sent():
    return list(Message.objects.order_by("pk").values_list("customer__given_name", "template", "state"))


# ---- A tier that was reached ---------------------------------------------------------------------


def test_who_rises_by_an_order_is_told_once_what_they_have_of_it(cleo):
    making.scheme()
    Tier.objects.filter(name="Silver").update(benefits="Tea is on the house.")
    build.order(cleo, "120.00")
    tiers.look([cleo.pk])

    tell()
    tell()

    assert sent() == [("Cleo", "tier_reached", "queued")]
    written = render(Message.objects.get())
    assert written.subject == "You are now Silver"
    assert "Tea is on the house." in written.text


def test_tiers_that_begin_for_everybody_are_no_news(cleo, ben):
    making.scheme()
    build.order(cleo, "5.00")
    tiers.look([cleo.pk, ben.pk])  # cleo: the lowest; ben bought long ago

    tell()

    assert sent() == []


def test_the_way_down_and_what_is_given_by_hand_are_not_told(cleo, mira):
    making.scheme()
    build.order(cleo, "320.00", at=1)
    day = timezone.localdate()
    tiers.look([cleo.pk])
    before = set(Event.objects.values_list("pk", flat=True))
    tiers.give(cleo, Tier.objects.get(name="Gold"), reason="Kind", until=day + timedelta(days=400), actor=mira.actor)
    tiers.look([cleo.pk], day + timedelta(days=800))

    reactions.tell_tier(list(Event.objects.filter(kind="tier.changed").exclude(pk__in=before)))

    assert sent() == []


def test_a_tier_that_is_another_by_now_is_not_told(cleo):
    making.scheme()
    build.order(cleo, "120.00")
    tiers.look([cleo.pk])
    tell()
    message = Message.objects.get()
    assert notices.other_by_now([message]) == {}

    build.order(cleo, "300.00")
    tiers.look([cleo.pk])

    assert notices.other_by_now([message]) == {message.pk: "no_longer_true"}


def test_who_does_not_want_to_hear_of_points_is_passed_over_without_a_word(cleo):
    making.scheme()
    build.order(cleo, "120.00")
    wants(cleo, "points", False)
    tiers.look([cleo.pk])

    tell()

    assert sent() == []


def test_the_shop_can_switch_it_off(cleo):
    making.scheme()
    Setting.put("points.tell_tier", False)
    build.order(cleo, "120.00")
    tiers.look([cleo.pk])

    tell()

    assert sent() == []


# ---- A birthday ----------------------------------------------------------------------------------


@pytest.fixture
def near(ana):
    """Ana has her birthday in two days."""
    day = timezone.localdate()
    type(ana).objects.filter(pk=ana.pk).update(birthday=(day + timedelta(days=2)).replace(year=1984))
    return day


def test_points_for_a_birthday_come_with_a_mail_to_who_wants_one(ana, near):
    making.rule(birthday_gift=100, keep_months=12)
    wants(ana, "birthday", True)

    assert [birthday.give(near), birthday.give(near)] == [1, 0]

    assert sent() == [("Ana", "birthday_gift", "queued")]
    written = render(Message.objects.get())
    assert written.subject == "For your birthday: 100 points"
    assert "They are good until " in written.text


def test_points_without_an_end_say_so(ana, near):
    making.rule(birthday_gift=1, keep_months=0)
    wants(ana, "birthday", True)

    birthday.give(near)

    assert "1 point for it. They are good for ever." in render(Message.objects.get()).text


def test_who_said_nothing_about_birthdays_gets_the_points_without_a_word(ana, near):
    making.rule(birthday_gift=100)

    birthday.give(near)

    assert (making.entries(ana), sent()) == ([100], [])


# ---- Points that end -----------------------------------------------------------------------------


@pytest.fixture
def ending(ana):
    """Of 80 points 30 end in ten days, 20 in twenty."""
    account, now = Account.of(ana), timezone.now()
    for points, days in ((30, 10), (20, 20), (30, 300)):
        account.earn(points, reason="order", key=f"e{days}", expires_at=now + timedelta(days=days))
    return account


def test_points_that_end_soon_are_said_once_with_their_sum(ana, ending):
    assert [reminding.send(), reminding.send()] == [1, 0]

    written = render(Message.objects.get())
    assert written.subject == "50 points end soon"
    later = timezone.now() + timedelta(days=9)
    assert reminding.send(later) == 0, "thirty days have not gone by"


def test_points_that_were_spent_meanwhile_are_not_spoken_of(ana, ending):
    reminding.send()
    message = Message.objects.get()
    assert reminding.no_longer([message]) == {}

    ending.spend(60, reason="reward", key="s")

    assert reminding.no_longer([message]) == {message.pk: "no_longer_true"}


@pytest.mark.parametrize(
    ("name", "value"), [("points.remind_days", 0), ("points.remind_days", 9), ("till.fewest_points", 51)]
)
def test_nobody_is_reminded_too_early_or_of_what_they_cannot_use(ana, ending, name, value):
    Setting.put(name, value)

    assert reminding.send() == 0


def test_who_said_no_or_never_bought_is_not_reminded(ana, cleo, ending):
    Account.of(cleo).earn(50, reason="gift", key="g", kind="bonus", expires_at=timezone.now() + timedelta(days=5))
    wants(ana, "points", False)

    assert reminding.send() == 0
    assert making.entries(cleo) == [50]
