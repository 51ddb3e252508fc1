"""What an import keeps of people outside their cards goes after 48 hours: staged rows, rejected rows, the file."""

from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from crm.imports import running
from crm.models import Import
from shop.models import Setting


def sweep() -> int:
    kept = timedelta(hours=Setting.get("privacy.copies_hours") - 1)  # looked for every hour
    old = Import.objects.filter(swept_at=None, created_at__lt=timezone.now() - kept).order_by("pk")
    swept = 0
    for order_import in old[:100]:
        if order_import.job and order_import.job.is_live:
            continue
        try:
            running.discard(order_import)
            order_import.customers.all().delete()
        except DatabaseError:
            continue  # somebody reads its table; in an hour then
        swept += 1
    return swept
