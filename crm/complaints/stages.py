"""The stages of a complaint, from where each is reached, and the questions about many complaints."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    RECEIVED = "received", _("Received")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    IN_WORK = "in_work", _("Being solved")
    SOLVED = "solved", _("Solved")
    TOLD = "told", pgettext_lazy("stage", "Customer told")
    CLOSED = "closed", _("Closed")


STAGES = list(Stage)
# From where each step can be taken.
BEFORE = {
    Stage.ACKNOWLEDGED: (Stage.RECEIVED,),
    Stage.IN_WORK: (Stage.ACKNOWLEDGED,),
    Stage.SOLVED: (Stage.RECEIVED, Stage.ACKNOWLEDGED, Stage.IN_WORK),
    Stage.TOLD: (Stage.SOLVED,),
    Stage.CLOSED: (Stage.TOLD,),
}
UNTOLD = (Stage.RECEIVED, Stage.ACKNOWLEDGED, Stage.IN_WORK, Stage.SOLVED)


class StepRefused(Exception):
    """The complaint is not where this step can be taken."""

    def __init__(self, stage: str, wanted: str) -> None:
        super().__init__(f"a complaint that is {stage} cannot become {wanted}")
        self.stage, self.wanted = stage, wanted


class ComplaintQuerySet(models.QuerySet[Any]):
    def open(self) -> "ComplaintQuerySet":
        return self.filter(closed_at=None)

    def late(self, now: datetime | None = None) -> "ComplaintQuerySet":
        """Past a deadline that still stands."""
        return self.filter(next_due_at__lt=now or timezone.now())

    def pressing(self, now: datetime | None = None) -> "ComplaintQuerySet":
        """Late, or with at most a quarter of the time left."""
        return self.filter(next_warn_at__lte=now or timezone.now())

    def to_look_at(self, now: datetime | None = None) -> "ComplaintQuerySet":
        """Somebody must be told that the time runs out, or it must be written down that it has."""
        return self.filter(look_at__lte=now or timezone.now())

    def most_pressing(self) -> "ComplaintQuerySet":
        return self.order_by(F("next_due_at").asc(nulls_last=True), "pk")
