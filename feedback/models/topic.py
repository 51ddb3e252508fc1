"""What comments are about."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from feedback.models.response import Response


class Topic(models.Model):
    """Found by words, put right by people, closed when something was done about it."""

    name = models.CharField(pgettext_lazy("of a topic", "Name"), max_length=60, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class TopicRule(models.Model):
    """Words of one language that lead to a topic; a star at the end stands for any ending."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="rules", db_index=False)
    language = models.CharField(_("Language"), max_length=2, choices=settings.LANGUAGES)
    words = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "language"], name="topic_has_one_rule_a_language")]


class ResponseTopic(models.Model):
    """A comment is about a topic: said by a rule, or by somebody who read it, who may also say that it is not."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="topics", db_index=False)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="responses", db_index=False)
    by_rule = models.BooleanField(default=True)
    # What somebody who read it said; None: nobody looked.
    right = models.BooleanField(null=True)
    looked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "topic"], name="response_is_about_a_topic_once"),
            models.CheckConstraint(
                name="topic_is_said_by_somebody", condition=Q(by_rule=True) | Q(right__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["topic", "-response"], name="responses_about_a_topic")]


class TopicNews(models.Model):
    """“You said, we did”: what was done about a topic, told to those who raised it until then."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="news")
    since = models.DateTimeField()  # whoever raised it from here on is told
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    texts = models.JSONField(default=dict)  # {language: what was done}
    taken_back_at = models.DateTimeField(null=True)  # what had not left by then does not leave
