from typing import Any

from django.db import models
from django.utils import timezone

from analytics.models.generation import Generation


class AskedFigures(models.Model):
    """What was worked out on demand about one period and one group, kept so that it is worked out once.

    Derived from the purchase days of its generation and gone with it; losing a row loses nothing.
    """

    MOST = 2_000  # rows; the oldest go

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="asked")
    question = models.CharField(max_length=64)  # a digest: questions hold whole addresses
    answer = models.JSONField()
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "question"], name="asked_figures_once_per_question")
        ]

    @classmethod
    def known(cls, generation: Generation, questions: list[str]) -> dict[str, Any]:
        rows = cls.objects.filter(generation=generation, question__in=questions)
        return dict(rows.values_list("question", "answer"))

    @classmethod
    def keep(cls, generation: Generation, answers: dict[str, Any]) -> None:
        """Whoever else worked out the same meanwhile found the same."""
        rows = [
            AskedFigures(generation=generation, question=question, answer=answer)
            for question, answer in answers.items()
        ]
        AskedFigures.objects.bulk_create(rows, ignore_conflicts=True)
        beyond = list(AskedFigures.objects.order_by("-pk").values_list("pk", flat=True)[cls.MOST : cls.MOST + 1])
        if beyond:
            AskedFigures.objects.filter(pk__lte=beyond[0]).delete()
