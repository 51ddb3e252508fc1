"""The kinds of surveys and their conventions: which scale, what is low, middle and high."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    NPS = "nps", _("Would recommend us (NPS)")
    CSAT = "csat", _("Satisfied (CSAT)")
    CES = "ces", _("How easy it was (CES)")
    EXIT = "exit", _("Why they left")
    OWN = "own", _("My own questions")


class Band(models.TextChoices):
    """Which part of the scale; what is asked next, promised and done depends on it."""

    LOW = "low", _("low")
    MIDDLE = "middle", _("middle")
    HIGH = "high", _("high")


@dataclass(frozen=True)
class Scale:
    """From `lowest` to `highest`; up to `low` it is low, from `high` on it is high."""

    lowest: int
    highest: int
    low: int
    high: int

    @property
    def steps(self) -> range:
        return range(self.lowest, self.highest + 1)

    def band(self, score: int) -> Band:
        if score <= self.low:
            return Band.LOW
        return Band.HIGH if score >= self.high else Band.MIDDLE


# NPS: 0–6 detractors, 7–8 passives, 9–10 promoters. CSAT: 4–5 satisfied. CES: 7 is very easy, 4 neutral.
SCALES: dict[str, Scale] = {
    Kind.NPS: Scale(0, 10, 6, 9),
    Kind.CSAT: Scale(1, 5, 2, 4),
    Kind.CES: Scale(1, 7, 3, 5),
}
SCORED = tuple(SCALES)


def band(kind: str, score: int | None) -> Band | None:
    """None: nothing was chosen, or the kind has no bands."""
    scale = SCALES.get(kind)
    return scale.band(score) if scale and score is not None else None
