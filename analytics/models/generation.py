from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shop.typed import number_in


class GenerationQuerySet(models.QuerySet["Generation"]):
    def current(self) -> "Generation | None":
        """The figures everybody sees; None before the first run."""
        return self.filter(is_current=True).first()

    def asked_for(self, version: str) -> "Generation | None":
        """The current figures, or the last ones made by a version of the definitions."""
        number = number_in(version, digits=8)
        last = self.last_of_each_definition().filter(definition=number).first() if number is not None else None
        return last or self.current()

    def last_of_each_definition(self) -> "GenerationQuerySet":
        """The newest figures of every version of the definitions, the newest version first."""
        return self.exclude(published_at=None).order_by("-definition", "-pk").distinct("definition")


class Generation(models.Model):
    """One full run: what it read until when, what it learned, and with which values it scores a customer since.

    `definition` counts the versions of the settings that decide what a figure means. `settings`, `timing`,
    `spend`, `borders` and `curves` are the stored values: a customer refreshed later is scored with them.
    """

    as_of = models.DateField()
    started_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    is_current = models.BooleanField(default=False)
    definition = models.PositiveIntegerField(default=1)
    definition_since = models.DateField(default=date.today)
    settings = models.JSONField(default=dict)
    timing = models.JSONField(default=dict)
    spend = models.JSONField(default=dict)
    borders = models.JSONField(default=dict)
    curves = models.JSONField(default=dict)
    totals = models.JSONField(default=dict)
    history_from = models.DateField(null=True)
    customers = models.BigIntegerField(default=0)
    flags_held_back = models.PositiveIntegerField(default=0)  # told to nobody until a person releases them
    flags_released_at = models.DateTimeField(null=True)
    flags_released_by = models.ForeignKey("shop.User", models.SET_NULL, null=True, related_name="+")

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], name="one_generation_is_current", condition=Q(is_current=True)
            ),
            models.CheckConstraint(
                name="generation_is_current_once_published",
                condition=Q(is_current=False) | Q(published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}, as of {self.as_of}"

    def name_definition(self) -> None:
        """The version of the settings goes on while they stay the same, and counts up when they change."""
        before = Generation.objects.filter(published_at__isnull=False).exclude(pk=self.pk).order_by("-pk").first()
        if before is None:
            self.definition, self.definition_since = 1, self.as_of
        elif before.settings == self.settings:
            self.definition, self.definition_since = before.definition, before.definition_since
        else:
            self.definition, self.definition_since = before.definition + 1, self.as_of

    def remember(self, learned: Any, customers: Any, *, adopted: bool) -> None:
        """The stored values, as JSON. Does not save."""
        stored = learned.stored
        self.customers = len(customers)
        self.history_from = date.fromordinal(int(customers.first.min())) if len(customers) else None
        self.settings = stored.definition.as_dict()
        self.timing, self.spend = learned.timing, learned.spend
        self.borders = stored.borders.as_dict()
        self.curves = {**learned.curves, "second_after": stored.second_after, "window_adopted": adopted}

    def take_over(self) -> None:
        """From now on the figures everybody sees. Call it in the transaction that replaces the tables."""
        Generation.objects.filter(is_current=True).exclude(pk=self.pk).update(is_current=False)
        self.is_current, self.published_at = True, timezone.now()
        self.save()

    @property
    def active_days(self) -> int:
        """A: who bought within so many days is active."""
        return int(self.settings["active_days"])

    @property
    def second_lasts(self) -> int:
        """Days from which half of those who come back a second time have until nine of ten have."""
        second = self.curves["second"]
        return max((second["late"] or 0) - (second["half"] or 0), 1)

    @property
    def why_off(self) -> str:
        """Why nothing is foretold with these figures: "person", "base_rate", or "" when something is."""
        return str(self.timing.get("off", ""))

    @property
    def model_in_use(self) -> dict[str, Any] | None:
        return self.timing.get("used")


class PeriodFigure(models.Model):
    """One month of the shop, in both modes of "active". Counts of customers, money of the month."""

    class Mode(models.TextChoices):
        WINDOW = "window"
        MONTHLY = "monthly"

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="periods")
    month = models.DateField()
    mode = models.CharField(max_length=7, choices=Mode)
    last_day = models.DateField()
    complete = models.BooleanField()
    start = models.IntegerField()
    end = models.IntegerField()
    new = models.IntegerField()
    kept = models.IntegerField()
    returned = models.IntegerField()
    first_seen = models.IntegerField()
    tried_and_left = models.IntegerField()
    lapsed = models.IntegerField()
    orders = models.IntegerField()
    buyers = models.IntegerField()
    revenue = models.DecimalField(max_digits=18, decimal_places=3)
    late = models.DecimalField(max_digits=18, decimal_places=3, default=0)  # given back of its orders after its end

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "mode", "month"], name="period_figure_once_per_month_and_mode"
            ),
            models.CheckConstraint(name="period_kept_come_from_the_start", condition=Q(kept__lte=models.F("start"))),
        ]

    @property
    def churned(self) -> int:
        return self.start - self.kept

    @property
    def strict(self) -> float | None:
        """|S ∩ E| ÷ |S|: of those active at the start, the share active at the end."""
        return self.kept / self.start if self.start else None

    @property
    def classic(self) -> float | None:
        """(E − N) ÷ S: counts who came back as if they had stayed, so it can exceed 1."""
        return (self.end - self.new - self.first_seen) / self.start if self.start else None

    @property
    def returned_share(self) -> float | None:
        """W ÷ S: classic minus strict."""
        return self.returned / self.start if self.start else None

    @property
    def reactivation(self) -> float | None:
        return self.returned / self.lapsed if self.lapsed else None


class CohortCell(models.Model):
    """Of the customers who first bought in a month, how many bought in the n-th month after it."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="cohort_cells")
    cohort = models.DateField()
    month = models.PositiveIntegerField()
    members = models.IntegerField()
    bought = models.IntegerField()
    rolling = models.IntegerField()
    cumulative = models.IntegerField()
    complete = models.BooleanField()
    known_before = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "cohort", "month"], name="cohort_cell_once_per_month")
        ]
