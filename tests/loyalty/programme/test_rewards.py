"""Points become rewards; birthdays, challenges, invitations and complete cards bring points."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.duplicates.merging import merge
from crm.models import Event, Import, Order
from loyalty.models import (
    Account,
    Badge,
    BadgeAward,
    Challenge,
    Exchange,
    Grant,
    Progress,
    Referral,
    Reward,
    RewardRefused,
)
from loyalty.points.errors import NotEnoughPoints
from loyalty.programme import birthday, challenges, importing, jobs, profiles, referrals, tiers
from loyalty.programme.rewards import offer
from shop.models import Job
from tests import build
from tests.loyalty.programme import making


@pytest.fixture
def rich(cleo):
    """1,000 points."""
    Account.of(cleo).earn(1000, reason="order", key="start")
    return cleo


def reward(**fields):
    return offer(Reward(**{"name": "Five off", "cost": 300, "kind": "amount", "amount": Decimal(5), **fields}))


def test_points_become_a_discount_of_ones_own(rich):
    exchange = reward().redeem(rich, actor="", key="a")

    grant = Grant.objects.get()
    assert (making.spendable(rich), exchange.grant, grant.customer, grant.source) == (700, grant, rich, "reward")
    assert Event.objects.filter(kind="reward.exchanged").count() == 1


def test_the_same_key_is_the_same_exchange(rich):
    five = reward()

    assert five.redeem(rich, actor="", key="a") == five.redeem(rich, actor="", key="a")
    assert making.spendable(rich) == 700


def test_what_is_left_is_counted_down_and_nothing_is_spent_when_it_is_gone(rich, ana):
    tin = reward(kind="product", product="Cake tin", stock=1)
    tin.redeem(rich, actor="", key="a")
    tin.refresh_from_db()

    with pytest.raises(RewardRefused, match="gone"):
        tin.redeem(rich, actor="", key="b")
    assert (making.spendable(rich), Exchange.objects.count()) == (700, 1)


def test_too_few_points_change_nothing(rich):
    dear = reward(cost=5000, stock=3)

    with pytest.raises(NotEnoughPoints):
        dear.redeem(rich, actor="", key="a")
    dear.refresh_from_db()
    assert (dear.stock, Exchange.objects.count()) == (3, 0)


def test_a_reward_of_a_tier_is_for_that_tier_and_those_above(rich):
    making.scheme()
    build.order(rich, "120.00")
    tiers.look([rich.pk])
    steps = {step.tier.name: step.tier for step in making.TierStep.objects.all()}

    with pytest.raises(RewardRefused) as refused:
        reward(tier=steps["Gold"]).redeem(rich, actor="", key="a")
    assert refused.value.tier == "Gold"
    reward(tier=steps["Bronze"]).redeem(rich, actor="", key="b")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"starts_on": date(2999, 1, 1)}, "not_begun"),
        ({"ends_on": date(2001, 1, 1)}, "over"),
        ({"put_away_at": timezone.now()}, "put_away"),
    ],
)
def test_outside_its_time_it_is_refused(rich, fields, why):
    with pytest.raises(RewardRefused, match=why):
        reward(**fields).redeem(rich, actor="", key="a")


def test_who_has_a_reward_keeps_what_was_promised(rich):
    five = reward()
    five.redeem(rich, actor="", key="a")
    five.amount = Decimal(2)
    offer(five)

    assert Grant.objects.get().version.amount == 5
    assert five.discount.version.amount == 2


def test_from_the_card_points_are_exchanged_with_the_key_of_the_page(as_support, rich):
    five = reward()
    for _twice in range(2):
        as_support.post(reverse("loyalty:customer_rewards", args=[rich.pk]), {"reward": five.pk, "key": "one"})

    assert making.spendable(rich) == 700


def test_a_reward_is_made_and_changed_on_its_page(as_manager, db):
    sent = {"name": "Ten off", "cost": 500, "kind": "percent", "percent": 10, "minimum": 0, "valid_days": 30}
    assert as_manager.post(reverse("loyalty:reward_new"), sent).status_code == 302
    made = Reward.objects.get()

    assert as_manager.post(reverse("loyalty:reward", args=[made.pk]), {**sent, "percent": ""}).status_code == 422
    as_manager.post(reverse("loyalty:reward_put_away", args=[made.pk]))
    assert not Reward.objects.to_be_had(timezone.localdate()).exists()


# ---- Birthdays -----------------------------------------------------------------------------------


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


def test_a_card_without_a_purchase_gets_nothing_for_a_birthday(cleo):
    making.rule(birthday_gift=100)
    type(cleo).objects.filter(pk=cleo.pk).update(birthday=timezone.localdate().replace(year=1980))

    assert birthday.give(timezone.localdate()) == 0


# ---- Cards ---------------------------------------------------------------------------------------


def test_a_complete_card_brings_points_once(ana, ben):
    making.rule(profile=20)
    type(ana).objects.filter(pk=ana.pk).update(birthday=date(1980, 1, 1))

    profiles.reward([ana.pk, ben.pk])
    profiles.reward([ana.pk, ben.pk])

    assert (making.entries(ana), making.entries(ben)) == ([20], [])


# ---- Challenges ----------------------------------------------------------------------------------


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


# ---- Invitations ---------------------------------------------------------------------------------


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


def test_the_relay_is_told_only_when_something_is_due(terms, ana, cleo):
    assert jobs.due() == []
    referral = referrals.join(ana, cleo)
    ordered(referral)
    Referral.objects.update(due_at=timezone.now() - timedelta(minutes=1))

    assert jobs.due() == [("loyalty.reward_due", [])]
    jobs.reward_due()
    assert jobs.due() == []


def test_the_night_looks_at_everybody(ana, ben, db):
    making.scheme()
    jobs.night(jobs.nightly(timezone.localdate()).pk)

    assert Order.objects.values("customer").distinct().count() == 2
    assert ana.tier_periods.count() == ben.tier_periods.count() == 1


# ---- Imports -------------------------------------------------------------------------------------


@pytest.fixture
def brought(ana):
    made = Import.objects.create(file_name="orders.csv", path="x", applied_at=timezone.now())
    Order.objects.filter(customer=ana).update(brought_by=made.pk)
    return made


def test_imported_orders_earn_from_the_day_that_is_said(as_manager, brought, ana):
    making.rule()
    assert "orders.csv" in as_manager.get(reverse("loyalty:imported")).content.decode()

    day = timezone.localdate() - timedelta(days=70)
    as_manager.post(reverse("loyalty:imported"), {"import": brought.pk, "day": day})
    importing.earn_imported(Job.objects.get(kind=importing.KIND).pk)
    importing.earn(brought, timezone.now(), by=None)
    importing.earn_imported(Job.objects.filter(kind=importing.KIND).latest("pk").pk)

    assert making.entries(ana) == [40, 40]


def test_the_pages_of_an_invitation_say_who_brought_whom(as_support, joined, ana, cleo):
    assert "Cleo Marczak" in as_support.get(reverse("loyalty:customer_referral", args=[ana.pk])).content.decode()
    assert "Ana Lindqvist" in as_support.get(reverse("loyalty:customer_referral", args=[cleo.pk])).content.decode()

    as_support.post(reverse("loyalty:customer_referral_code", args=[ana.pk]))

    assert referrals.owner_of(ana.referral_code.code) == ana


def test_a_tier_is_given_on_its_page(as_manager, ana):
    scheme = making.scheme()
    sent = {"tier": scheme.steps.get(tier__name="Gold").tier_id, "until": "2999-01-01", "reason": "Helped us"}

    assert as_manager.post(reverse("loyalty:customer_tier", args=[ana.pk]), {**sent, "reason": ""}).status_code == 422
    as_manager.post(reverse("loyalty:customer_tier", args=[ana.pk]), sent)

    card = as_manager.get(ana.get_absolute_url()).content.decode()
    assert "Given by hand until" in card
    assert "Helped us" in card
