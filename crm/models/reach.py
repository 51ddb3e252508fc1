from django.db import models
from django.db.models import Q


class Reach(models.Model):
    """Whether a customer has an e-mail, a phone, an order that stands, one that is paid, a tier. Triggers keep it.

    Who has none is then in an index; otherwise everybody would have to be looked at to find a few.
    """

    customer = models.OneToOneField(
        "crm.Customer", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="reach"
    )
    email = models.BooleanField(default=False)
    phone = models.BooleanField(default=False)
    ordered = models.BooleanField(default=False)
    bought = models.BooleanField(default=False)
    tiered = models.BooleanField(default=False, db_default=False)  # written by triggers of the room that knows tiers

    class Meta:
        indexes = [
            models.Index(fields=["customer"], name=f"reach_no_{name}", condition=Q(**{name: False}))
            for name in ("email", "phone", "ordered", "bought", "tiered")
        ]
