"""Who stands behind a response rate: the invitations sent in a period, answered or not."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from feedback.figures.counting import WAIT
from feedback.figures.overview import Report
from feedback.figures.periods import midnight, read_day
from feedback.models import Invitation
from shop.typed import key_in

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
    """`since`: all since that day, whatever the version, and also who has had no week to answer yet."""

    name: str
    rows: list[Invitation]
    following: str
    since: date | None

    @classmethod
    def read(cls, report: Report, asked: Any) -> "AskedList":
        name = asked.get("list", "")
        name, since = name if name in LISTS else "all", read_day(asked.get("from", ""))
        rows = _since(report, since) if since else of_the_rate(report)
        rows = _behind(rows.filter(MEANS[name]), asked.get("after", ""))
        found = list(rows.select_related("customer").order_by("-sent_at", "-pk")[: SIZE + 1])
        following = str(found[SIZE - 1].pk) if len(found) > SIZE else ""
        return cls(name, found[:SIZE], following, since)

    @property
    def kept(self) -> dict[str, str]:
        """What its addresses hold besides those of the report."""
        return {"list": self.name, "from": self.since.isoformat() if self.since else ""}


def _since(report: Report, day: date) -> QuerySet[Invitation]:
    return Invitation.objects.filter(survey=report.survey, test=False, sent_at__gte=midnight(day))


def of_the_rate(report: Report) -> QuerySet[Invitation]:
    """All that the response rate of a period is made of, and those that came back."""
    begins, ends = report.period.moments
    ends = min(ends, midnight(report.today - WAIT + timedelta(days=1)))
    rows = Invitation.objects.filter(survey=report.survey, version__in=report.versions.ids, test=False)
    return rows.filter(sent_at__gte=begins, sent_at__lt=ends)


def _behind(rows: QuerySet[Invitation], after: str) -> QuerySet[Invitation]:
    """A place that cannot be read is the beginning."""
    last = Invitation.objects.filter(pk=key_in(after)).only("sent_at").first()
    if last is None or last.sent_at is None:
        return rows
    return rows.filter(Q(sent_at__lt=last.sent_at) | Q(sent_at=last.sent_at, pk__lt=last.pk))


def became(invitation: Invitation) -> str:
    """In a word; without a name only that it was answered."""
    if invitation.state == Invitation.State.ANSWERED:
        return _("answered")
    return _("came back") if invitation.bounced else _("not answered")
