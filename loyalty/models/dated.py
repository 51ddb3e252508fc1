"""Rows that hold from a day on: the past keeps the row that was in force then."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone


class DatedQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        return self.filter(since__isnull=False, withdrawn_at=None)

    def in_force(self, at: Any = None) -> Self:
        """The rows that had begun by a moment (now), the newest first: the first one is in force."""
        return self.published().filter(since__lte=at or timezone.now()).order_by("-since", "-pk")

    def coming(self) -> Self:
        """Published, and not begun yet."""
        return self.published().filter(since__gt=timezone.now()).order_by("since", "pk")

    def drafts(self) -> Self:
        return self.filter(since=None)


class Dated(models.Model):
    """A draft until it is published for a day; from then on only a withdrawal before that day changes it."""

    since = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def in_force_at(cls, at: datetime | None = None) -> Self | None:
        return cls.objects.in_force(at).first()

    @transaction.atomic
    def publish(self, since: datetime, *, by: Any = None) -> bool:
        """False: it was published before. What began already keeps its row, so the day cannot lie in the past."""
        now = timezone.now()
        if since < now.replace(second=0, microsecond=0):
            raise ValueError("a row cannot begin in the past")
        drafts = type(self).objects.drafts().filter(pk=self.pk)
        if not drafts.update(since=since, published_at=now, published_by=by):
            return False
        self.since, self.published_at, self.published_by = since, now, by
        return True

    def withdraw(self) -> bool:
        """False: it has begun, or was withdrawn before."""
        now = timezone.now()
        coming = type(self).objects.filter(Q(pk=self.pk), since__gt=now, withdrawn_at=None)
        if not coming.update(withdrawn_at=now):
            return False
        self.withdrawn_at = now
        return True

    @property
    def is_draft(self) -> bool:
        return self.since is None

    @property
    def has_begun(self) -> bool:
        return self.since is not None and self.withdrawn_at is None and self.since <= timezone.now()
