"""One question of a version."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from feedback.models.version import SurveyVersion
from feedback.surveys.kinds import Band


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

    @property
    def shape(self) -> tuple[Any, ...]:
        """All that is the same in every language."""
        own = (self.name, self.kind, self.branch, self.required, self.lowest, self.highest)
        return (*own, tuple(self.choices))

    def as_told(self) -> dict[str, Any]:
        """As `SurveyVersion.ask` takes it."""
        kept = ("name", "kind", "position", "branch", "required", "lowest", "highest", "choices", "texts")
        return {one: getattr(self, one) for one in kept}

    def change(self, **values: Any) -> bool:
        """Of a draft. False: nothing is different."""
        if all(getattr(self, name) == value for name, value in values.items()):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))
        return True
