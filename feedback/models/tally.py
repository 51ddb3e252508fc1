"""What is counted ahead, so that a page over a million answers reads a few thousand rows. Triggers keep these."""

from django.db import models

from feedback.models.survey import Survey
from feedback.models.version import SurveyVersion


class AnswerTally(models.Model):
    """So many answers of one day with one score; rows about the same add up.

    Every statement that writes answers adds rows here, also with less than nothing, so that nobody waits for anybody;
    each night they become one row again (feedback/figures/counting.py).
    """

    survey = models.ForeignKey(Survey, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    version = models.ForeignKey(SurveyVersion, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField()  # in the shop
    score = models.SmallIntegerField(null=True)
    nameless = models.BooleanField()
    n = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["survey", "day"], include=["version", "score", "nameless", "n"], name="answer_tally_by_day"
            )
        ]


class InvitationTally(models.Model):
    """Of the invitations sent on one day: how many, how many of them are answered, how many came back."""

    survey = models.ForeignKey(Survey, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    version = models.ForeignKey(SurveyVersion, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField()
    sent = models.IntegerField()
    answered = models.IntegerField()
    bounced = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["survey", "day"],
                include=["version", "sent", "answered", "bounced"],
                name="invitation_tally_by_day",
            )
        ]


class LastScores(models.Model):
    """What a customer gave last, of each kind: for filters, segments and reasons."""

    customer = models.OneToOneField(
        "crm.Customer", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="last_scores"
    )
    at = models.DateTimeField(null=True)  # of the newest answer of any kind
    nps = models.SmallIntegerField(null=True)
    nps_at = models.DateTimeField(null=True)
    csat = models.SmallIntegerField(null=True)
    csat_at = models.DateTimeField(null=True)
    ces = models.SmallIntegerField(null=True)
    ces_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["at", "customer"], name="last_answer_by_day"),
            models.Index(fields=["nps", "customer"], name="last_scores_by_nps"),
            models.Index(fields=["csat", "customer"], name="last_scores_by_csat"),
            models.Index(fields=["ces", "customer"], name="last_scores_by_ces"),
        ]
