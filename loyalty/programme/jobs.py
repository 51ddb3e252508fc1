"""What the night and the relay bring: tiers that end, notices, birthdays, rewards whose return window is over."""

from datetime import date
from typing import Any

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_noop

from crm.models import Customer, Order
from loyalty.models import EarningRule, Progress, Referral, TierScheme
from loyalty.points import reminding
from loyalty.programme import birthday, challenges, notices, referrals, rehearsing, tiers
from shop.jobs import job
from shop.models import Job

NIGHT = "loyalty.programme_night"
REWARD = "loyalty.reward_due"
TIERS = gettext_noop("Looking at the tiers")
BIRTHDAYS = gettext_noop("Giving points for birthdays")
NOTICES = gettext_noop("Writing to those whose tier ends")
BATCH = 1000


@job(NIGHT)
def night(job: Job) -> dict[str, Any]:
    day = date.fromisoformat(job.params["day"]) if "day" in job.params else timezone.localdate()
    result = {"tiers": look_at_all(job, day)}
    job.progress(BIRTHDAYS)
    result["birthdays"] = birthday.give(day)
    job.progress(NOTICES)
    result["notices"] = notices.send(day)
    result["reminders"] = reminding.send()
    rehearsing.sweep()
    return result


def look_at_all(job: Job, day: date) -> int:
    """Everybody who has bought or has a tier, in batches; each is a transaction of its own."""
    if TierScheme.in_force_at() is None:
        return 0
    known = Customer.objects.present().filter(Exists(Order.objects.filter(customer=OuterRef("pk"))))
    total, last, done, changed = known.count(), 0, 0, 0
    while True:
        job.progress(TIERS, done, total)
        ids = list(known.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return changed
        changed += tiers.look(ids, day)
        last, done = ids[-1], done + len(ids)


def nightly(day: date) -> Job:
    return Job.request(NIGHT, period=day.isoformat(), day=day.isoformat())


def look_now(by: Any = None) -> Job:
    """Other tiers are in force: everybody is looked at, without waiting for the night."""
    return Job.request(NIGHT, by=by)


def due() -> list[tuple[str, list[Any]]]:
    """What the relay finds to do."""
    now = timezone.now()
    waits = Referral.objects.due(now).exists() or _met(now)
    return [(REWARD, [])] if waits and EarningRule.in_force_at(now) else []


def _met(now: Any) -> bool:
    return Progress.objects.filter(due_at__lte=now, rewarded_at=None, reached_at__isnull=False).exists()


@shared_task(name=REWARD)
def reward_due() -> None:
    """At least once: every gift has a key of its own."""
    referrals.reward_due()
    challenges.reward_due()
