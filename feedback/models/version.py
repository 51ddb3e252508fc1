"""The questions of a survey as they are asked from one day on, and the verbs on a draft of them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.models import Event
from feedback.models.survey import CannotAsk, Survey


class VersionQuerySet(models.QuerySet["SurveyVersion"]):
    def published(self) -> "VersionQuerySet":
        return self.filter(published_at__isnull=False)

    def asked(self) -> "VersionQuerySet":
        """The one in force, and of those before it what somebody was asked with; the newest first."""
        here = SurveyVersion.objects.filter(pk=OuterRef("pk"))
        later = SurveyVersion.objects.published().filter(survey=OuterRef("survey"), number__gt=OuterRef("number"))
        asked = Exists(here.filter(invitations__isnull=False)) | Exists(here.filter(responses__isnull=False))
        return self.published().filter(asked | ~Exists(later)).order_by("-number")


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

    def language_for(self, wanted: str) -> str:
        """The one that is asked in: what the customer speaks where there are texts, else the first."""
        return wanted if wanted in self.languages else self.languages[0]

    def said(self, name: str, language: str) -> str:
        return self.texts.get(language, {}).get(name, "")

    @transaction.atomic
    def publish(self, *, by: Any, actor: str, at: datetime | None = None) -> bool:
        """From now on customers are asked with it. False: it was published. Raises CannotAsk with what is missing.

        The one before stays even where nobody was asked with it yet: an answer to it may come in this instant.
        """
        from feedback.surveys.checking import missing

        Survey.objects.select_for_update().get(pk=self.survey_id)
        if not SurveyVersion.objects.filter(pk=self.pk, published_at=None).exists():
            return False
        self.refresh_from_db(fields=["languages", "texts"])
        if lacking := missing(self):
            raise CannotAsk(lacking)
        before = self.survey.version
        now = at or timezone.now()
        if before and self._only_adds_languages_to(before):
            return before._take_in(self, actor)
        self.published_at, self.published_by, self.removed = now, by, None
        self.save(update_fields=["published_at", "published_by", "removed"])
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
        """Of a draft: nobody was asked with it."""
        self.questions.all().delete()
        self.delete()

    def as_told(self) -> dict[str, Any]:
        """As `become` takes it."""
        questions = [question.as_told() for question in self.questions.all()]
        return {"languages": self.languages, "texts": self.texts, "removed": self.removed, "questions": questions}

    # ---- Verbs of a draft -----------------------------------------------------------------------------
    @transaction.atomic
    def become(self, told: dict[str, Any]) -> None:
        """What another draft was."""
        for name in ("languages", "texts", "removed"):
            setattr(self, name, told[name])
        self.save(update_fields=["languages", "texts", "removed"])
        self.questions.all().delete()
        for question in told["questions"]:
            self.questions.create(**question)

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
