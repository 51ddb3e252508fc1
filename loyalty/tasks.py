from celery import shared_task

from loyalty.discounts import sweeping
from loyalty.discounts.many import assign_many, take_back_many

__all__ = ["assign_many", "sweep_discounts", "take_back_many"]


@shared_task(name="loyalty.sweep_discounts")
def sweep_discounts() -> None:
    sweeping.sweep()
