"""Who stands behind a response rate: the invitations sent in a period, answered or not."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from feedback.figures.counting import WAIT
from feedback.figures.overview import Report
from feedback.figures.periods import midnight
from feedback.models import Invitation

SIZE = 50
LISTS: dict[str, Any] = {
    "all": pgettext_lazy("invitations", "All"),
    "answered": pgettext_lazy("invitations", "Answered"),
    "silent": gettext_lazy("Not answered"),
    "bounced": pgettext_lazy("invitations", "Came back"),
}
_ANSWERED = Q(state=Invitation.State.ANSWERED)
MEANS = {
    "all": Q(),
    "answered": _ANSWERED,
    "silent": Q(bounced_at=None) & ~_ANSWERED,
    "bounced": Q(bounced_at__isnull=False) & ~_ANSWERED,
}


@dataclass(frozen=True)
class AskedList:
    name: str
    rows: list[Invitation]
    following: str

    @classmethod
    def read(cls, report: Report, asked: Any) -> "AskedList":
        name = asked.get("list", "")
        name = name if name in LISTS else "all"
        begins = report.period.moments[0]
        ends = min(report.period.moments[1], midnight(report.today - WAIT + timedelta(days=1)))
        rows = Invitation.objects.filter(
            MEANS[name], survey=report.survey, version__in=report.versions.ids, test=False
        ).filter(sent_at__gte=begins, sent_at__lt=ends)
        after = asked.get("after", "")
        last = Invitation.objects.filter(pk=int(after)).only("sent_at").first() if _is_number(after) else None
        if last and last.sent_at:
            rows = rows.filter(Q(sent_at__lt=last.sent_at) | Q(sent_at=last.sent_at, pk__lt=last.pk))
        found = list(rows.select_related("customer").order_by("-sent_at", "-pk")[: SIZE + 1])
        return cls(name, found[:SIZE], str(found[SIZE - 1].pk) if len(found) > SIZE else "")


def became(invitation: Invitation) -> str:
    """In a word; without a name only that it was answered."""
    if invitation.state == Invitation.State.ANSWERED:
        return _("answered")
    return _("came back") if invitation.bounced else _("not answered")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 17
