from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F

from analytics.models.packed import PackedField


class Figures(models.Model):
    """What the orders of one buyer add up to. A full run may replace the table, so no foreign key may point here.

    Money is net of discounts and refunds; gaps are days between purchase days.
    """

    customer = models.OneToOneField(
        "crm.Customer", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="figures"
    )
    orders = models.IntegerField()
    occasions = models.IntegerField()
    net = models.DecimalField(max_digits=18, decimal_places=3)
    first_on = models.DateField()
    last_on = models.DateField()
    average_order = models.DecimalField(max_digits=18, decimal_places=3)
    last_spend = models.DecimalField(max_digits=18, decimal_places=3)
    gaps = models.IntegerField()
    usual_gap = models.FloatField(null=True)
    gap_low = models.FloatField(null=True)
    gap_high = models.FloatField(null=True)

    class Meta:
        indexes = [
            models.Index(F("net").desc(), F("customer").desc(), name="figures_by_net"),
            models.Index(F("orders").desc(), F("customer").desc(), name="figures_by_orders"),
            models.Index(F("last_on").desc(), F("customer").desc(), name="figures_by_last_order"),
            models.Index(F("average_order").desc(), F("customer").desc(), name="figures_by_average_order"),
            models.Index(fields=["first_on", "customer"], name="figures_by_first_order"),
        ]

    @property
    def usual_gap_days(self) -> int:
        return round(self.usual_gap or 0)


class PurchaseDays(models.Model):
    """One customer's purchase days in order: the finest grain that reports read. Replaced together with Figures.

    Three columns of one length: the local day, the orders on it, their net value in thousandths.
    """

    customer = models.OneToOneField(
        "crm.Customer", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="purchase_days"
    )
    days = ArrayField(models.DateField())
    orders = PackedField(">i4")
    net = PackedField(">i8")
