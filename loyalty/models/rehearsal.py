from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Rehearsal(models.Model):
    """What a draft would have done to the orders of a year, beside what is in force; or what a discount would have."""

    rule = models.ForeignKey("loyalty.EarningRule", models.CASCADE, null=True, related_name="rehearsals")
    scheme = models.ForeignKey("loyalty.TierScheme", models.CASCADE, null=True, related_name="rehearsals")
    version = models.ForeignKey("loyalty.DiscountVersion", models.CASCADE, null=True, related_name="rehearsals")
    job = models.ForeignKey("shop.Job", models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rehearsal_is_of_one_draft",
                condition=Q(rule=None, scheme=None) | Q(rule=None, version=None) | Q(scheme=None, version=None),
            )
        ]
        indexes = [models.Index(fields=["made_at"], name="rehearsal_by_age")]

    @classmethod
    def sweep(cls, before: datetime) -> int:
        RehearsedCustomer.objects.filter(rehearsal__made_at__lt=before).delete()
        return cls.objects.filter(made_at__lt=before).delete()[0]


class RehearsedCustomer(models.Model):
    """One customer in a rehearsal: before and after, in points, in the rank of the tier, or in money saved (cents)."""

    rehearsal = models.ForeignKey(Rehearsal, models.CASCADE, related_name="customers", db_index=False)
    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="+")
    before = models.BigIntegerField()
    after = models.BigIntegerField()
    difference = models.GeneratedField(
        expression=F("after") - F("before"), output_field=models.BigIntegerField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rehearsal", "customer"], name="rehearsed_once"),
        ]
        indexes = [models.Index(fields=["rehearsal", "difference", "customer"], name="rehearsed_by_difference")]
