from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from crm.models.order import money
from loyalty.till.ending import Ending
from shop.asking import KEYS
from shop.prepared import planned

LIVES = timedelta(minutes=30)


class CheckoutQuerySet(models.QuerySet["Checkout"]):
    def open(self) -> "CheckoutQuerySet":
        return self.filter(state=Checkout.State.HELD)

    def lapsed(self, at: datetime) -> "CheckoutQuerySet":
        return self.open().filter(expires_at__lte=at)

    def of_order(self, source: str, reference: str) -> "CheckoutQuerySet":
        """The one that is open or was paid."""
        state = [Checkout.State.HELD, Checkout.State.PAID]
        return self.filter(source=source, reference=reference, state__in=state)


class Checkout(Ending, models.Model):
    """A basket while it is paid. It owns the points put aside and the discounts taken, so that they end together.

    `basket`: its lines as they were priced. `contact`: how a guest is known, until it ends. `digest`: what was asked.
    """

    class State(models.TextChoices):
        HELD = "held", pgettext_lazy("a basket", "put aside")
        PAID = "paid", pgettext_lazy("a basket", "paid")
        VOIDED = "voided", pgettext_lazy("a basket", "let go")
        EXPIRED = "expired", pgettext_lazy("a basket", "lapsed")

    source = models.CharField(max_length=32)
    reference = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State, default=State.HELD)
    customer = models.ForeignKey("crm.Customer", models.PROTECT, null=True, related_name="checkouts", db_index=False)
    contact = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    basket = models.JSONField()
    points = models.BigIntegerField(default=0)
    point_value = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    earns = models.BigIntegerField(default=0)
    full = money()
    discount = money(default=0)
    by_points = money(default=0)
    hold = models.OneToOneField("loyalty.Hold", models.PROTECT, null=True, related_name="checkout")
    order = models.ForeignKey("crm.Order", models.PROTECT, null=True, related_name="checkouts", db_index=False)
    actor = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    extended_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = CheckoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "reference"], name="one_checkout_per_order", condition=Q(state__in=["held", "paid"])
            ),
            models.CheckConstraint(
                name="checkout_amounts_fit",
                condition=Q(points__gte=0, full__gte=0, discount__gte=0, by_points__gte=0)
                & Q(full__gte=models.F("discount") + models.F("by_points")),
            ),
            models.CheckConstraint(
                name="checkout_is_open_until_it_ends",
                condition=Q(state="held", ended_at=None) | (~Q(state="held") & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="checkout_to_lapse", condition=Q(state="held")),
            models.Index(fields=["customer", "-id"], name="checkout_of_customer", condition=Q(customer__isnull=False)),
            models.Index(fields=["order"], name="checkout_of_order", condition=Q(order__isnull=False)),
            models.Index(fields=["-opened_at", "-id"], name="checkout_newest"),
        ]

    def __str__(self) -> str:
        return self.reference

    @classmethod
    def locked(cls, pk: int) -> "Checkout | None":
        """With its customer and what holds its points, until the end of the transaction."""
        return next(iter(_locked(pk)), None) if pk in KEYS else None

    @property
    def key(self) -> str:
        """Under which its points and discounts are taken."""
        return f"till:{self.pk}"

    @property
    def total(self) -> Any:
        return self.full - self.discount

    @property
    def to_pay(self) -> Any:
        return self.total - self.by_points

    @property
    def redemptions(self) -> Any:
        from loyalty.models.redemption import Redemption

        return Redemption.objects.of(self.key)


@planned
def _locked(pk: Any) -> models.QuerySet[Checkout]:
    return Checkout.objects.filter(pk=pk).select_related("customer", "hold__account").select_for_update(of=("self",))
