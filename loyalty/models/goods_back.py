from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.models.order import money
from loyalty.discounts.rounding import of_units
from loyalty.models.redemption import SHIPPING, TooManyUnits
from shop.currency import currency_in_force


class SoldLine(models.Model):
    """What was paid for one line of an order, and how much of that has gone back. Made when the first of it returns.

    `paid` is money; `by_points` is what points paid; `charged`: a discount on what was kept, taken back later.
    Position 0 is the shipping.
    """

    order = models.ForeignKey("crm.Order", models.PROTECT, related_name="sold_lines", db_index=False)
    position = models.PositiveIntegerField()
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    paid = money()
    by_points = money(default=0)
    charged = money(default=0)
    returned = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    refunded = money(default=0)
    points_worth_back = money(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="sold_line_has_its_position"),
            models.CheckConstraint(
                name="no_more_of_a_line_comes_back_than_was_sold",
                condition=Q(returned__gte=0, returned__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="no_more_of_a_line_is_refunded_than_was_paid",
                condition=Q(refunded__gte=0, refunded__lte=F("paid") + F("charged"))
                & Q(points_worth_back__gte=0, points_worth_back__lte=F("by_points")),
            ),
        ]

    @property
    def left(self) -> Decimal:
        return self.quantity - self.returned

    @property
    def kept(self) -> Decimal:
        return self.paid + self.charged - self.refunded

    @property
    def _charged_left(self) -> Decimal:
        so_far = of_units(self.paid, self.quantity, Decimal(0), self.returned, currency_in_force())
        return self.charged - (self.refunded - so_far)

    def come_back(self, units: Decimal) -> tuple[Decimal, Decimal]:
        """(money, worth of points) that go back for the next units. Raises TooManyUnits."""
        if not 0 < units <= self.left:
            raise TooManyUnits(self.position, self.left)
        currency = currency_in_force()
        back = of_units(self.paid, self.quantity, self.returned, units, currency)
        back += of_units(self._charged_left, self.left, Decimal(0), units, currency)
        points_worth = of_units(self.by_points, self.quantity, self.returned, units, currency)
        self.returned += units
        self.refunded += back
        self.points_worth_back += points_worth
        self.save(update_fields=["returned", "refunded", "points_worth_back"])
        return back, points_worth


class GoodsBack(models.Model):
    """One return of goods. What it said then: the same one told again is answered with this. Only added."""

    order = models.ForeignKey("crm.Order", models.PROTECT, related_name="goods_back", db_index=False)
    key = models.CharField(max_length=120)
    refund = models.OneToOneField("crm.Refund", models.PROTECT, null=True, related_name="+")
    money = money(default=0)
    points_restored = models.BigIntegerField(default=0)
    points_taken = models.BigIntegerField(default=0)
    told = models.JSONField()
    actor = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="goods_come_back_once_per_key")]


__all__ = ["SHIPPING", "GoodsBack", "SoldLine", "TooManyUnits"]
