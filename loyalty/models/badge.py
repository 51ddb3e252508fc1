from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.order import money


class Badge(models.Model):
    """A sign of something a customer did."""

    name = models.CharField(pgettext_lazy("of a discount, a tier, a reward", "Name"), max_length=40)
    text = models.CharField(_("In a sentence"), max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="badge_has_its_own_name")]

    def __str__(self) -> str:
        return self.name


class BadgeAward(models.Model):
    """A customer has a badge."""

    badge = models.ForeignKey(Badge, models.PROTECT, related_name="awards")
    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="badges")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "badge"], name="badge_once_a_customer")]


class Challenge(models.Model):
    """So many orders, or so much spent, in a time: then points, a badge, or both."""

    class Metric(models.TextChoices):
        ORDERS = "orders", _("orders")
        SPEND = "spend", _("money spent")

    class Period(models.TextChoices):
        MONTH = "month", _("in a month")
        QUARTER = "quarter", _("in a quarter")
        YEAR = "year", _("in a year")
        DATES = "dates", _("between two days")

    name = models.CharField(pgettext_lazy("of a discount, a tier, a reward", "Name"), max_length=80)
    metric = models.CharField(_("What counts"), max_length=6, choices=Metric, default=Metric.ORDERS)
    target = money(verbose_name=_("How many, or how much"), validators=[MinValueValidator(Decimal("0.001"))])
    period = models.CharField(
        pgettext_lazy("the period of a challenge", "When"), max_length=7, choices=Period, default=Period.QUARTER
    )
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Last day"), null=True, blank=True)
    points = models.PositiveIntegerField(_("Points"), default=100)
    badge = models.ForeignKey(Badge, models.PROTECT, null=True, blank=True, verbose_name=_("Badge"))
    made_at = models.DateTimeField(default=timezone.now)
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="challenge_has_a_target", condition=Q(target__gt=0)),
            models.CheckConstraint(
                name="challenge_gives_something", condition=Q(points__gt=0) | Q(badge__isnull=False)
            ),
            models.CheckConstraint(
                name="challenge_ends_after_it_begins", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="challenge_between_two_days_has_both", condition=~Q(period="dates") | Q(ends_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Progress(models.Model):
    """How far a customer is with a challenge in one of its periods."""

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="progress")
    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="progress")
    began_on = models.DateField()
    ends_on = models.DateField()
    counted = money(default=0)
    reached_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # when nothing of it can go back any more
    rewarded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "challenge", "began_on"], name="progress_once_a_period"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="progress_due", condition=Q(rewarded_at=None, reached_at__isnull=False)
            ),
            models.Index(fields=["challenge", "began_on", "-counted"], name="progress_of_challenge"),
        ]

    @property
    def towards(self) -> Decimal:
        """What counts towards the challenge: no more than it asks for."""
        return min(self.counted, self.challenge.target)
