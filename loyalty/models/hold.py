from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from loyalty.models.entry import Lot
from loyalty.points.holding import Ending


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> "HoldQuerySet":
        return self.filter(status=Hold.Status.OPEN)

    def lapsed(self, at: datetime) -> "HoldQuerySet":
        return self.open().filter(expires_at__lte=at)

    def of_order(self, reference: str) -> "Hold | None":
        """The one that is open or was paid."""
        return self.filter(reference=reference, status__in=[Hold.Status.OPEN, Hold.Status.COMMITTED]).first()


class Hold(Ending, models.Model):
    """Points put aside for an order that is being paid. Ends once: committed, voided or expired."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("points put aside", "open")
        COMMITTED = "committed", pgettext_lazy("points put aside", "spent")
        VOIDED = "voided", pgettext_lazy("points put aside", "given back")
        EXPIRED = "expired", pgettext_lazy("points put aside", "lapsed")

    account = models.ForeignKey("loyalty.Account", models.PROTECT, related_name="holds", db_index=False)
    points = models.BigIntegerField()
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    reference = models.CharField(max_length=120)  # of the order that is being paid
    key = models.CharField(max_length=120)
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    extended_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    entry = models.OneToOneField("loyalty.Entry", models.PROTECT, null=True, related_name="hold")

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="hold_once_per_key"),
            models.UniqueConstraint(
                fields=["account", "reference"],
                name="one_hold_per_order",
                condition=Q(status__in=["open", "committed"]),
            ),
            models.CheckConstraint(name="hold_holds_something", condition=Q(points__gt=0)),
            models.CheckConstraint(
                name="hold_is_open_until_it_ends",
                condition=Q(status="open", ended_at__isnull=True) | (~Q(status="open") & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="hold_to_lapse", condition=Q(status="open")),
            models.Index(fields=["account"], name="hold_open_of_account", condition=Q(status="open")),
        ]

    @classmethod
    def of_row(cls, pk: int, **fields: Any) -> "Hold":
        """One that a statement has just written, without reading it again."""
        hold = cls(pk=pk, **fields)
        hold._state.adding, hold._state.db = False, connection.alias
        return hold


class HeldLot(models.Model):
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="held_lots", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="held_by")
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hold", "lot"], name="lot_held_once_per_hold"),
            models.CheckConstraint(name="held_lot_holds_something", condition=Q(points__gt=0)),
        ]
