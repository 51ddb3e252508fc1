from django.db import models


class ComplaintTally(models.Model):
    """How many complaints a customer ever had: kept by a trigger, so that lists can ask for it by an index."""

    customer = models.OneToOneField("crm.Customer", models.CASCADE, primary_key=True, related_name="complaint_tally")
    complaints = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["complaints", "customer"], name="complaint_tally_by_number"),
            models.Index(fields=["last_at", "customer"], name="complaint_tally_by_day"),
        ]
