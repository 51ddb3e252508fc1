from django.db import models
from django.utils import timezone


class LedgerCheck(models.Model):
    """One look through the whole ledger: what was read, and what did not fit together (the first of it)."""

    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    accounts = models.BigIntegerField(default=0)
    entries = models.BigIntegerField(default=0)
    differences = models.BigIntegerField(default=0)
    first = models.JSONField(default=list)  # numbers and codes only, no names

    class Meta:
        get_latest_by = "started_at"
