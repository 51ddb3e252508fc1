"""What is asked. A survey has versions; what customers are asked with a published one never changes."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Event
from feedback.surveys.kinds import SCALES, Kind, Scale


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
        draft.take_out()
        return True

    @transaction.atomic
    def settle(self, *, actor: str) -> None:
        """Its name, when it is sent and how were changed; it counts for who is asked from now on."""
        self.save()
        Event.record("survey.changed", subject=self, actor=actor, survey=self.name, what="changed", version=None)

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
        Survey.objects.select_for_update().get(pk=self.survey_id)
        if not SurveyVersion.objects.filter(pk=self.pk, published_at=None).exists():
            return False
        before = self.survey.version
        now = at or timezone.now()
        if before and self._only_adds_languages_to(before):
            return before._take_in(self, actor)
        self.published_at, self.published_by, self.removed = now, by, None
        self.save(update_fields=["published_at", "published_by", "removed"])
        if before and not before.invitations.exists() and not before.responses.exists():
            before.take_out()
        self._tell("published", actor)
        return True

    def _only_adds_languages_to(self, before: "SurveyVersion") -> bool:
        """Nobody was asked in them, so what was asked stays comparable."""
        old, new = list(before.questions.all()), list(self.questions.all())
        known = before.languages == self.languages[: len(before.languages)]
        if not known or [one.shape for one in old] != [one.shape for one in new]:
            return False
        pairs = [(before.texts, self.texts), *((one.texts, other.texts) for one, other in zip(old, new, strict=True))]
        return all(was.get(code, {}) == now.get(code, {}) for was, now in pairs for code in before.languages)

    def _take_in(self, draft: "SurveyVersion", actor: str) -> bool:
        self.languages, self.texts = draft.languages, {**draft.texts, **self.texts}
        self.save(update_fields=["languages", "texts"])
        added = {question.name: question.texts for question in draft.questions.all()}
        for question in self.questions.all():
            question.change(texts={**added[question.name], **question.texts})
        draft.take_out()
        self._tell("translated", actor)
        return True

    def _tell(self, what: str, actor: str) -> None:
        about: dict[str, Any] = {"survey": self.survey.name, "what": what, "version": self.number}
        Event.record("survey.changed", subject=self.survey, actor=actor, **about)

    @transaction.atomic
    def take_out(self) -> None:
        """Of a version nobody was asked with: nothing needs it."""
        self.questions.all().delete()
        self.delete()

    # ---- Verbs of a draft -----------------------------------------------------------------------------
    @transaction.atomic
    def ask(self, kind: str, **told: Any) -> Any:
        """One more question, at the end."""
        questions = list(self.questions.all())
        position = max((one.position for one in questions), default=-1) + 1
        return self.questions.create(**{"name": self._free_name(kind), "kind": kind, **told, "position": position})

    def _free_name(self, kind: str) -> str:
        """Never one that meant another question in an earlier version."""
        if kind in ("score", "comment"):
            return kind
        names = self.survey.versions.values_list("questions__name", flat=True)
        used = [int(name[1:]) for name in names if name and name[:1] == "q" and name[1:].isdigit()]
        return f"q{max(used, default=0) + 1}"

    def place_of(self, name: str) -> int:
        """Counted from 0; -1: there is no such question."""
        names = list(self.questions.values_list("name", flat=True))
        return names.index(name) if name in names else -1

    @transaction.atomic
    def move(self, name: str, to: int) -> bool:
        """A question to a place, counted from 0. False: it is there."""
        questions = list(self.questions.select_for_update())
        here = self.place_of(name)
        to = min(max(to, 0), len(questions) - 1)
        if here == to or here < 0:
            return False
        questions.insert(to, questions.pop(here))
        for place, one in enumerate(questions):
            one.position = place
        self.questions.bulk_update(questions, ["position"])
        return True

    @transaction.atomic
    def leave_out(self, name: str) -> bool:
        """It can be put back until another one is left out."""
        question = self.questions.filter(name=name).first()
        if question is None:
            return False
        self.removed = question.as_told()
        self.save(update_fields=["removed"])
        question.delete()
        return True

    @transaction.atomic
    def put_back(self) -> bool:
        told, taken = self.removed, set(self.questions.values_list("name", flat=True))
        if not told or told["name"] in taken:
            return False
        self.removed = None
        self.save(update_fields=["removed"])
        place = told.pop("position")
        made = self.ask(**told)
        self.move(made.name, place)
        return True

    def speak(self, language: str) -> bool:
        """Asked in one more language. False: it was."""
        return self._set_languages([*self.languages, language] if language not in self.languages else self.languages)

    def fall_silent(self, language: str) -> bool:
        """Not asked in it any more; its words stay with the questions. One language is always left."""
        left = [code for code in self.languages if code != language]
        return bool(left) and self._set_languages(left)

    def speak_first(self, language: str) -> bool:
        """What is asked where a customer's own language is not among them."""
        return self._set_languages([language, *(code for code in self.languages if code != language)])

    def _set_languages(self, languages: list[str]) -> bool:
        if languages == self.languages:
            return False
        self.languages = languages
        self.save(update_fields=["languages"])
        return True
