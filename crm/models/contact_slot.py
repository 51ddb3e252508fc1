from datetime import timedelta

from django.db import models
from django.utils import timezone

from crm.models.consent import CHANNELS

KEPT = timedelta(days=400)  # longer than any gap that can be set


class ContactSlot(models.Model):
    """One place in a customer's contact budget, taken by whatever was sent. Taken by crm.contact.budget.claim."""

    customer = models.ForeignKey("crm.Customer", models.CASCADE, related_name="contact_slots")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    address = models.CharField(max_length=254, blank=True)
    purpose = models.CharField(max_length=9)
    cause = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cause"], name="contact_slot_once_per_cause")]
        indexes = [
            models.Index(fields=["customer", "-at"], name="contact_slot_of_customer"),
            models.Index(fields=["address", "-at"], name="contact_slot_of_address"),
            models.Index(fields=["at"], name="contact_slot_by_age"),
        ]

    @classmethod
    def sweep(cls) -> int:
        return cls.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
