from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.order import money
from loyalty.models.dated import Dated

SMALLEST = Decimal("0.001")


def factor() -> models.DecimalField:
    return models.DecimalField(
        max_digits=5, decimal_places=2, default=1, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )


class EarningRule(Dated):
    """What earns points from a day on. An order keeps the rule of the day on which it was placed."""

    points = models.DecimalField(max_digits=9, decimal_places=3, default=1, validators=[MinValueValidator(0)])
    per = money(default=1, validators=[MinValueValidator(SMALLEST)])
    minimum = money(default=0, validators=[MinValueValidator(0)])
    first_order = models.PositiveIntegerField(default=0)
    birthday_factor = factor()
    birthday_gift = models.PositiveIntegerField(default=0)
    birthday_days = models.PositiveSmallIntegerField(default=7, validators=[MaxValueValidator(60)])
    profile = models.PositiveIntegerField(default=0)
    survey = models.PositiveIntegerField(default=0)
    referral_inviter = models.PositiveIntegerField(default=0)
    referral_invited = models.PositiveIntegerField(default=0)
    referral_minimum = money(default=0, validators=[MinValueValidator(0)])
    referral_per_month = models.PositiveSmallIntegerField(default=5)
    return_days = models.PositiveSmallIntegerField(default=14, validators=[MaxValueValidator(365)])
    keep_months = models.PositiveSmallIntegerField(default=24, validators=[MaxValueValidator(120)])  # 0: for ever

    class Meta:
        constraints = [
            models.CheckConstraint(name="earning_rule_divides_by_money", condition=Q(per__gt=0)),
            models.CheckConstraint(
                name="earning_rule_takes_nothing_away",
                condition=Q(points__gte=0, minimum__gte=0, birthday_factor__gte=0, referral_minimum__gte=0),
            ),
            models.CheckConstraint(
                name="earning_rule_in_force_was_published", condition=Q(since=None) | Q(published_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["-since", "-id"], name="earning_rule_in_force")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class CategoryFactor(models.Model):
    """Goods of a category earn so many times as much."""

    rule = models.ForeignKey(EarningRule, models.CASCADE, related_name="categories")
    category = models.CharField(_("Category"), max_length=120)
    factor = factor()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "category"], name="category_has_one_factor_a_rule"),
            models.CheckConstraint(name="category_factor_takes_nothing_away", condition=Q(factor__gte=0)),
        ]


class TierFactor(models.Model):
    """Customers of a tier earn so many times as much."""

    rule = models.ForeignKey(EarningRule, models.CASCADE, related_name="tiers")
    tier = models.ForeignKey("loyalty.Tier", models.PROTECT, related_name="factors")
    factor = factor()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "tier"], name="tier_has_one_factor_a_rule"),
            models.CheckConstraint(name="tier_factor_takes_nothing_away", condition=Q(factor__gte=0)),
        ]


class ImportedOrders(models.Model):
    """Imported orders earn nothing, unless somebody said of their import from which day on they do."""

    import_id = models.BigIntegerField(unique=True)  # crm.Import; its rows go when it is taken back
    since = models.DateTimeField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=40)
