"""Which survey the rows of a file belong to: named in the row, else for the whole file; by its number or its name."""

from dataclasses import dataclass

from feedback.models import Survey
from shop.typed import key_in


@dataclass(frozen=True)
class Known:
    """A survey as a file calls it. Its scale is that of its questions in force; none: it asks for no score."""

    called: str
    survey: int
    version: int
    language: str
    nameless: bool
    lowest: int | None
    highest: int | None


def known(called: list[str]) -> list[Known]:
    """Those that there are, each name or number once. Of several with one name nobody can tell which is meant."""
    return [found for name in called if (found := _known(name))]


def _known(name: str) -> Known | None:
    of_the_number = Survey.objects.filter(pk=key_in(name))
    rows = list(of_the_number) or list(Survey.objects.present().filter(name__iexact=name)[:2])
    version = rows[0].version if len(rows) == 1 else None
    if version is None:
        return None
    score = version.questions.filter(kind="score").first()
    survey = rows[0]
    return Known(
        name,
        survey.pk,
        version.pk,
        version.languages[0],
        survey.names == Survey.Names.NAMELESS,
        score.lowest if score else None,
        score.highest if score else None,
    )
