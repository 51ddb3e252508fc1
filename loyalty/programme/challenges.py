"""Challenges: so many orders, or so much spent, in a time; rewarded once nothing of it can go back any more."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from crm.models import Customer, Event
from loyalty.models import BadgeAward, Challenge, EarningRule, Progress
from loyalty.programme.counting import counted
from loyalty.programme.settling import bonus

Span = tuple[date, date]


def span_of(challenge: Challenge, day: date) -> Span | None:
    """The days of the challenge's period that a day lies in."""
    if day < challenge.starts_on or (challenge.ends_on and day > challenge.ends_on):
        return None
    if challenge.period == Challenge.Period.DATES:
        assert challenge.ends_on
        return challenge.starts_on, challenge.ends_on
    length = {Challenge.Period.MONTH: 1, Challenge.Period.QUARTER: 3}.get(Challenge.Period(challenge.period), 12)
    month = (day.month - 1) // length * length + 1
    first = date(day.year, month, 1)
    year, after = divmod(month - 1 + length, 12)
    last = date(day.year + year, after + 1, 1) - timedelta(days=1)
    return max(first, challenge.starts_on), min(last, challenge.ends_on or last)


def running(day: date) -> list[tuple[Challenge, Span]]:
    return [(one, span) for one in present() if (span := span_of(one, day))]


def present() -> list[Challenge]:
    return list(Challenge.objects.filter(put_away_at=None).select_related("badge").order_by("pk"))


@transaction.atomic
def count(customers: Iterable[int], days: Iterable[date]) -> None:
    """How far these are with the challenges that run on these days; when something was returned, it is less again."""
    known = present()
    asked = {(one.pk, span): (one, span) for day in set(days) for one in known if (span := span_of(one, day))}
    if not asked:
        return
    ids = list(
        Customer.objects.present()
        .filter(pk__in=set(customers))
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
        .values_list("pk", flat=True)
    )
    rule = EarningRule.in_force_at()
    for challenge, span in asked.values():
        values = counted(challenge.metric, dict.fromkeys(ids, span))
        _write(challenge, span, values, timedelta(days=rule.return_days if rule else 0))


def _write(challenge: Challenge, span: Span, values: dict[int, Decimal], wait: timedelta) -> None:
    """The customers are held, so nobody else writes these rows meanwhile. What was rewarded stays."""
    known = {
        row.customer_id: row
        for row in Progress.objects.filter(challenge=challenge, began_on=span[0], customer__in=values)
    }
    now, rows = timezone.now(), []
    for customer, value in values.items():
        row = known.get(customer) or Progress(
            challenge=challenge, customer_id=customer, began_on=span[0], ends_on=span[1]
        )
        value = max(value, Decimal(0))
        if not row.rewarded_at and (row.pk or value) and (not row.pk or _differs(row, value, challenge.target)):
            _bring_to(row, value, challenge.target, now, wait)
            rows.append(row)
    Progress.objects.bulk_create([row for row in rows if not row.pk], batch_size=2000)
    fields = ["counted", "reached_at", "due_at"]
    Progress.objects.bulk_update([row for row in rows if row.pk and row.customer_id in known], fields, batch_size=1000)


def _differs(row: Progress, value: Decimal, target: Decimal) -> bool:
    return row.counted != value or bool(row.reached_at) != (value >= target)


def _bring_to(row: Progress, value: Decimal, target: Decimal, now: datetime, wait: timedelta) -> None:
    row.counted = value
    if value < target:
        row.reached_at = row.due_at = None
    elif not row.reached_at:
        row.reached_at, row.due_at = now, now + wait


def reward_due(now: datetime | None = None) -> int:
    """Those that were met, and of which nothing can go back any more."""
    now, rewarded = now or timezone.now(), 0
    due = Progress.objects.filter(due_at__lte=now, rewarded_at=None, reached_at__isnull=False)
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            found = due.filter(pk=pk).select_related("customer").first()
            rewarded += bool(found and _reward(found.customer.held(), pk, now))
    return rewarded


def _reward(customer: Customer, pk: int, now: datetime) -> bool:
    mine = Progress.objects.filter(pk=pk, rewarded_at=None, reached_at__isnull=False)
    if not mine.update(rewarded_at=now):
        return False
    challenge = Progress.objects.select_related("challenge__badge").get(pk=pk).challenge
    bonus(customer, challenge.points, reason="challenge", key=f"challenge:{pk}", at=now)
    if challenge.badge:
        BadgeAward.objects.get_or_create(customer=customer, badge=challenge.badge, defaults={"at": now})
    Event.record(
        "challenge.met",
        customer=customer,
        subject=challenge,
        at=now,
        challenge=challenge.name,
        points=challenge.points,
        badge=str(challenge.badge or ""),
    )
    return True
