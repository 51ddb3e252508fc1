"""What hangs on a complaint: the pauses of its clock, and what was given."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ComplaintPause(models.Model):
    """A time in which the customer was asked something. `minutes`: of work, once it is over."""

    complaint = models.ForeignKey("crm.Complaint", models.CASCADE, related_name="pauses")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    minutes = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"], name="complaint_waits_once_at_a_time", condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="pause_ends_after_it_began", condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at"))
            ),
        ]


class Given(models.Model):
    """What the customer got for their trouble. Money is a refund; rows of other rooms are a subject.

    `amount`: what it is worth in money.
    """

    complaint = models.ForeignKey("crm.Complaint", models.CASCADE, related_name="given")
    what = models.CharField(max_length=20)  # refund, or another name of config/gifts.py
    refund = models.OneToOneField("crm.Refund", models.PROTECT, null=True, related_name="given_for")
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="given_is_a_refund_or_a_row_of_another_room",
                condition=Q(refund__isnull=False, subject_id=None) | Q(refund=None, subject_id__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], name="given_once", condition=Q(subject_id__isnull=False)
            ),
        ]  # fmt: skip

    @property
    def number(self) -> int:
        """Of the row that was given."""
        return self.refund_id or self.subject_id or 0
