from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

CAN_BE_UNDONE = timedelta(days=30)


class DuplicateQuerySet(models.QuerySet["Duplicate"]):
    def open(self) -> "DuplicateQuerySet":
        return self.filter(dismissed_at=None)

    def of(self, *customers: int) -> "DuplicateQuerySet":
        return self.filter(Q(first__in=customers) | Q(second__in=customers))

    def pair(self, one: int, other: int) -> "DuplicateQuerySet":
        return self.filter(first=min(one, other), second=max(one, other))


class Duplicate(models.Model):
    """Two cards that may be one person, and why. "Not the same person" is remembered for good."""

    class Reason(models.TextChoices):
        EMAIL = "email", _("Same e-mail")
        PHONE = "phone", _("Same phone")
        BIRTHDAY = "birthday", _("Like name, same birthday")

    class Likelihood(models.TextChoices):
        VERY = "very", _("Very likely")
        LIKELY = "likely", _("Likely")
        POSSIBLE = "possible", _("Possible")

    first = models.ForeignKey("crm.Customer", models.CASCADE, related_name="+")
    second = models.ForeignKey("crm.Customer", models.CASCADE, related_name="+")
    reasons = ArrayField(models.CharField(max_length=8, choices=Reason))
    strength = models.PositiveSmallIntegerField()  # 1 to 100
    found_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="duplicate_has_the_older_card_first", condition=Q(first__lt=F("second"))),
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_once_per_pair"),
        ]
        indexes = [
            models.Index(
                F("strength").desc(), F("id").desc(), name="duplicate_strongest", condition=Q(dismissed_at__isnull=True)
            )
        ]

    @property
    def likelihood(self) -> "Duplicate.Likelihood":
        if self.strength >= 75:
            return self.Likelihood.VERY
        return self.Likelihood.LIKELY if self.strength >= 55 else self.Likelihood.POSSIBLE

    @classmethod
    def dismiss(cls, one: int, other: int, *, by: Any) -> bool:
        """Not the same person. False: it was said before."""
        pair, _new = cls.objects.get_or_create(
            first_id=min(one, other), second_id=max(one, other), defaults={"reasons": [], "strength": 1}
        )
        return bool(cls.objects.open().filter(pk=pair.pk).update(dismissed_at=timezone.now(), dismissed_by=by))

    @classmethod
    def reconsider(cls, one: int, other: int) -> bool:
        """Takes "not the same person" back. False: it was not said."""
        said = cls.objects.pair(one, other).filter(dismissed_at__isnull=False)
        deleted, _by_model = said.filter(reasons=[]).delete()
        return bool(deleted + said.update(dismissed_at=None, dismissed_by=None))


class MergeQuerySet(models.QuerySet["Merge"]):
    def in_force(self) -> "MergeQuerySet":
        return self.filter(undone_at=None)

    def can_be_undone(self, now: Any = None) -> "MergeQuerySet":
        return self.in_force().filter(at__gt=(now or timezone.now()) - CAN_BE_UNDONE)


class Merge(models.Model):
    """One card went into another. What it was before is kept for 30 days."""

    stays = models.ForeignKey("crm.Customer", models.PROTECT, related_name="merges")
    goes = models.ForeignKey("crm.Customer", models.PROTECT, related_name="merged_as")
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=40, blank=True)
    changes = models.OneToOneField("crm.ChangeSet", models.SET_NULL, null=True, related_name="merge")
    highest = models.JSONField(default=dict)  # {model: the highest id of its table then}: what is above came since
    undone_at = models.DateTimeField(null=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["goes"], name="card_goes_into_one_card", condition=Q(undone_at=None)),
            models.CheckConstraint(name="merge_is_of_two_cards", condition=~Q(stays=F("goes"))),
        ]

    @property
    def until(self) -> Any:
        return self.at + CAN_BE_UNDONE
