from datetime import datetime
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import connection, models
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Entry(models.Model):
    """One movement of points. The database lets nobody change or delete it: a mistake is put right by another."""

    class Kind(models.TextChoices):
        EARN = "earn", _("Earned")
        BONUS = "bonus", _("Bonus")
        OPENING = "opening", _("Opening balance")
        ADJUST = "adjust", _("Adjusted")
        REDEEM = "redeem", _("Spent")
        RESTORE = "restore", _("Given back")
        EXPIRE = "expire", _("Expired")
        REVERSE = "reverse", pgettext_lazy("points", "Taken back")
        WRITE_OFF = "write_off", _("Debt written off")
        MERGE_OUT = "merge_out", _("To another card")
        MERGE_IN = "merge_in", _("From another card")

    UP = (Kind.EARN, Kind.BONUS, Kind.OPENING, Kind.RESTORE, Kind.WRITE_OFF)
    DOWN = (Kind.REDEEM, Kind.EXPIRE, Kind.REVERSE)

    account = models.ForeignKey("loyalty.Account", models.PROTECT, related_name="entries", db_index=False)
    sequence = models.PositiveIntegerField()  # 1, 2, 3 … of its account: a missing one would be seen
    kind = models.CharField(max_length=9, choices=Kind)
    points = models.BigIntegerField()
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    order = models.ForeignKey("crm.Order", models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=40, blank=True)  # a code, worded in loyalty/points/wording.py
    note = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=40, blank=True)
    # What the caller names the doing by: the same again is the same entry. Further entries of one doing have none.
    key = models.CharField(max_length=120, null=True)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversed_by", db_index=False)
    snapshot = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "sequence"], name="entry_has_its_own_number"),
            models.UniqueConstraint(
                fields=["account", "key"], name="entry_once_per_key", condition=Q(key__isnull=False)
            ),
            models.CheckConstraint(
                name="entry_moves_points_its_way",
                condition=Q(kind__in=("earn", "bonus", "opening", "restore", "write_off"), points__gt=0)
                | Q(kind__in=("redeem", "expire", "reverse"), points__lt=0)
                | (Q(kind__in=("adjust", "merge_in", "merge_out")) & ~Q(points=0)),
            ),
        ]
        indexes = [
            models.Index(fields=["order", "kind"], name="entry_of_order", condition=Q(order__isnull=False)),
            models.Index(fields=["reverses"], name="entry_that_reverses", condition=Q(reverses__isnull=False)),
            BrinIndex(fields=["recorded_at"], name="entry_by_time", pages_per_range=32),
        ]

    @classmethod
    def of_row(cls, pk: int, **fields: Any) -> "Entry":
        """One that a statement has just written, without reading it again."""
        entry = cls(pk=pk, **fields)
        entry._state.adding, entry._state.db = False, connection.alias
        return entry


class LotQuerySet(models.QuerySet["Lot"]):
    def free(self) -> "LotQuerySet":
        """With points that are neither gone nor held."""
        return self.filter(remaining__gt=F("held"))

    def available(self, at: datetime) -> "LotQuerySet":
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), available_at__lte=at)

    def in_spending_order(self) -> "LotQuerySet":
        """What ends first goes first; what never ends, last."""
        return self.order_by("expires_at", "available_at", "pk")  # the database puts null last

    def free_points(self) -> int:
        return self.aggregate(n=Sum(F("remaining") - F("held")))["n"] or 0


class Lot(models.Model):
    """What is left of the points that one entry brought, with their dates. `remaining` includes what is held."""

    account = models.ForeignKey("loyalty.Account", models.PROTECT, related_name="lots", db_index=False)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="lot")
    order = models.ForeignKey("crm.Order", models.PROTECT, null=True, related_name="+", db_index=False)
    granted = models.BigIntegerField()
    remaining = models.BigIntegerField()
    held = models.BigIntegerField(default=0)
    available_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)  # null: never

    objects = LotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lot_keeps_what_is_left",
                condition=Q(held__gte=0, remaining__gte=F("held"), granted__gte=F("remaining"), granted__gt=0),
            ),
        ]
        indexes = [
            # The order in which points are spent. Only what is free stands in it, so that emptied lots cost nothing.
            models.Index(
                fields=["account", "expires_at", "available_at", "id"],
                name="lot_in_spending_order",
                condition=Q(remaining__gt=F("held")),
            ),
            models.Index(fields=["account", "available_at"], name="lot_by_begin", condition=Q(remaining__gt=F("held"))),
            models.Index(fields=["order"], name="lot_of_order", condition=Q(order__isnull=False)),
        ]


class Allocation(models.Model):
    """From which lot an entry took its points; with fewer than none, it put back what another one took."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="allocations")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="allocations")
    points = models.BigIntegerField()
    restores = models.ForeignKey("self", models.PROTECT, null=True, related_name="restored_by", db_index=False)
    reopens_until = models.DateTimeField(null=True)  # the lot had expired meanwhile and lives again until then

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="allocation_takes_or_restores",
                condition=Q(restores__isnull=True, points__gt=0, reopens_until__isnull=True)
                | Q(restores__isnull=False, points__lt=0),
            ),
        ]
        indexes = [
            models.Index(fields=["restores"], name="allocation_restored", condition=Q(restores__isnull=False)),
        ]
