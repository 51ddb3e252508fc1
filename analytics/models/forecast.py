from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ForecastQuerySet(models.QuerySet["Forecast"]):
    def graded(self) -> "ForecastQuerySet":
        return self.filter(graded_at__isnull=False)

    def of_months(self) -> "ForecastQuerySet":
        return self.filter(kind=Forecast.Kind.MONTH)

    def over(self, today: date) -> "ForecastQuerySet":
        """Whose time has passed, so that what came can be told."""
        return self.of_months().filter(graded_at=None, over_on__lt=today)

    def telling(self) -> "Forecast | None":
        """The one by which the score is judged: the last that came out; one made in earnest before one looking back."""
        return self.graded().order_by("-over_on", "-kind").first()


class Forecast(models.Model):
    """What was foretold of everybody on one day, and how it came out.

    A month's is made once a month and graded when its days are over. One looking back is made at any time from what
    was known `horizon` days before, so that a new shop sees at once how good its forecasts are.
    """

    class Kind(models.TextChoices):
        BACK = "back"
        MONTH = "month"

    kind = models.CharField(max_length=5, choices=Kind)
    made_on = models.DateField()
    horizon = models.PositiveSmallIntegerField()
    over_on = models.DateField()
    customers = models.BigIntegerField(default=0)
    every = models.PositiveIntegerField(default=1)  # of a large shop a look back takes each n-th customer
    model = models.JSONField(default=dict)
    graded_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "made_on"], name="forecast_once_a_day_and_kind"),
            models.CheckConstraint(
                name="forecast_is_over_after_it_was_made", condition=Q(over_on__gt=models.F("made_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.made_on}"

    @classmethod
    def begin(cls, kind: str, made_on: date, horizon: int, **more: Any) -> "Forecast":
        return cls.objects.create(
            kind=kind, made_on=made_on, horizon=horizon, over_on=made_on + timedelta(days=horizon), **more
        )

    def grade(self, result: dict[str, Any]) -> None:
        self.result, self.graded_at = result, timezone.now()
        self.customers = result["customers"]
        self.save(update_fields=["result", "graded_at", "customers"])

    @property
    def looks_back(self) -> bool:
        return self.kind == self.Kind.BACK

    @property
    def beats_the_base_rate(self) -> bool:
        """Nearer to what came than telling everybody the share that stayed away."""
        gain = self.result.get("gain")
        return gain is None or gain[0] > 0


class Foretold(models.Model):
    """What a forecast said of one customer. Rows are never changed: a trigger sees to it."""

    class Reason(models.IntegerChoices):
        """Why somebody was on the lists that day; a row holds the sum."""

        OVERDUE = 1
        AT_RISK = 2
        LIKELY_LOST = 4
        SMALLER = 8
        LOW_SCORE = 16
        COMPLAINT = 32

    LISTED = Reason.OVERDUE | Reason.AT_RISK | Reason.LIKELY_LOST

    forecast = models.ForeignKey(Forecast, models.CASCADE, related_name="rows", db_index=False)
    customer = models.ForeignKey(
        "crm.Customer", models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    p_silent = models.FloatField()
    silent_days = models.IntegerField()
    reasons = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "forecast"], name="foretold_once_per_forecast")]
        indexes = [models.Index(fields=["forecast", "p_silent"], name="foretold_by_chance")]
