from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.order import money
from loyalty.models.discount import DiscountVersion
from shop.models import Job

APPROVAL_LASTS = timedelta(hours=72)


class Source(models.TextChoices):
    STAFF = "staff", _("given by staff")
    SEGMENT = "segment", _("given to a segment")
    CAMPAIGN = "campaign", _("a campaign")
    REWARD = "reward", _("bought with points")
    BIRTHDAY = "birthday", _("birthday")
    WIN_BACK = "win_back", _("to win somebody back")
    APOLOGY = "apology", _("an apology")
    REFERRAL = "referral", _("for bringing somebody")
    RETURN = "return", _("came back with a cancelled order")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def waiting(self, at: Any = None) -> "AssignmentQuerySet":
        """For somebody's approval, and it can still be given."""
        return self.filter(state=Assignment.State.PENDING, lapses_at__gt=at or timezone.now())

    def counted(self) -> "AssignmentQuerySet":
        """What weighs on a limit: given, or asked for and not refused."""
        state = Assignment.State
        over = self.exclude(state__in=[state.REFUSED, state.LAPSED, state.UNDONE, state.STOPPED])
        return over.exclude(state=state.RUNNING, given=0, job__state__in=[Job.State.CANCELLED, Job.State.FAILED])


class Assignment(models.Model):
    """One act of giving a discount: to one customer, to a segment, or to everybody by a code.

    Above the limits of whoever asks it waits for another person; until then there is nothing a customer could see.
    """

    class Whom(models.TextChoices):
        ONE = "one", _("one customer")
        MANY = "many", _("a segment")
        PUBLIC = "public", _("everybody with the code")

    class State(models.TextChoices):
        PENDING = "pending", _("waits for approval")
        RUNNING = "running", _("being given")
        DONE = "done", _("given")
        REFUSED = "refused", _("refused")
        LAPSED = "lapsed", _("nobody approved it in time")
        STOPPED = "stopped", _("stopped")
        UNDONE = "undone", _("taken back")

    version = models.ForeignKey(DiscountVersion, models.PROTECT, related_name="assignments")
    whom = models.CharField(max_length=6, choices=Whom)
    customer = models.ForeignKey("crm.Customer", models.PROTECT, null=True, related_name="+", db_index=False)
    selection = models.TextField(blank=True)  # who was meant, as the list says it; of many only
    question = models.TextField(blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.STAFF)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.DONE)
    starts_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    uses = models.PositiveIntegerField(null=True)
    uses_each = models.PositiveIntegerField(null=True)
    with_codes = models.BooleanField(default=False)
    complainers_too = models.BooleanField(default=False)
    held_back_percent = models.PositiveSmallIntegerField(default=0)
    worth = money(default=0)  # of one, as limits count it
    wanted = models.PositiveIntegerField(default=1)  # whom it was about when it was asked for
    given = models.PositiveIntegerField(default=0)
    held_back = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="assignments")
    asked_at = models.DateTimeField(default=timezone.now)
    over = models.JSONField(default=list)  # which limits it is above
    lapses_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    job = models.ForeignKey("shop.Job", models.SET_NULL, null=True, related_name="+")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="assignment_is_not_approved_by_who_asked",
                condition=Q(decided_by=None) | Q(asked_by=None) | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="assignment_to_one_names_the_customer", condition=Q(whom="one") | Q(customer=None)
            ),
            models.CheckConstraint(name="assignment_holds_back_half_at_most", condition=Q(held_back_percent__lte=50)),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-asked_at"], name="assignment_of_staff"),
            models.Index(fields=["customer"], name="assignment_of_customer", condition=Q(customer__isnull=False)),
            models.Index(fields=["lapses_at"], name="assignment_waiting", condition=Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"{self.version.discount} ×{self.wanted}"

    @property
    def can_be_decided(self) -> bool:
        return self.state == self.State.PENDING and self.lapses_at is not None and self.lapses_at > timezone.now()

    @property
    def is_stopped(self) -> bool:
        """By somebody, or its work ended before it was done: cancelled in the queue, or by an error."""
        ended = self.state == self.State.RUNNING and self.job is not None and not self.job.is_live
        return ended or self.state == self.State.STOPPED

    @property
    def can_be_taken_back(self) -> bool:
        return self.state == self.State.DONE or (self.is_stopped and self.state == self.State.RUNNING)

    @property
    def is_past(self) -> bool:
        """Nobody could use it any more."""
        return self.expires_at is not None and self.expires_at <= timezone.now()
