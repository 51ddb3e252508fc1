from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.order import money


class RewardRefused(Exception):
    """`why`: put_away, not_begun, over, tier or gone. `tier`: the one that is needed."""

    def __init__(self, why: str, tier: str = "") -> None:
        super().__init__(why)
        self.why, self.tier = why, tier


class RewardQuerySet(models.QuerySet["Reward"]):
    def present(self) -> "RewardQuerySet":
        return self.filter(put_away_at=None)

    def to_be_had(self, day: Any) -> "RewardQuerySet":
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        not_over = Q(ends_on=None) | Q(ends_on__gte=day)
        return self.present().filter(begun, not_over).exclude(stock=0)


class Reward(models.Model):
    """What points can be exchanged for."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("a discount in percent")
        AMOUNT = "amount", _("an amount off")
        PRODUCT = "product", _("a free product")

    name = models.CharField(pgettext_lazy("of a discount, a tier, a reward", "Name"), max_length=80)
    text = models.CharField(_("In a sentence"), max_length=300, blank=True)
    kind = models.CharField(_("What it is"), max_length=7, choices=Kind, default=Kind.PERCENT)
    cost = models.PositiveIntegerField(_("Points"), validators=[MinValueValidator(1)])
    percent = models.DecimalField(
        _("Percent off"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        default=10,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    amount = money(verbose_name=_("Amount off"), null=True, blank=True, validators=[MinValueValidator(0)])
    product = models.CharField(_("Product"), max_length=120, blank=True)
    sku = models.CharField(_("Article number"), max_length=64, blank=True)
    minimum = money(verbose_name=_("From a purchase of"), default=0, validators=[MinValueValidator(0)])
    valid_days = models.PositiveSmallIntegerField(
        _("To be used within days"), default=90, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    stock = models.PositiveIntegerField(_("How many are left"), null=True, blank=True)
    tier = models.ForeignKey(
        "loyalty.Tier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rewards",
        verbose_name=_("From this tier on"),
    )
    starts_on = models.DateField(_("From"), null=True, blank=True)
    ends_on = models.DateField(_("Last day"), null=True, blank=True)
    discount = models.ForeignKey("loyalty.Discount", models.PROTECT, null=True, blank=True, related_name="rewards")
    made_at = models.DateTimeField(default=timezone.now)
    put_away_at = models.DateTimeField(null=True)

    objects = RewardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="reward_costs_points", condition=Q(cost__gt=0)),
            models.CheckConstraint(
                name="reward_says_what_it_is",
                condition=Q(kind="percent", percent__gt=0)
                | Q(kind="amount", amount__gt=0)
                | (Q(kind="product") & ~Q(product="")),
            ),
            models.CheckConstraint(
                name="reward_ends_after_it_begins",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def redeem(self, customer: Any, *, actor: str, key: str) -> "Exchange":
        """Spend points on it, once per key. Raises RewardRefused or NotEnoughPoints."""
        from loyalty.programme.rewards import redeem

        return redeem(self, customer, actor=actor, key=key)


class Exchange(models.Model):
    """Points of a customer were exchanged for a reward."""

    reward = models.ForeignKey(Reward, models.PROTECT, related_name="exchanges")
    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="exchanges")
    points = models.PositiveIntegerField()
    key = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=40, blank=True)
    grant = models.ForeignKey("loyalty.Grant", models.PROTECT, null=True, related_name="exchanges")
    given_at = models.DateTimeField(null=True)  # a free product: handed over

    class Meta:
        constraints = [models.CheckConstraint(name="exchange_takes_points", condition=Q(points__gt=0))]
        indexes = [
            models.Index(fields=["customer", "-at", "-id"], name="exchange_newest_of_customer"),
            models.Index(fields=["reward", "-at", "-id"], name="exchange_newest_of_reward"),
        ]
