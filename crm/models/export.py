from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from shop.models import Job

LASTS = timedelta(hours=24)


class ExportQuerySet(models.QuerySet["Export"]):
    def over(self) -> "ExportQuerySet":
        """Whose time is over, or was never brought to its end."""
        return self.filter(swept_at=None, created_at__lt=timezone.now() - LASTS)


class Export(models.Model):
    """Customers written into a file: which question was asked or who was picked, and in which columns.

    The file can be fetched for 24 hours by whoever asked for it; after that only the event tells of it.
    """

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    created_at = models.DateTimeField(default=timezone.now)
    address = models.TextField(blank=True)
    picked = models.JSONField(null=True)
    columns = models.JSONField(default=list)
    format = models.CharField(max_length=4, choices=Format, default=Format.CSV)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    count = models.BigIntegerField(null=True)
    file = models.CharField(max_length=80, blank=True)
    finished_at = models.DateTimeField(null=True)
    swept_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="export_kept", condition=models.Q(swept_at__isnull=True))]

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / "exports" / self.file

    @property
    def until(self) -> Any:
        return self.created_at + LASTS

    @property
    def is_there(self) -> bool:
        """Finished, and its time is not over."""
        return bool(self.finished_at and not self.swept_at and timezone.now() < self.until)

    def begin(self, file: str) -> None:
        """Under a name of its own; what an interrupted run left goes."""
        if self.file:
            self.path.unlink(missing_ok=True)
        self.file = file
        self.save(update_fields=["file"])

    def drop(self) -> None:
        """The file goes, and with it what was asked."""
        if self.file:
            self.path.unlink(missing_ok=True)
        self.forget()

    def forget(self) -> None:
        """Nobody can fetch it any more, nor read what was asked."""
        self.address, self.picked, self.swept_at = "", None, timezone.now()
        self.save(update_fields=["address", "picked", "swept_at"])

    def may_hold(self, customers: Iterable[int]) -> bool:
        """A view of this morning answered to others than now; only of those who were picked is it known."""
        return self.picked is None or not set(self.picked).isdisjoint(customers)
