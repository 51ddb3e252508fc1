"""Who brings somebody is thanked, and only for somebody new."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.duplicates.merging import merge
from crm.models import Event
from loyalty.models import (
    Referral,
)
from loyalty.programme import jobs, referrals
from loyalty.programme.referrals import link_of
from shop.models import Setting
from tests import build
from tests.loyalty.programme import making


@pytest.fixture
def terms(db):
    return making.rule(referral_inviter=200, referral_invited=100, referral_minimum="20", return_days=14)


@pytest.fixture
def joined(terms, ana, cleo):
    return referrals.join(ana, cleo)


def ordered(referral, total="50.00"):
    order = build.order(referral.invited, total)
    referrals.follow([order.pk])
    referral.refresh_from_db()
    return order


def after_the_window():
    return timezone.now() + timedelta(days=15)


def test_both_sides_are_rewarded_after_the_return_window(joined, ana, cleo):
    ordered(joined)

    assert referrals.reward_due() == 0
    assert [referrals.reward_due(after_the_window()), referrals.reward_due(after_the_window())] == [1, 0]
    assert (making.entries(ana), making.entries(cleo)) == ([200], [100])


def test_an_order_that_goes_back_is_not_rewarded(joined):
    order = ordered(joined)
    order.refund(Decimal("50.00"))
    referrals.follow([order.pk])

    joined.refresh_from_db()
    assert (joined.state, joined.why) == ("rejected", "returned")
    assert referrals.reward_due(after_the_window()) == 0


def test_a_part_that_goes_back_is_for_a_person_to_decide(joined, mira, ana):
    order = ordered(joined)
    order.refund(Decimal("10.00"))
    referrals.follow([order.pk])
    joined.refresh_from_db()
    assert joined.flags == ["refund"]
    assert referrals.reward_due(after_the_window()) == 0

    referrals.decide(joined, allow=True, actor=mira.actor)

    assert referrals.reward_due(after_the_window()) == 1


def test_a_small_first_order_is_not_rewarded(joined):
    ordered(joined, "5.00")

    assert joined.why == "too_small"


def test_who_has_bought_before_cannot_be_invited(terms, ana, ben):
    with pytest.raises(referrals.CannotRefer, match="known"):
        referrals.join(ana, ben)
    with pytest.raises(referrals.CannotRefer, match="known"):
        referrals.invite(ana, "email", "BEN@people.example")


def test_nobody_invites_themselves_with_a_second_card(terms, ana):
    second = build.customer("Anna L.", phone="+44 7700 900142")

    with pytest.raises(referrals.CannotRefer, match="self"):
        referrals.join(ana, second)
    with pytest.raises(referrals.CannotRefer, match="self"):
        referrals.join(ana, ana)


def test_somebody_is_invited_once(joined, ben, cleo):
    with pytest.raises(referrals.CannotRefer, match="referred"):
        referrals.join(ben, cleo)


def test_the_same_address_and_many_in_a_month_are_flagged(terms, ana, cleo):
    for card in (ana, cleo):
        type(card).objects.filter(pk=card.pk).update(street="Mill Lane 3 ", postcode="SY8 1AA", city="Ludlow")
        card.refresh_from_db()
    assert referrals.join(ana, cleo).flags == ["address"]

    for number in range(5):
        last = referrals.join(ana, build.customer(f"New {number}"))
    assert last.flags == ["many"]


def test_no_more_are_rewarded_in_a_month_than_the_rule_says(ana):
    making.rule(referral_inviter=200, referral_per_month=1)
    for number in range(2):
        ordered(referrals.join(ana, build.customer(f"New {number}")))

    referrals.reward_due()

    assert sorted(Referral.objects.values_list("state", "why")) == [("rejected", "cap"), ("rewarded", "")]
    assert making.entries(ana) == [200]


def test_cards_of_one_person_that_are_merged_have_not_invited_each_other(joined, ana, cleo):
    ordered(joined)

    merge(ana, cleo, actor="")

    assert Referral.objects.get().why == "self"
    assert referrals.reward_due(after_the_window()) == 0


def test_a_code_leads_to_its_customer_and_a_wrong_one_to_nobody(as_support, terms, ana, cleo):
    code = referrals.code_of(ana)
    assert referrals.code_of(ana) == code

    as_support.post(reverse("loyalty:customer_referral", args=[cleo.pk]), {"code": code.upper()})

    assert Referral.objects.get().inviter == ana
    with pytest.raises(referrals.CannotRefer, match="unknown_code"):
        referrals.owner_of("nobody")


def test_staff_decide_on_the_page(as_manager, joined):
    Referral.objects.update(flags=["address"])
    assert "same address" in as_manager.get(reverse("loyalty:referrals")).content.decode()

    as_manager.post(reverse("loyalty:referral_decision", args=[joined.pk]), {"allow": "no", "note": "Same flat"})

    assert Referral.objects.get().why == "staff"


def test_the_pages_of_an_invitation_say_who_brought_whom(as_support, joined, ana, cleo):
    assert "Cleo Marczak" in as_support.get(reverse("loyalty:customer_referral", args=[ana.pk])).content.decode()
    assert "Ana Lindqvist" in as_support.get(reverse("loyalty:customer_referral", args=[cleo.pk])).content.decode()

    as_support.post(reverse("loyalty:customer_referral_code", args=[ana.pk]))

    assert referrals.owner_of(ana.referral_code.code) == ana


def test_the_relay_is_told_only_when_something_is_due(terms, ana, cleo):
    assert jobs.due() == []
    referral = referrals.join(ana, cleo)
    ordered(referral)
    Referral.objects.update(due_at=timezone.now() - timedelta(minutes=1))

    assert jobs.due() == [("loyalty.reward_due", [])]
    jobs.reward_due()
    assert jobs.due() == []


def test_that_somebody_came_stands_on_the_card_of_who_invited_them(as_support, terms, ana, cleo):
    as_support.post(f"/customers/{cleo.pk}/referral/", {"code": referrals.code_of(ana)})

    event = Event.objects.get(kind="referral.joined")
    assert (event.customer, event.data) == (ana, {"referral": Referral.objects.get().pk})
    assert event.actor.startswith("staff:")
    assert "Somebody they invited came" in as_support.get(f"/customers/{ana.pk}/").content.decode()


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("", ""),
        ("https://shop.example", "https://shop.example/?ref=abcd2345"),
        ("https://shop.example/tea/?lang=pl#new", "https://shop.example/tea/?lang=pl&ref=abcd2345#new"),
        ("https://shop.example/invited/{code}", "https://shop.example/invited/abcd2345"),
    ],
)
def test_a_code_becomes_a_link_into_the_web_shop(db, address, link):
    Setting.put("shop.web_address", address, by=None)

    assert link_of("abcd2345") == link


@pytest.mark.parametrize(
    "typed",
    [
        "http://shop.example/",
        "javascript:alert(1)",
        "https://",
        "https://user:word@shop.example/",
        "https://shop.example/{name}",
        "https://shop.example/{code}/{code}",
        'https://shop.example/"><script>',
        "shop.example",
    ],
)
def test_only_an_https_address_is_taken_for_the_web_shop(as_administrator, typed):
    page = as_administrator.post("/settings/shop/", {"shop-web_address": typed})

    assert page.context["form"].errors["shop-web_address"] == ["Write an address such as https://shop.example/."]
    assert Setting.get("shop.web_address") == ""
