from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from loyalty.points.adjusting import Adjusting
from loyalty.points.erasing import Forfeiting
from loyalty.points.holding import Holding
from loyalty.points.merging import carry_all
from loyalty.points.restoring import Restoring
from loyalty.points.returning import Returning

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Account(Holding, Adjusting, Returning, Restoring, Forfeiting, models.Model):
    """One customer's points. Sums are true as of `as_of`, and change only while its row is locked.

    `held`: put aside, no longer in `available`. `debt`: taken back after it had been spent. `next_change_at`: no lot
    begins or expires before; until then the sums may be believed.
    """

    IN_ALL = F("available") + F("pending") + F("held") - F("debt")

    customer = models.OneToOneField("crm.Customer", models.PROTECT, related_name="account")
    available = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    lifetime_earned = models.BigIntegerField(default=0)
    last_sequence = models.PositiveIntegerField(default=0)
    as_of = models.DateTimeField(default=timezone.now)
    next_change_at = models.DateTimeField(default=NEVER)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_sums_are_not_negative",
                condition=Q(available__gte=0, pending__gte=0, held__gte=0, debt__gte=0, lifetime_earned__gte=0),
            )
        ]
        indexes = [models.Index(fields=["next_change_at"], name="account_to_bring_up")]

    @classmethod
    def of(cls, customer: Any) -> "Account":
        """The account of a card; of a merged card that of the card it went into."""
        while customer.merged_into_id:
            customer = customer.merged_into
        return cls.objects.get_or_create(customer_id=customer.pk)[0]

    @transaction.atomic
    def follow(self, at: datetime) -> None:
        """Bring it up to now; of a card that was merged meanwhile, what is free goes to the other."""
        root = self._root()
        if root.pk == self.pk:
            self._lock(at)
        else:
            carry_all(self, root, reason="merged", at=at)
