"""Addresses nobody writes to any more: they bounce, or their owner called our mail spam."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.consent import CHANNELS, take_turn
from crm.models.event import Event
from crm.models.identifier import Identifier

SOFT_BOUNCES = 3
WITHIN = timedelta(days=30)


class NotToBeLifted(Exception):
    """Whoever called our mail spam is not written to again, whatever staff say."""


class AddressTrouble(models.Model):
    """One sign that an address is no good, as a mail provider told it. The same told twice is one row."""

    class Kind(models.TextChoices):
        HARD = "hard", _("bounced")
        SOFT = "soft", _("did not take a mail")
        COMPLAINT = "complaint", _("called a mail spam")

    customer = models.ForeignKey("crm.Customer", models.SET_NULL, null=True, related_name="address_troubles")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    address = models.CharField(max_length=254)
    kind = models.CharField(max_length=9, choices=Kind)
    cause = models.CharField(max_length=120, null=True, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["address", "-at"], name="trouble_of_address"),
            models.Index(fields=["customer"], name="trouble_of_customer"),
        ]


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def in_force(self) -> "SuppressionQuerySet":
        return self.filter(lifted_at=None)


class Suppression(models.Model):
    """An address to which nothing goes, why, and who lifted it."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("the address does not exist")
        UNREACHABLE = "unreachable", _("three mails in 30 days did not arrive")
        COMPLAINED = "complained", _("a mail was called spam")

    customer = models.ForeignKey("crm.Customer", models.SET_NULL, null=True, related_name="suppressions")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    address = models.CharField(max_length=254)
    reason = models.CharField(max_length=11, choices=Reason)
    since = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    lifted_why = models.CharField(max_length=200, blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address", "channel"],
                name="address_is_suppressed_once",
                condition=Q(lifted_at=None) & ~Q(address=""),
            ),
        ]
        indexes = [
            models.Index(fields=["address"], name="suppression_of_address"),
            models.Index(fields=["customer"], name="suppression_of_customer"),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()

    @property
    def may_be_lifted(self) -> bool:
        return self.reason != self.Reason.COMPLAINED

    @classmethod
    @transaction.atomic
    def note(
        cls,
        address: str,
        kind: str,
        *,
        cause: str = "",
        at: datetime | None = None,
        channel: str = "email",
        customer: Any = None,
    ) -> "Suppression | None":
        """A provider told of a `hard` or `soft` bounce or a `complaint`. Returns what holds now, if anything does.

        `cause`: the provider's number of the event, so that the same one told twice counts once.
        """
        address = Identifier.normalise(channel, address)
        take_turn(channel, address)
        now = min(at or timezone.now(), timezone.now())
        current = cls.objects.in_force().filter(channel=channel, address=address).first()
        if cause and AddressTrouble.objects.filter(cause=cause).exists():
            return current
        known: dict[str, Any] = {"channel": channel, "address": address}
        known["customer"] = customer or holder_of(channel, address)
        AddressTrouble.objects.create(**known, kind=kind, cause=cause or None, at=now)
        reason = cls._reason_for(channel, address, kind, now)
        if reason is None or (current and (current.reason == reason or reason != cls.Reason.COMPLAINED)):
            return current
        current = current or cls(**known)
        current.reason, current.since = reason, now
        current.save()
        current._tell("address.suppressed", reason=reason)
        return current

    @classmethod
    def _reason_for(cls, channel: str, address: str, kind: str, now: datetime) -> str | None:
        if kind == AddressTrouble.Kind.HARD:
            return cls.Reason.BOUNCED
        if kind == AddressTrouble.Kind.COMPLAINT:
            return cls.Reason.COMPLAINED
        since = now - WITHIN
        lifted = cls.objects.filter(channel=channel, address=address, lifted_at__gt=since).order_by("-lifted_at")
        since = lifted.values_list("lifted_at", flat=True).first() or since
        soft = AddressTrouble.objects.filter(
            channel=channel, address=address, kind=AddressTrouble.Kind.SOFT, at__gt=since, at__lte=now
        )
        return cls.Reason.UNREACHABLE if soft.count() >= SOFT_BOUNCES else None

    @transaction.atomic
    def lift(self, *, why: str, by: Any) -> bool:
        """Staff know that the address works again. False: somebody else lifted it first."""
        take_turn(self.channel, self.address)
        row = Suppression.objects.get(pk=self.pk)
        if not row.may_be_lifted:
            raise NotToBeLifted(self.address)
        if row.lifted_at or not why.strip():
            return False
        row.lifted_at, row.lifted_by, row.lifted_why = timezone.now(), by, why.strip()[:200]
        row.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
        row._tell("address.released", actor=by.actor, why=row.lifted_why)
        return True

    def _tell(self, kind: str, *, actor: str = "", **data: Any) -> None:
        """On every card that has the address."""
        for customer in holders_of(self.channel, self.address):
            Event.record(
                kind,
                customer_id=customer,
                subject=self,
                actor=actor,
                channel=self.channel,
                address=self.address,
                **data,
            )


def holders_of(channel: str, address: str) -> list[int]:
    known = Identifier.objects.filter(kind=channel, normalised=address).order_by("customer_id")
    return list(known.values_list("customer_id", flat=True).distinct()[:50])


def holder_of(channel: str, address: str) -> Any:
    known = Identifier.objects.filter(kind=channel, normalised=address).select_related("customer")
    found = known.order_by("customer_id").first()
    return found and found.customer
