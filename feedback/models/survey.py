"""A survey: its kind, when it is sent, and how. What it asks stands in its versions (feedback/models/version.py)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Event
from feedback.surveys.kinds import SCALES, Kind, Scale

if TYPE_CHECKING:
    from feedback.models.version import SurveyVersion


class CannotAsk(Exception):
    """The survey is not running, has no published version, or its draft is not ready. `why`: a code or sentences."""

    def __init__(self, why: Any) -> None:
        super().__init__(str(why))
        self.why = why


class SurveyQuerySet(models.QuerySet["Survey"]):
    def present(self) -> "SurveyQuerySet":
        return self.filter(archived_at=None)

    def running(self) -> "SurveyQuerySet":
        """Those who may be asked by it now."""
        return self.present().filter(started_at__isnull=False, paused_at=None)

    def triggered_by(self, trigger: str) -> "SurveyQuerySet":
        return self.running().filter(trigger=trigger)


class Survey(models.Model):
    """Its kind, when it is sent, and how. The questions stand in its versions."""

    class Trigger(models.TextChoices):
        NONE = "none", _("Only when somebody sends it")
        ORDER = "order", _("After an order")
        COMPLAINT = "complaint", _("After a complaint is closed")
        LAPSE = "lapse", _("When a customer seems to be lost")
        EVERY = "every", _("Every few months")

    class Names(models.TextChoices):
        NAMED = "named", _("With the name of who answers")
        CHOICE = "choice", _("Customers choose: with or without their name")
        NAMELESS = "nameless", _("Always without a name")

    kind = models.CharField(_("Kind"), max_length=4, choices=Kind)
    name = models.CharField(pgettext_lazy("of a survey", "Name"), max_length=120)
    trigger = models.CharField(_("When it is sent"), max_length=9, choices=Trigger, default=Trigger.NONE)
    delay_days = models.PositiveSmallIntegerField(_("Days afterwards"), default=7)
    every_months = models.PositiveSmallIntegerField(_("Every how many months"), default=6)
    reminders = models.PositiveSmallIntegerField(_("Reminders"), default=1)
    reminder_days = models.PositiveSmallIntegerField(_("Days until the reminder"), default=5)
    names = models.CharField(_("Names"), max_length=8, choices=Names, default=Names.NAMED)
    # The link that anybody may open: in a QR code, on a website. None: there is none.
    open_code = models.CharField(max_length=24, unique=True, null=True)
    owner = models.ForeignKey(  # of complaints that low scores open, where the customer has none
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Owner")
    )
    review_url = models.URLField(_("Where promoters may write a review"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    dropped = models.JSONField(null=True)  # the draft dropped last, to be put back

    objects = SurveyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="survey_is_sent_within_a_year", condition=Q(delay_days__lte=365, reminder_days__range=(1, 60))
            ),
            models.CheckConstraint(name="survey_comes_again", condition=Q(every_months__range=(1, 36))),
            models.CheckConstraint(name="survey_reminds_twice_at_most", condition=Q(reminders__lte=2)),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="survey_newest"),
            models.Index(
                fields=["trigger"],
                name="survey_running",
                condition=Q(started_at__isnull=False, paused_at=None, archived_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("feedback:survey", args=[self.pk])

    @property
    def scale(self) -> Scale | None:
        return SCALES.get(self.kind)

    @property
    def is_running(self) -> bool:
        return bool(self.started_at and not self.paused_at and not self.archived_at)

    @property
    def version(self) -> "SurveyVersion | None":
        """The one customers are asked with now."""
        return self.versions.published().order_by("-number").first()

    @property
    def draft(self) -> "SurveyVersion | None":
        return self.versions.filter(published_at=None).first()

    # ---- Verbs ----------------------------------------------------------------------------------------
    @transaction.atomic
    def open_draft(self, *, by: Any = None) -> "SurveyVersion":
        """The draft there is, or a copy of what customers are asked with now."""
        Survey.objects.select_for_update().get(pk=self.pk)
        if found := self.draft:
            return found
        newest = self.versions.order_by("-number").first()
        number = newest.number + 1 if newest else 1
        made = self.versions.create(
            number=number,
            made_by=by,
            languages=newest.languages if newest else [settings.LANGUAGE_CODE[:2]],
            texts=newest.texts if newest else {},
        )
        for question in newest.questions.all() if newest else ():
            made.questions.create(**question.as_told())
        return made

    @transaction.atomic
    def drop_draft(self) -> bool:
        """Customers are asked as before. False: there is no draft, or nothing else to ask with."""
        Survey.objects.select_for_update().get(pk=self.pk)
        draft = self.draft
        if draft is None or self.version is None:
            return False
        self._keep_dropped(draft.as_told())
        draft.take_out()
        return True

    @transaction.atomic
    def put_draft_back(self, *, by: Any = None) -> bool:
        """The draft dropped last. False: there is none, or a new one was begun meanwhile."""
        told = Survey.objects.select_for_update().get(pk=self.pk).dropped
        if told is None or self.draft is not None:
            return False
        self.open_draft(by=by).become(told)
        self._keep_dropped(None)
        return True

    def _keep_dropped(self, told: dict[str, Any] | None) -> None:
        self.dropped = told
        self.save(update_fields=["dropped"])

    @transaction.atomic
    def settle(self, *, actor: str) -> None:
        """Its name, when it is sent and how were changed; it counts for who is asked from now on."""
        self.save()
        Event.record("survey.changed", subject=self, actor=actor, survey=self.name, what="changed", version=None)

    @transaction.atomic
    def open_to_all(self, code: str | None, *, actor: str) -> None:
        """The link that anybody may open; None: there is none any more."""
        self.open_code = code
        self.save(update_fields=["open_code"])
        Event.record("survey.changed", subject=self, actor=actor, survey=self.name, what="link", version=None)

    def start(self, *, actor: str, at: datetime | None = None) -> bool:
        """From now on it is sent. False: it was. Raises CannotAsk."""
        if self.version is None:
            raise CannotAsk("not_published")
        values = {"paused_at": None, "started_at": self.started_at or at or timezone.now()}
        return self._mark(actor, "started", Q(started_at=None) | Q(paused_at__isnull=False), **values)

    def pause(self, *, actor: str) -> bool:
        """Nothing of it is sent until it goes on; what was sent can still be answered."""
        return self._mark(actor, "paused", Q(started_at__isnull=False, paused_at=None), paused_at=timezone.now())

    def archive(self, *, actor: str) -> bool:
        return self._mark(actor, "archived", Q(archived_at=None), archived_at=timezone.now())

    def bring_back(self, *, actor: str) -> bool:
        return self._mark(actor, "restored", Q(archived_at__isnull=False), archived_at=None)

    @transaction.atomic
    def _mark(self, actor: str, what: str, when: Q, **values: Any) -> bool:
        if not Survey.objects.filter(when, pk=self.pk).update(**values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        Event.record("survey.changed", subject=self, actor=actor, survey=self.name, what=what, version=None)
        return True
