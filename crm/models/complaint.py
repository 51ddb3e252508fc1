"""A customer's problem with an owner, two deadlines and an outcome; crm/complaints/steps.py has its verbs."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.complaints.stages import UNTOLD, ComplaintQuerySet, Stage
from crm.complaints.steps import Steps


def _running(answer: Any, solution: Any) -> Case:
    """What holds for the deadline that runs now: to answer, then to solve; none while the customer is asked."""
    return Case(
        When(Q(told_at__isnull=False) | Q(waiting_since__isnull=False), then=Value(None)),
        When(stage=Stage.RECEIVED, then=answer),
        default=solution,
        output_field=models.DateTimeField(),
    )


def _unsaid(which: str) -> Case:
    """When the watch must look next: first to warn, then to write down that it is late."""
    return Case(
        When(**{f"{which}_warned_at__isnull": True}, then=F(f"{which}_warn_at")),
        When(**{f"{which}_late_at__isnull": True}, then=F(f"{which}_due_at")),
        default=Value(None),
        output_field=models.DateTimeField(),
    )


class Complaint(Steps, models.Model):
    """The time to solve it runs until the customer has been told, not until somebody thinks it is solved."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        DELIVERY = "delivery", _("Delivery")
        SERVICE = "service", _("Service")
        MONEY = "money", _("Price and payment")
        PROGRAMME = "programme", _("Points and discounts")
        OTHER = "other", _("Something else")

    class Severity(models.IntegerChoices):
        URGENT = 1, _("Urgent")
        NORMAL = 2, _("Normal")
        SMALL = 3, _("Small")

    class Channel(models.TextChoices):
        CALL = "call", _("Phone")
        EMAIL = "email", _("E-mail")
        CHAT = "chat", _("Chat")
        VISIT = "visit", _("In person")
        POST = "post", _("Letter")
        WEB = "web", _("Website")
        OTHER = "other", _("Another way")

    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="complaints")
    order = models.ForeignKey(
        "crm.Order", models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name=_("Order")
    )
    title = models.CharField(_("What is wrong, in a few words"), max_length=160)
    details = models.TextField(_("What the customer says"), max_length=10_000, blank=True)
    kind = models.CharField(pgettext_lazy("complaint", "About"), max_length=9, choices=Kind, default=Kind.GOODS)
    severity = models.PositiveSmallIntegerField(_("How bad"), choices=Severity, default=Severity.NORMAL)
    channel = models.CharField(_("Came by"), max_length=5, choices=Channel, default=Channel.CALL)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("Owner"),
    )
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.RECEIVED)
    opened_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    # The clock of the solution begins again when a complaint is reopened.
    clock_began_at = models.DateTimeField(default=timezone.now)
    reopened = models.PositiveSmallIntegerField(default=0)

    answer_due_at = models.DateTimeField()
    answer_warn_at = models.DateTimeField()
    answer_warned_at = models.DateTimeField(null=True)
    answer_late_at = models.DateTimeField(null=True)
    solution_due_at = models.DateTimeField()
    solution_warn_at = models.DateTimeField()
    solution_warned_at = models.DateTimeField(null=True)
    solution_late_at = models.DateTimeField(null=True)
    next_due_at = models.GeneratedField(
        expression=_running(F("answer_due_at"), F("solution_due_at")),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    next_warn_at = models.GeneratedField(
        expression=_running(F("answer_warn_at"), F("solution_warn_at")),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    look_at = models.GeneratedField(
        expression=_running(_unsaid("answer"), _unsaid("solution")),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    # Minutes of work: to the first answer; until the customer was told, without the pauses, over all rounds.
    answer_minutes = models.PositiveIntegerField(null=True)
    solution_minutes = models.PositiveIntegerField(null=True)

    cause = models.CharField(_("Root cause"), max_length=80, blank=True)
    outcome = models.TextField(_("What was done"), max_length=4000, blank=True)
    agreed = models.BooleanField(_("Does the customer agree?"), null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="complaint_severity_is_known", condition=Q(severity__in=[1, 2, 3])),
            models.CheckConstraint(
                name="complaint_says_when_it_was_closed",
                condition=Q(stage=Stage.CLOSED, closed_at__isnull=False)
                | (~Q(stage=Stage.CLOSED) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="complaint_says_when_the_customer_was_told",
                condition=Q(stage__in=[Stage.TOLD, Stage.CLOSED], told_at__isnull=False)
                | Q(stage__in=UNTOLD, told_at__isnull=True),
            ),
            models.CheckConstraint(
                name="complaint_is_answered_once_it_is_no_longer_received",
                condition=Q(stage=Stage.RECEIVED, acknowledged_at__isnull=True)
                | (~Q(stage=Stage.RECEIVED) & Q(acknowledged_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="complaint_waits_only_before_the_customer_is_told",
                condition=Q(waiting_since__isnull=True) | Q(stage__in=UNTOLD),
            ),
        ]
        indexes = [
            models.Index(
                F("next_due_at").asc(nulls_last=True), "id", name="complaint_open_by_due", condition=Q(closed_at=None)
            ),
            models.Index(
                F("owner"), F("next_due_at").asc(nulls_last=True), "id",
                name="complaint_open_by_owner", condition=Q(closed_at=None),
            ),
            models.Index(fields=["customer"], name="complaint_open_of_customer", condition=Q(closed_at=None)),
            models.Index(fields=["customer", "-opened_at"], name="complaint_newest_of_customer"),
            models.Index(fields=["look_at"], name="complaint_to_look_at", condition=Q(look_at__isnull=False)),
            models.Index(fields=["told_at"], name="complaint_told", condition=Q(stage=Stage.TOLD)),
            models.Index(fields=["opened_at", "id"], name="complaint_by_day"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("crm:complaint", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_waiting(self) -> bool:
        return self.waiting_since is not None

    @property
    def is_late(self) -> bool:
        return self.next_due_at is not None and self.next_due_at < timezone.now()

    @property
    def is_pressing(self) -> bool:
        return self.next_warn_at is not None and self.next_warn_at <= timezone.now()

    @property
    def awaits_answer(self) -> bool:
        """The deadline that runs is the one of the first answer."""
        return self.stage == Stage.RECEIVED
