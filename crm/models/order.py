from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.event import Event
from crm.models.placing import write


def money(**options: Any) -> models.DecimalField:
    return models.DecimalField(max_digits=18, decimal_places=3, **options)


def while_it_counts(worth: Any) -> models.GeneratedField:
    """Nothing until it is paid, and nothing once it was called off."""
    return models.GeneratedField(
        expression=Case(
            When(cancelled_at__isnull=False, then=Value(Decimal(0))),
            When(paid_at__isnull=True, then=Value(Decimal(0))),
            default=worth,
        ),
        output_field=money(),
        db_persist=True,
    )


class OrderQuerySet(models.QuerySet["Order"]):
    def called(self, named: int | str) -> "OrderQuerySet":
        """By our number, or by source:reference."""
        if isinstance(named, int):
            return self.filter(pk=named)
        source, _colon, reference = named.partition(":")
        return self.filter(source=source, reference=reference)


class RefundTooLarge(Exception):
    def __init__(self, asked: Decimal, left: Decimal) -> None:
        super().__init__(f"{left} is left to refund, not {asked}")
        self.asked, self.left = asked, left


class Order(models.Model):
    """A purchase. What it is worth now (`net`, `net_goods`) follows from its total, refunds and cancellation."""

    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="orders", db_index=False)
    source = models.CharField(max_length=32)
    reference = models.CharField(max_length=64)
    # The identifier that led to the customer, for an unmerge to go by. No foreign key: identifiers change and go.
    came_by = models.BigIntegerField(null=True, editable=False)
    brought_by = models.BigIntegerField(null=True, editable=False)  # the import that made it, for its undo
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=32, blank=True)
    branch = models.CharField(max_length=64, blank=True)
    staff = models.CharField(max_length=64, blank=True)
    goods = money(default=0)
    discount = money(default=0)
    shipping = money(default=0)
    tax = money(default=0)
    total = money()
    refunded = money(default=0)
    net = while_it_counts(F("total") - F("refunded"))
    # Without tax and shipping; what was refunded took its share of each. Which of the two counts: crm/revenue.py.
    net_goods = while_it_counts(
        Coalesce(
            (F("total") - F("refunded"))
            * Greatest(F("total") - F("tax") - F("shipping"), Value(Decimal(0)))
            / NullIf(F("total"), Value(Decimal(0))),
            Value(Decimal(0)),
        )
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "reference"], name="order_reference_once_per_source"),
            models.CheckConstraint(
                name="order_refunded_within_total", condition=Q(refunded__gte=0, refunded__lte=F("total"))
            ),
            models.CheckConstraint(
                name="order_amounts_are_not_negative",
                condition=Q(goods__gte=0, discount__gte=0, shipping__gte=0, tax__gte=0, total__gte=0),
            ),
        ]
        indexes = [
            # The covering index of every figure: analytics reads it in one ordered, index-only pass.
            models.Index(
                fields=["customer", "placed_at"],
                include=["net", "net_goods"],
                name="order_purchases",
                condition=Q(cancelled_at__isnull=True, paid_at__isnull=False),
            ),
            # Given back whole, or free: who has no other order has no figures.
            models.Index(
                fields=["customer"],
                name="order_worth_nothing",
                condition=Q(cancelled_at__isnull=True, paid_at__isnull=False, net_goods__lte=0),
            ),
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_newest_of_customer"),
            models.Index(fields=["reference"], name="order_reference", opclasses=["varchar_pattern_ops"]),
            # An import writes its rows side by side, so that the smallest of indexes finds them.
            BrinIndex(fields=["brought_by"], name="order_brought_by", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def kept(self) -> Decimal:
        return self.total - self.refunded

    @transaction.atomic
    def place(self, *, lines: Sequence["OrderLine"] = (), actor: str = "") -> None:
        """Save a new order and tell everybody who reacts to it."""
        write(self, lines, actor, unless_there=False)

    def place_unless_there(self, *, lines: Sequence["OrderLine"], actor: str) -> bool:
        """The same, inside the caller's transaction. False: there is one of this source and reference."""
        return write(self, lines, actor, unless_there=True)

    @transaction.atomic
    def pay(self, at: Any = None, *, actor: str = "") -> bool:
        """For an order placed before it was paid. False: it was paid before."""
        at = at or timezone.now()
        if not Order.objects.filter(pk=self.pk, paid_at=None).update(paid_at=at):
            return False
        self.paid_at = at
        Event.record(
            "order.paid",
            customer_id=self.customer_id,
            order=self,
            at=at,
            actor=actor,
            reference=self.reference,
            total=str(self.total),
        )
        return True

    @transaction.atomic
    def refund(self, amount: Decimal, *, reference: str = "", at: Any = None, actor: str = "") -> "Refund":
        order = Order.objects.select_for_update().get(pk=self.pk)
        if amount > order.kept:
            raise RefundTooLarge(asked=amount, left=order.kept)

        order.refunded += amount
        order.save(update_fields=["refunded"])
        self.refunded = order.refunded
        at = at or timezone.now()
        refund = Refund.objects.create(
            order=order, customer_id=order.customer_id, source=order.source, reference=reference, at=at, amount=amount
        )
        Event.record(
            "order.refunded",
            customer_id=order.customer_id,
            order=order,
            at=at,
            actor=actor,
            reference=order.reference,
            amount=str(amount),
        )
        return refund

    @transaction.atomic
    def cancel(self, *, actor: str = "") -> bool:
        """False: it was cancelled before."""
        now = timezone.now()
        if not Order.objects.filter(pk=self.pk, cancelled_at=None).update(cancelled_at=now):
            return False
        self.cancelled_at = now
        Event.record(
            "order.cancelled", customer_id=self.customer_id, order=self, at=now, actor=actor, reference=self.reference
        )
        return True


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=120, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    unit_price = money(default=0)
    discount = money(default=0)
    paid = money(default=0)
    cost = money(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_line_has_its_own_position")]


class Refund(models.Model):
    """Money given back. Without an order it counts on its own date only."""

    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="refunds")
    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="refunds", db_index=False)
    source = models.CharField(max_length=32)
    reference = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    amount = money()
    note = models.CharField(_("Note"), max_length=200, blank=True)
    brought_by = models.BigIntegerField(null=True, editable=False)  # the import that made it, for its undo

    class Meta:
        constraints = [
            models.CheckConstraint(name="refund_gives_money_back", condition=Q(amount__gte=0)),
            models.UniqueConstraint(
                fields=["source", "reference"], name="refund_reference_once_per_source", condition=~Q(reference="")
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-at", "-id"], name="refund_newest_of_customer"),
            BrinIndex(fields=["brought_by"], name="refund_brought_by", pages_per_range=32),
        ]
