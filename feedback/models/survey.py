"""What is asked. A survey has versions; what customers are asked with a published one never changes."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Event
from feedback.surveys.kinds import SCALES, Band, Kind, Scale


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
        made = SurveyVersion.objects.create(
            survey=self,
            number=number,
            made_by=by,
            languages=newest.languages if newest else [settings.LANGUAGE_CODE[:2]],
            texts=newest.texts if newest else {},
        )
        if newest:
            Question.objects.bulk_create(question.copied_to(made) for question in newest.questions.all())
        return made

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


class VersionQuerySet(models.QuerySet["SurveyVersion"]):
    def published(self) -> "VersionQuerySet":
        return self.filter(published_at__isnull=False)


class SurveyVersion(models.Model):
    """The questions as they are asked from one day on. Published, they stay: the database refuses every change
    but a language that is added. A trend never mixes two of them silently.
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    languages = ArrayField(models.CharField(max_length=2), default=list)  # the first one is asked where none fits
    texts = models.JSONField(default=dict)  # {language: {"intro": …, "thanks": …}}
    removed = models.JSONField(null=True)  # the question taken out of the draft last, to be put back
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_version_has_its_number"),
            models.UniqueConstraint(
                fields=["survey"], name="survey_has_one_draft", condition=Q(published_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} ({self.number})"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def is_answered(self) -> bool:
        return self.responses.filter(test=False).exists()

    def language_for(self, wanted: str) -> str:
        """The one that is asked in: what the customer speaks where there are texts, else the first."""
        return wanted if wanted in self.languages else self.languages[0]

    def said(self, name: str, language: str) -> str:
        return self.texts.get(language, {}).get(name, "")

    @transaction.atomic
    def publish(self, *, by: Any, actor: str, at: datetime | None = None) -> bool:
        """From now on customers are asked with it. False: it was published. Raises CannotAsk with what is missing.

        The one before goes when nobody was asked with it.
        """
        from feedback.surveys.checking import missing

        if lacking := missing(self):
            raise CannotAsk(lacking)
        before = self.survey.version
        now = at or timezone.now()
        drafts = SurveyVersion.objects.filter(pk=self.pk, published_at=None)
        if not drafts.update(published_at=now, published_by=by, removed=None):
            return False
        self.published_at, self.published_by = now, by
        if before and not before.invitations.exists() and not before.responses.exists():
            before.take_out()
        Event.record(
            "survey.changed",
            subject=self.survey,
            actor=actor,
            survey=self.survey.name,
            what="published",
            version=self.number,
        )
        return True

    @transaction.atomic
    def take_out(self) -> None:
        """Of a version nobody was asked with: nothing needs it."""
        self.questions.all().delete()
        self.delete()


class Question(models.Model):
    """One question of a version, with its own text in each language.

    `texts`: {language: {"ask", "hint", "low_end", "high_end", "choices": {"1": …}}}; of the comment also "ask_low",
    "ask_middle", "ask_high", which take the place of "ask" once a score is chosen.
    """

    class Kind(models.TextChoices):
        SCORE = "score", _("The score")
        COMMENT = "comment", _("The comment")
        SCALE = "scale", _("A scale")
        SINGLE = "single", _("One of several")
        MULTIPLE = "multiple", _("Several of several")
        YES_NO = "yes_no", _("Yes or no")
        TEXT = "text", _("A text")
        DATE = "date", _("A day")

    version = models.ForeignKey(SurveyVersion, models.CASCADE, related_name="questions")
    name = models.CharField(max_length=30)  # a code, the same in every version, so that answers can be compared
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    position = models.PositiveSmallIntegerField()
    branch = models.CharField(_("Asked when the score is"), max_length=6, choices=Band, blank=True)
    required = models.BooleanField(_("Must be answered"), default=False)
    lowest = models.SmallIntegerField(null=True, blank=True)
    highest = models.SmallIntegerField(null=True, blank=True)
    choices = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)  # their numbers, in order
    texts = models.JSONField(default=dict)

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="question_has_its_name"),
            models.UniqueConstraint(
                fields=["version", "kind"],
                name="survey_asks_one_score_and_one_comment",
                condition=Q(kind__in=["score", "comment"]),
            ),
            models.CheckConstraint(
                name="question_with_a_scale_says_from_where_to_where",
                condition=Q(kind__in=["score", "scale"], lowest__gte=0, highest__gt=F("lowest"), highest__lte=10)
                | (~Q(kind__in=["score", "scale"]) & Q(lowest=None, highest=None)),
            ),
            models.CheckConstraint(name="score_is_asked_of_everybody", condition=~Q(kind="score") | Q(branch="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def steps(self) -> range:
        """Of a scale."""
        return range(self.lowest or 0, (self.highest or 0) + 1)

    def said(self, name: str, language: str) -> str:
        """Its text in a language, or in the first of the version where that one has none."""
        own = self.texts.get(language, {}).get(name, "")
        return own or self.texts.get(self.version.languages[0], {}).get(name, "")

    def choices_in(self, language: str) -> list[tuple[int, str]]:
        first = self.texts.get(self.version.languages[0], {}).get("choices", {})
        own = self.texts.get(language, {}).get("choices", {})
        return [(number, own.get(str(number)) or first.get(str(number), "")) for number in self.choices]

    def copied_to(self, version: SurveyVersion) -> "Question":
        kept = ("name", "kind", "position", "branch", "required", "lowest", "highest", "choices", "texts")
        return Question(version=version, **{one: getattr(self, one) for one in kept})
