"""What the programme does after events (config/reactions.py names these). Each is safe to run twice."""

from collections.abc import Iterable

from crm.models import Event, Order
from loyalty.models import EarningRule
from loyalty.points.days import local_day
from loyalty.programme import arriving, challenges, notices, profiles, referrals, tiers

PROMOTER = 9


def settle_points(events: list[Event]) -> None:
    """Points first: a tier may be made of them."""
    orders = _orders(events)
    arriving.settle_all(order.pk for order in orders)
    tiers.look(order.customer_id for order in orders)


def follow_referrals(events: list[Event]) -> None:
    referrals.follow(event.order_id for event in events if event.order_id)


def count_challenges(events: list[Event]) -> None:
    orders = _orders(events)
    challenges.count([order.customer_id for order in orders], [local_day(order.placed_at) for order in orders])


def reward_profile(events: list[Event]) -> None:
    profiles.reward(event.customer_id for event in events if event.customer_id)


def reward_answers(events: list[Event]) -> None:
    """For response.recorded, whose subject is the answer: for that it came, never for its score."""
    for event in events:
        if event.customer and event.subject_id:
            profiles.reward_answer(event.customer, event.subject_id)


def give_promoters_a_code(events: list[Event]) -> None:
    """Who would recommend the shop gets something to do it with, where inviting somebody brings points."""
    rule = EarningRule.in_force_at()
    if rule is None or not rule.referral_inviter:
        return
    for event in events:
        if event.customer and event.data["kind"] == "nps" and (event.data["score"] or 0) >= PROMOTER:
            referrals.code_of(event.customer)


def look_at_tiers(events: list[Event]) -> None:
    """Cards became one, or were taken apart."""
    tiers.look(event.customer_id for event in events if event.customer_id)


def tell_tier(events: list[Event]) -> None:
    notices.tell_reached(events)


def _orders(events: Iterable[Event]) -> list[Order]:
    return list(Order.objects.filter(pk__in={event.order_id for event in events if event.order_id}))
