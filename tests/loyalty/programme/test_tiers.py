"""Tiers: up at once, kept until the end of the following window, then one step down."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.duplicates.merging import merge
from crm.models import Event, Message, Order
from loyalty.models import Standing, Tier, TierPeriod
from loyalty.programme import jobs, notices, tiers, windows
from loyalty.programme.rewards import has_tier
from tests import build
from tests.loyalty.programme import making


@pytest.fixture
def today():
    return timezone.localdate()


def tier_of(customer):
    standing = Standing.objects.select_related("tier").filter(customer=customer).first()
    return str(standing.tier) if standing and standing.tier else ""


def history(customer):
    rows = customer.tier_periods.order_by("began_on", "pk").select_related("tier")
    return [(str(row.tier), row.why, row.ended_on is None) for row in rows]


@pytest.mark.parametrize(
    ("kind", "day", "span", "until"),
    [
        ("rolling", date(2026, 3, 1), (date(2025, 3, 2), date(2026, 3, 1)), date(2027, 3, 1)),
        ("calendar", date(2026, 3, 1), (date(2026, 1, 1), date(2026, 12, 31)), date(2027, 12, 31)),
        ("joining", date(2026, 3, 1), (date(2025, 5, 10), date(2026, 5, 9)), date(2027, 5, 9)),
        ("joining", date(2026, 5, 10), (date(2026, 5, 10), date(2027, 5, 9)), date(2028, 5, 9)),
    ],
)
def test_a_tier_is_kept_until_the_end_of_the_window_after_the_one_it_was_earned_in(kind, day, span, until):
    joined = date(2020, 5, 10)

    assert windows.around(kind, day, joined) == span
    assert windows.kept_until(kind, day, joined) == until


def test_who_joined_on_29_february_has_a_year_too():
    joined = date(2024, 2, 29)

    assert windows.around("joining", date(2025, 2, 28), joined) == (date(2025, 2, 28), date(2026, 2, 27))
    assert windows.around("joining", date(2028, 2, 29), joined)[0] == date(2028, 2, 29)


def test_an_order_lifts_at_once_and_says_so(cleo, today):
    making.scheme()
    build.order(cleo, "120.00")

    tiers.look([cleo.pk])

    assert history(cleo) == [("Silver", "reached", True)]
    standing = Standing.objects.get(customer=cleo)
    assert (standing.to_next, standing.kept_until) == (Decimal(180), today + timedelta(days=365))
    assert Event.objects.get(kind="tier.changed").data["tier"] == "Silver"


def test_looking_twice_changes_nothing(cleo):
    making.scheme()
    build.order(cleo, "120.00")

    assert [tiers.look([cleo.pk]), tiers.look([cleo.pk])] == [1, 0]
    assert len(history(cleo)) == 1


def test_a_return_never_demotes_inside_the_period(cleo, today):
    making.scheme()
    order = build.order(cleo, "320.00")
    tiers.look([cleo.pk])

    order.refund(Decimal("320.00"))
    tiers.look([cleo.pk])

    assert tier_of(cleo) == "Gold"
    standing = Standing.objects.get(customer=cleo)
    assert (standing.to_keep, standing.kept_until) == (Decimal(300), today + timedelta(days=365))


def test_after_the_period_it_is_one_step_down_at_a_time(cleo, today):
    making.scheme()
    build.order(cleo, "320.00")
    tiers.look([cleo.pk])

    tiers.look([cleo.pk], today + timedelta(days=366))
    assert tier_of(cleo) == "Silver"
    tiers.look([cleo.pk], today + timedelta(days=400))
    assert tier_of(cleo) == "Silver"
    tiers.look([cleo.pk], today + timedelta(days=366 + 365))

    assert history(cleo) == [("Gold", "reached", False), ("Silver", "demoted", False), ("Bronze", "demoted", True)]


def test_nights_that_were_missed_are_made_up_for(cleo, today):
    making.scheme()
    build.order(cleo, "320.00")
    tiers.look([cleo.pk])

    tiers.look([cleo.pk], today + timedelta(days=900))

    assert [name for name, _why, _open in history(cleo)] == ["Gold", "Silver", "Bronze"]


def test_bought_enough_before_the_end_it_is_kept_for_another_window(cleo, today):
    making.scheme()
    build.order(cleo, "320.00", at=300)
    tiers.look([cleo.pk], today - timedelta(days=300))
    build.order(cleo, "310.00", at=10)

    tiers.look([cleo.pk])

    assert history(cleo) == [("Gold", "reached", True)]
    assert TierPeriod.objects.get().kept_until == today + timedelta(days=355)


def test_a_calendar_year_counts_from_january(cleo, today):
    making.scheme(window="calendar")
    build.order(cleo, "320.00", at=date(today.year - 1, 11, 5))

    tiers.look([cleo.pk], date(today.year - 1, 11, 5))
    assert TierPeriod.objects.get().kept_until == date(today.year, 12, 31)

    tiers.look([cleo.pk], date(today.year + 1, 1, 1))
    assert tier_of(cleo) == "Silver"


def test_orders_and_points_can_count_instead(cleo):
    making.rule(points=10)
    making.scheme({"Guest": 1, "Regular": 3}, metric="orders")
    for _number in range(3):
        build.order(cleo, "1.00")

    tiers.look([cleo.pk])

    assert tier_of(cleo) == "Regular"


def test_given_by_hand_it_needs_a_reason_and_ends(cleo, today, mira):
    making.scheme()
    build.order(cleo, "120.00")
    tiers.look([cleo.pk])
    gold = Tier.objects.get(name="Gold")
    with pytest.raises(ValueError, match="reason"):
        tiers.give(cleo, gold, reason=" ", until=today, actor="")

    tiers.give(cleo, gold, reason="Helped us out", until=today + timedelta(days=30), actor=mira.actor)
    assert (tier_of(cleo), has_tier(cleo, gold.pk)) == ("Gold", True)
    tiers.look([cleo.pk], today + timedelta(days=31))

    assert tier_of(cleo) == "Silver"
    assert [why for _name, why, _open in history(cleo)] == ["reached", "given", "given_over"]


def test_a_tier_that_is_no_longer_there_becomes_what_is_reached(cleo):
    making.scheme()
    build.order(cleo, "320.00")
    tiers.look([cleo.pk])

    making.scheme({"Friend": 0, "Family": 200}, since=timezone.now() - timedelta(seconds=1))
    tiers.look([cleo.pk])

    assert history(cleo) == [("Gold", "reached", False), ("Family", "scheme", True)]


def test_a_notice_is_written_once_a_stage(cleo, today):
    making.scheme()
    cleo.tier_periods.create(
        tier=Tier.objects.get(name="Gold"),
        began_on=today - timedelta(days=340),
        kept_until=today + timedelta(days=25),
        why="reached",
    )
    build.order(cleo, "100.00", at=5)
    tiers.look([cleo.pk])

    assert [notices.send(today), notices.send(today), notices.send(today + timedelta(days=19))] == [1, 0, 1]
    message = Message.objects.order_by("pk").first()
    assert message.template == "tier_ends"
    assert notices.minted(message)["missing"] == "£200.00"
    assert notices.no_longer([message]) == {}


def test_nothing_is_written_to_who_has_earned_it_again(cleo, today):
    making.scheme()
    build.order(cleo, "400.00", at=340)
    tiers.look([cleo.pk], today - timedelta(days=340))
    build.order(cleo, "400.00")
    tiers.look([cleo.pk])

    assert notices.send(today) == 0


def test_a_merged_card_keeps_the_better_tier(cleo, ben, today):
    making.scheme()
    build.order(cleo, "320.00")
    build.order(ben, "120.00")
    tiers.look([cleo.pk, ben.pk])

    merge(ben, cleo, actor="")
    tiers.look([ben.pk])

    assert tier_of(ben) == "Gold"
    assert TierPeriod.objects.open().filter(customer=ben).count() == 1
    assert not Standing.objects.filter(customer=cleo).exists()


def test_many_are_looked_at_with_as_many_questions_as_one(db, django_assert_max_num_queries):
    making.scheme()
    people = [build.customer(f"Person {n}") for n in range(30)]
    for person in people:
        build.order(person, "150.00")

    with django_assert_max_num_queries(21):
        assert tiers.look([person.pk for person in people]) == 30


def test_the_night_looks_at_everybody(ana, ben, db):
    making.scheme()
    jobs.night(jobs.nightly(timezone.localdate()).pk)

    assert Order.objects.values("customer").distinct().count() == 2
    assert ana.tier_periods.count() == ben.tier_periods.count() == 1


def test_what_was_looked_at_before_the_work_was_stopped_stays_and_the_next_goes_on(ana, ben, monkeypatch):
    making.scheme()
    monkeypatch.setattr(jobs, "BATCH", 1)
    job, plain = jobs.look_now(), tiers.look
    monkeypatch.setattr(tiers, "look", lambda *args: (job.cancel(), plain(*args))[1])

    jobs.night(job.pk)

    job.refresh_from_db()
    assert (job.state, TierPeriod.objects.count()) == ("cancelled", 1)
    monkeypatch.undo()
    jobs.night(jobs.look_now().pk)
    assert ana.tier_periods.count() == ben.tier_periods.count() == 1


def test_a_tier_is_given_on_its_page(as_manager, ana):
    scheme = making.scheme()
    sent = {"tier": scheme.steps.get(tier__name="Gold").tier_id, "until": "2999-01-01", "reason": "Helped us"}

    assert as_manager.post(reverse("loyalty:customer_tier", args=[ana.pk]), {**sent, "reason": ""}).status_code == 422
    as_manager.post(reverse("loyalty:customer_tier", args=[ana.pk]), sent)

    card = as_manager.get(ana.get_absolute_url()).content.decode()
    assert "Given by hand until" in card
    assert "Helped us" in card


def test_a_tier_is_not_given_until_a_day_in_no_calendar(as_manager, ana):
    gold = making.scheme().steps.get(tier__name="Gold").tier_id
    told = {"tier": gold, "until": "9999-12-31", "reason": "Helped us"}

    assert as_manager.post(reverse("loyalty:customer_tier", args=[ana.pk]), told).status_code == 422
    assert not ana.tier_periods.filter(why="given").exists()


def test_who_has_no_tier_is_found_in_the_list_whoever_writes_the_tier(ana, ben, as_manager):
    gold, today = Tier.objects.create(name="Gold"), timezone.localdate()

    def without() -> tuple[bool, bool]:
        page = as_manager.get("/customers/?tier=-").content.decode()
        return str(ana) in page, str(ben) in page

    assert without() == (True, True)

    Standing.objects.bulk_create([Standing(customer=ana, tier=gold, as_of=today), Standing(customer=ben, as_of=today)])
    assert without() == (False, True)

    Standing.objects.filter(customer=ben).update(tier=gold)
    assert without() == (False, False)

    Standing.objects.filter(customer=ben).update(tier=None)
    Standing.objects.filter(customer=ana).delete()
    assert without() == (True, True)
