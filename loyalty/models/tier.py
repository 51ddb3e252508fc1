from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.order import money
from loyalty.models.dated import Dated


class Tier(models.Model):
    """A level of the programme: its name and what one has of it. Where it begins says the scheme."""

    name = models.CharField(pgettext_lazy("of a discount, a tier, a reward", "Name"), max_length=40)
    benefits = models.CharField(_("What one has of it"), max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="tier_has_its_own_name")]

    def __str__(self) -> str:
        return self.name


class TierScheme(Dated):
    """How one rises, from a day on: what counts, in which window, and from where on each tier begins."""

    class Metric(models.TextChoices):
        SPEND = "spend", _("what they spend, less what they return")
        POINTS = "points", _("the points they earn")
        ORDERS = "orders", _("the orders they keep")

    class Window(models.TextChoices):
        ROLLING = "rolling", _("the last 365 days")
        CALENDAR = "calendar", _("the calendar year")
        JOINING = "joining", _("the year since they joined")

    metric = models.CharField(max_length=6, choices=Metric, default=Metric.SPEND)
    window = models.CharField(max_length=8, choices=Window, default=Window.ROLLING)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tier_scheme_in_force_was_published", condition=Q(since=None) | Q(published_at__isnull=False)
            )
        ]
        indexes = [models.Index(fields=["-since", "-id"], name="tier_scheme_in_force")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class TierStep(models.Model):
    """From where on a tier begins. The steps of a scheme by threshold are its tiers from the lowest on."""

    scheme = models.ForeignKey(TierScheme, models.CASCADE, related_name="steps")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="steps")
    threshold = money(validators=[MinValueValidator(0)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "tier"], name="tier_begins_once_a_scheme"),
            models.UniqueConstraint(fields=["scheme", "threshold"], name="tiers_begin_at_different_thresholds"),
            models.CheckConstraint(name="tier_threshold_is_not_negative", condition=Q(threshold__gte=0)),
        ]
        ordering = ("threshold",)

    @classmethod
    def in_force(cls, at: Any = None) -> "models.QuerySet[TierStep]":
        """The steps of today's scheme with their tiers, in one question."""
        scheme = TierScheme.objects.in_force(at).values("pk")[:1]
        return cls.objects.filter(scheme=Subquery(scheme)).select_related("scheme", "tier").order_by("threshold")


class TierPeriodQuerySet(models.QuerySet["TierPeriod"]):
    def open(self) -> "TierPeriodQuerySet":
        return self.filter(ended_on=None)


class TierPeriod(models.Model):
    """A customer was of a tier from one day to another, and why. The open one is the tier they have."""

    class Why(models.TextChoices):
        REACHED = "reached", _("reached")
        DEMOTED = "demoted", _("the step below is what was left")
        GIVEN = "given", _("given by hand")
        GIVEN_OVER = "given_over", _("what was given by hand is over")
        SCHEME = "scheme", _("the tiers were changed")
        MERGED = "merged", _("two cards became one")

    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="tier_periods")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="periods")
    began_on = models.DateField()
    kept_until = models.DateField()
    ended_on = models.DateField(null=True)
    why = models.CharField(max_length=10, choices=Why, default=Why.REACHED)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)  # of staff who gave it by hand
    actor = models.CharField(max_length=40, blank=True)

    objects = TierPeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer"], name="one_tier_at_a_time", condition=Q(ended_on__isnull=True)),
            models.CheckConstraint(name="tier_is_kept_from_its_beginning", condition=Q(kept_until__gte=F("began_on"))),
            models.CheckConstraint(name="a_tier_given_by_hand_has_a_reason", condition=~Q(why="given") | ~Q(reason="")),
        ]
        indexes = [
            models.Index(fields=["customer", "-began_on", "-id"], name="tier_period_of_customer"),
            models.Index(fields=["kept_until"], name="tier_period_to_end", condition=Q(ended_on__isnull=True)),
            models.Index(fields=["tier", "customer"], name="tier_period_open", condition=Q(ended_on__isnull=True)),
        ]


class Standing(models.Model):
    """Where a customer stands today, published for the list and the card. What was decided is in TierPeriod."""

    customer = models.OneToOneField("crm.Customer", models.PROTECT, primary_key=True, related_name="standing")
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="standings")
    since = models.DateField(null=True)
    kept_until = models.DateField(null=True)
    counted = money(default=0)  # what counts in the window of today
    to_keep = money(null=True)  # still needed until kept_until; 0: nothing
    next_tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    to_next = money(null=True)
    at_risk_on = models.DateField(null=True)  # from this day on the tier is about to be lost
    as_of = models.DateField()

    class Meta:
        indexes = [
            models.Index(F("kept_until").desc(), F("customer").desc(), name="standing_by_kept_until"),
            models.Index(F("counted").desc(), F("customer").desc(), name="standing_by_counted"),
            models.Index(F("to_next").desc(), F("customer").desc(), name="standing_by_to_next"),
            models.Index(fields=["tier", "customer"], name="standing_by_tier"),
            models.Index(fields=["at_risk_on"], name="standing_at_risk", condition=Q(at_risk_on__isnull=False)),
        ]
