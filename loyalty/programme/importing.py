"""The orders of one import earn points from a day on: in the background, with progress."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from crm.models import Import, Order
from loyalty.models import ImportedOrders
from loyalty.programme import arriving, tiers
from shop.jobs import job
from shop.models import Job

KIND = "loyalty.earn_imported"
STAGE = gettext_noop("Adding points for orders")
BATCH = 200


@transaction.atomic
def earn(brought: Import, since: datetime, *, by: Any = None) -> Job:
    """Said once; the first day that was said stays."""
    actor = by.actor if by else ""
    ImportedOrders.objects.get_or_create(import_id=brought.pk, defaults={"since": since, "made_by": actor})
    params: dict[str, Any] = {"import": brought.pk}
    return Job.request(KIND, lane=f"{KIND}:{brought.pk}", by=by, **params)


@job(KIND)
def earn_imported(job: Job) -> dict[str, Any]:
    """Settling twice posts nothing twice: after a stop it begins anew."""
    said = ImportedOrders.objects.get(import_id=job.params["import"])
    orders = Order.objects.filter(brought_by=said.import_id, placed_at__gte=said.since)
    total, done, last = orders.count(), 0, (0, 0)
    while True:
        job.progress(STAGE, done, total)
        after = orders.filter(customer__gt=last[0]) | orders.filter(customer=last[0], pk__gt=last[1])
        rows = list(after.order_by("customer_id", "pk").values_list("customer_id", "pk")[:BATCH])
        if not rows:
            return {"orders": done}
        with transaction.atomic():
            arriving.settle_all(pk for _customer, pk in rows)
            tiers.look(customer for customer, _pk in rows)
        last, done = rows[-1], done + len(rows)
