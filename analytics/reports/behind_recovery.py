"""The customers behind a figure of the page Recovery."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analytics.metrics import recovery
from analytics.metrics.recovery import MONTHS
from analytics.models import Figures, Generation
from analytics.reports.recovery import WHO
from crm.segments.question import Among

BACK = {"": None, "yes": True, "no": False}


def asked(generation: Generation, question: dict[str, str]) -> tuple[str, str, QuerySet[Figures]] | None:
    """A title, how it is meant, and who it is; None: the question makes no sense."""
    who, months, back = question["recovery"], question.get("months", ""), question.get("back", "")
    if who not in WHO or months not in map(str, MONTHS) or back not in BACK:
        return None
    ids = recovery.who(generation, int(months), WHO[who], BACK[back])
    return _title(who), _explained(back), Figures.objects.filter(Among("customer_id", ids))


def _title(who: str) -> str:
    return {
        "in_time": _("Complained or gave a low score, answered in time"),
        "late": _("Complained or gave a low score, answered late"),
        "unanswered": _("Complained or gave a low score, not answered"),
        "answered": _("Complained or gave a low score, answered"),
        "all": _("Complained or gave a low score"),
    }[who]


def _explained(back: str) -> str:
    return {
        "": _("Buyers whose 90 days are over."),
        "yes": _("Buyers whose 90 days are over and who bought again within them."),
        "no": _("Buyers whose 90 days are over and who did not buy again within them."),
    }[back]
