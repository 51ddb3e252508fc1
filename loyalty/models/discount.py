from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.order import money
from loyalty.discounts.basket import Goods
from loyalty.models.budget import Budget


class DiscountQuerySet(models.QuerySet["Discount"]):
    def present(self) -> "DiscountQuerySet":
        return self.filter(archived_at=None)

    def can_be_assigned(self) -> "DiscountQuerySet":
        return self.present().filter(paused_at=None).order_by("name", "pk")


class Discount(models.Model):
    """An offer's definition. What it gives stands in its versions; grants keep the version they were given."""

    name = models.CharField(pgettext_lazy("of a discount, a tier, a reward", "Name"), max_length=120)
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, blank=True, related_name="discounts")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    paused_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    objects = DiscountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="discount_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("loyalty:discount", args=[self.pk])

    @property
    def version(self) -> "DiscountVersion":
        """The newest: what whoever is given it now gets."""
        return self.versions.latest("number")

    @property
    def newest(self) -> "DiscountVersion":
        """The same, of versions that were fetched beside many discounts."""
        return max(self.versions.all(), key=lambda version: version.number)

    @classmethod
    @transaction.atomic
    def make(cls, name: str, *, by: Any = None, budget: Budget | None = None, **terms: Any) -> "Discount":
        discount = cls.objects.create(name=name, created_by=by, budget=budget)
        DiscountVersion.objects.create(discount=discount, number=1, created_by=by, **terms)
        return discount

    @transaction.atomic
    def change(self, *, by: Any = None, **terms: Any) -> "DiscountVersion":
        """What was given stays as it was promised: a version somebody has is kept and a new one begins."""
        Discount.objects.select_for_update().get(pk=self.pk)
        newest = self.version
        number = newest.number + 1
        if not newest.grants.exists():
            number = newest.number
            newest.delete()
        return DiscountVersion.objects.create(discount=self, number=number, created_by=by, **terms)

    def pause(self) -> bool:
        """At once and for everybody who has it. False: it was."""
        now = timezone.now()
        self.paused_at = self.paused_at or now
        return bool(Discount.objects.filter(pk=self.pk, paused_at=None).update(paused_at=now))

    def resume(self) -> bool:
        self.paused_at = None
        return bool(Discount.objects.filter(pk=self.pk, paused_at__isnull=False).update(paused_at=None))

    def rename(self, name: str, budget: Budget | None) -> None:
        self.name, self.budget = name, budget
        self.save(update_fields=["name", "budget"])

    def bring_back(self) -> None:
        self.archived_at = None
        self.save(update_fields=["archived_at"])

    def archive(self) -> None:
        """Not given any more; whoever has it keeps it."""
        self.archived_at = timezone.now()
        self.save(update_fields=["archived_at"])


def names() -> ArrayField:
    return ArrayField(models.CharField(max_length=120), default=list, blank=True)


class DiscountVersion(models.Model):
    """What a discount gives, from which products, under what conditions. Never changed: the database refuses."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Percent off")
        AMOUNT = "amount", _("Amount off")
        FREE_ITEM = "free_item", _("One item free")
        FREE_SHIPPING = "free_shipping", _("Free shipping")
        FIXED_PRICE = "fixed_price", _("Fixed price")

    class Lane(models.TextChoices):
        ITEM = "item", pgettext_lazy("what a discount works on", "Items")
        ORDER = "order", pgettext_lazy("what a discount works on", "The order")
        SHIPPING = "shipping", pgettext_lazy("what a discount works on", "Shipping")

    class OnReturn(models.TextChoices):
        SHARE = "share", _("The customer gets back what was paid for what comes back")
        MINIMUM = "minimum", _("What is kept must still reach the minimum, or the discount on it is taken back")

    discount = models.ForeignKey(Discount, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(_("Kind"), max_length=13, choices=Kind)
    lane = models.CharField(_("Works on"), max_length=8, choices=Lane)
    percent = models.DecimalField(_("Percent"), max_digits=6, decimal_places=3, default=0)
    amount = money(default=0)
    skus, categories, not_skus, not_categories = names(), names(), names(), names()
    minimum = money(default=0)
    maximum = money(null=True, blank=True)
    exclusive = models.BooleanField(_("Not together with other discounts"), default=False)
    on_return = models.CharField(max_length=7, choices=OnReturn, default=OnReturn.SHARE)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["discount", "number"], name="discount_version_has_its_number"),
            models.CheckConstraint(
                name="discount_kind_fits_its_lane",
                condition=Q(kind__in=["percent", "amount"])
                | Q(kind__in=["free_item", "fixed_price"], lane="item")
                | Q(kind="free_shipping", lane="shipping"),
            ),
            models.CheckConstraint(
                name="discount_gives_something",
                condition=Q(kind="percent", percent__gt=0, percent__lte=100)
                | Q(kind="amount", amount__gt=0)
                | Q(kind="fixed_price", amount__gte=0)
                | Q(kind__in=["free_item", "free_shipping"]),
            ),
            models.CheckConstraint(
                name="discount_conditions_are_not_negative",
                condition=Q(minimum__gte=0) & (Q(maximum=None) | Q(maximum__gt=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.discount} ({self.number})"

    @property
    def goods(self) -> Goods:
        return Goods(*map(frozenset, (self.skus, self.categories, self.not_skus, self.not_categories)))
