"""What somebody answered."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from feedback.models.invitation import Channel, Invitation
from feedback.models.question import Question
from feedback.models.survey import Survey
from feedback.models.version import SurveyVersion
from feedback.surveys.kinds import Band, band

CHANGEABLE = timedelta(hours=24)
DRAWN_FROM, DRAWN_BELOW = 2**40, 2**52


def drawn_number() -> int:
    """Of an answer without a name: a counted one would tell in which order they came."""
    return DRAWN_FROM + secrets.randbelow(DRAWN_BELOW - DRAWN_FROM)


class CannotChange(Exception):
    """A day is over, or the answer has no name."""


class ResponseQuerySet(models.QuerySet["Response"]):
    def counted(self) -> "ResponseQuerySet":
        """What figures are made of: never test answers."""
        return self.filter(test=False)

    def named(self) -> "ResponseQuerySet":
        return self.filter(nameless=False)

    def newest_first(self) -> "ResponseQuerySet":
        return self.order_by("-at", "-pk")


class Response(models.Model):
    """One answer. Without a name it shares no key with anybody and is never changed; its time is a week."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="responses")
    version = models.ForeignKey(SurveyVersion, models.PROTECT, related_name="responses")
    invitation = models.OneToOneField(Invitation, models.PROTECT, null=True, related_name="response")
    customer = models.ForeignKey("crm.Customer", models.PROTECT, null=True, related_name="responses")
    order = models.ForeignKey("crm.Order", models.PROTECT, null=True, related_name="responses")
    complaint = models.ForeignKey(  # that its low score opened
        "crm.Complaint", models.PROTECT, null=True, related_name="responses"
    )
    nameless = models.BooleanField(default=False)
    test = models.BooleanField(default=False)
    score = models.SmallIntegerField(null=True)
    comment = models.TextField(max_length=4000, blank=True)
    callback = models.BooleanField(default=False)  # "call me"
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    channel = models.CharField(max_length=6, choices=Channel)
    assisted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=80, unique=True, null=True)  # of an import: the same file twice is one answer

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="response_without_a_name_leads_to_nobody",
                condition=Q(nameless=False)
                | Q(
                    customer=None,
                    invitation=None,
                    order=None,
                    complaint=None,
                    assisted_by=None,
                    changed_at=None,
                    source=None,
                    callback=False,
                ),
            ),
            models.CheckConstraint(
                name="response_without_a_name_has_a_drawn_number",
                condition=Q(nameless=False) | Q(id__gte=DRAWN_FROM),
            ),
            models.CheckConstraint(
                name="response_score_is_on_a_scale", condition=Q(score=None) | Q(score__range=(0, 10))
            ),
        ]
        indexes = [
            models.Index(
                fields=["survey", "at", "id"], name="response_of_survey", include=["score", "version"],
                condition=Q(test=False),
            ),
            models.Index(fields=["-at", "-id"], name="response_newest", condition=Q(test=False)),
            models.Index(fields=["survey", "at"], name="response_nameless", condition=Q(nameless=True, test=False)),
            models.Index(
                fields=["customer", "-at", "-id"], name="response_of_customer", condition=Q(customer__isnull=False)
            ),
            models.Index(fields=["at"], name="response_with_comment", condition=~Q(comment="")),
            GinIndex(
                SearchVector("comment", config="simple"), name="response_words", condition=~Q(comment="")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def band(self) -> Band | None:
        return band(self.survey.kind, self.score)

    @property
    def changeable_until(self) -> datetime:
        return self.at + CHANGEABLE

    @property
    def may_be_changed(self) -> bool:
        return not self.nameless and self.changeable_until > timezone.now()

    @transaction.atomic
    def change(self, values: dict[str, Any], *, callback: bool = False, actor: str = "") -> bool:
        """Within a day, with what it was before kept. False: nothing is different. Raises CannotChange."""
        from feedback.answering.recording import change

        return change(self, values, callback=callback, actor=actor)


class Answer(models.Model):
    """What was said to one question; the score and the comment stand on the response itself."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers", db_index=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    number = models.SmallIntegerField(null=True)  # of a scale; yes is 1, no is 0
    chosen = ArrayField(models.PositiveSmallIntegerField(), default=list)
    text = models.TextField(max_length=4000, blank=True)
    day = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "question"], name="question_is_answered_once")]
        indexes = [models.Index(fields=["response"], name="answer_with_text", condition=~Q(text=""))]


class ResponseChange(models.Model):
    """What an answer was before it was changed. Only added."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    score = models.SmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    callback = models.BooleanField(default=False)
    answers = models.JSONField(default=dict)  # {name of the question: value}
    actor = models.CharField(max_length=40, blank=True)
