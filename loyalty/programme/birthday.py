"""Birthdays: the days around one on which orders earn more, and the points that are given for it."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from crm.models import Customer, Order
from loyalty.models import EarningRule, Entry

BATCH = 500
MISSED = 3  # nights that are made up for, however few days before it the points come


def in_year(birthday: date, year: int) -> date:
    """Who was born on 29 February has their day on the 28th in other years."""
    try:
        return birthday.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def is_near(birthday: date | None, day: date, days: int) -> bool:
    """Not more than so many days before or after it, also across the turn of a year."""
    if birthday is None:
        return False
    return any(abs((in_year(birthday, day.year + step) - day).days) <= days for step in (-1, 0, 1))


def give(day: date) -> int:
    """To everybody whose birthday begins to be near: once a year, a night that was missed is made up for."""
    rule = EarningRule.in_force_at()
    if rule is None or not rule.birthday_gift:
        return 0
    given = 0
    for customer, born_on in coming(day, rule.birthday_days):
        given += _give(customer, rule.birthday_gift, born_on.year)
    return given


def coming(day: date, days: int) -> Iterator[tuple[Customer, date]]:
    """(customer, this year's day) of those who have bought before; cards made for the gift alone get none."""
    near = [day + timedelta(days=step) for step in range(-MISSED, days + 1)]
    marks = {at.month * 100 + at.day: at for at in near}
    leap = next(
        (at for at in near if (at.month, at.day) == (2, 28) and in_year(date(2024, 2, 29), at.year) == at), None
    )
    if leap:
        marks[229] = leap
    bought = Order.objects.filter(customer=OuterRef("pk"), net__gt=0)
    born = Customer.objects.present().annotate(mark=F("birthday__month") * 100 + F("birthday__day"))
    for customer in born.filter(Exists(bought), mark__in=marks).order_by("pk").iterator(chunk_size=BATCH):
        assert customer.birthday
        yield customer, marks[customer.birthday.month * 100 + customer.birthday.day]


def _give(customer: Customer, points: int, year: int) -> bool:
    from loyalty.programme.notices import tell_birthday
    from loyalty.programme.settling import bonus

    key = f"birthday:{year}"
    if Entry.objects.filter(account__customer=customer, key=key).exists():
        return False
    with transaction.atomic():
        given = bonus(customer, points, reason="birthday", key=key, at=timezone.now())
        if given:
            tell_birthday(customer, year)
    return given is not None
