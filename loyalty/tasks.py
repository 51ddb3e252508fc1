"""What Celery finds of this room; the work itself stands where its subject is."""

from celery import shared_task

from loyalty.discounts import sweeping
from loyalty.discounts.many import assign_many, take_back_many
from loyalty.points.expiring import bring_up_idle
from loyalty.points.keeping_watch import check_ledger
from loyalty.programme.importing import earn_imported
from loyalty.programme.jobs import night, reward_due
from loyalty.programme.rehearsing import rehearse
from loyalty.till.sweeping import lapse_checkouts

__all__ = [
    "assign_many",
    "bring_up_idle",
    "check_ledger",
    "earn_imported",
    "lapse_checkouts",
    "night",
    "rehearse",
    "reward_due",
    "sweep_discounts",
    "take_back_many",
]


@shared_task(name="loyalty.sweep_discounts")
def sweep_discounts() -> None:
    sweeping.sweep()
