from django.db import models
from django.db.models import F, Q

from analytics.models.scores import RfmGroup


class RfmPeriodQuerySet(models.QuerySet["RfmPeriod"]):
    def open(self) -> "RfmPeriodQuerySet":
        return self.filter(ended_on=None)


class RfmPeriod(models.Model):
    """A customer was in a group of RFM from one full run to another. The open one is what the last run gave."""

    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="rfm_periods")
    group = models.CharField(max_length=16, choices=RfmGroup)
    left_behind = models.CharField(max_length=16, choices=RfmGroup, blank=True)  # the group before; none: the first
    began_on = models.DateField()
    ended_on = models.DateField(null=True)

    objects = RfmPeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], name="one_rfm_group_at_a_time", condition=Q(ended_on__isnull=True)
            ),
            models.CheckConstraint(name="rfm_period_ends_after_it_began", condition=Q(ended_on__gt=F("began_on"))),
            models.CheckConstraint(name="rfm_period_is_a_move", condition=~Q(group=F("left_behind"))),
        ]
        indexes = [
            models.Index(fields=["customer", "-began_on"], name="rfm_period_of_customer"),
            models.Index(
                fields=["left_behind", "group", "began_on", "customer"],
                name="rfm_period_last_move",
                condition=Q(ended_on__isnull=True) & ~Q(left_behind=""),
            ),
        ]
