from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.utils import timezone

from crm.models.event import Event
from shop.models import Setting


class PauseQuerySet(models.QuerySet["Pause"]):
    def at(self, moment: Any) -> "PauseQuerySet":
        """Those that hold then."""
        return self.filter(ended_at=None, until__gt=moment)


class Pause(models.Model):
    """A customer wants to hear nothing but service mail until a day. The longest of several holds."""

    DAYS = (30, 90)

    customer = models.ForeignKey("crm.Customer", models.CASCADE, related_name="pauses")
    until = models.DateTimeField()
    chosen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = PauseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["customer", "-until"], name="pause_of_customer")]

    @property
    def last_day(self) -> date:
        return timezone.localdate(self.until - timedelta(seconds=1), timezone=shop_zone())

    @classmethod
    @transaction.atomic
    def choose(cls, customer: Any, days: int, *, actor: str = "") -> bool:
        """Begin a pause that lasts so many whole days. False: it is chosen already."""
        type(customer).objects.select_for_update().get(pk=customer.pk)
        until = end_of_day(timezone.localdate(timezone=shop_zone()) + timedelta(days=days))
        now = timezone.now()
        open_ones = cls.objects.at(now).filter(customer=customer)
        if open_ones.filter(until=until).exists() and not open_ones.exclude(until=until).exists():
            return False
        open_ones.update(ended_at=now)
        pause = cls.objects.create(customer=customer, until=until)
        Event.record("pause.chosen", customer=customer, subject=pause, actor=actor, until=pause.last_day.isoformat())
        return True

    @classmethod
    @transaction.atomic
    def end(cls, customer: Any, *, actor: str = "") -> bool:
        """False: there was none."""
        type(customer).objects.select_for_update().get(pk=customer.pk)
        ended = cls.objects.at(timezone.now()).filter(customer=customer).update(ended_at=timezone.now())
        if ended:
            Event.record("pause.ended", customer=customer, actor=actor)
        return bool(ended)


def shop_zone() -> ZoneInfo:
    return ZoneInfo(Setting.get("shop.time_zone"))


def end_of_day(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=shop_zone())
