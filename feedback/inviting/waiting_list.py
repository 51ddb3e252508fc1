"""Who waits to be asked, and who was not: with the reason and the day, counted by reason; page by page."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.inviting.reasons import why_not
from feedback.models import Invitation
from shop.typed import number_in

SIZE = 50
State = Invitation.State
REASON = Coalesce(NullIf("message__why", Value("")), F("why"), Value(""))
LISTS: dict[str, tuple[Any, str]] = {
    "waiting": (gettext_lazy("Waiting"), State.WAITING),
    "not_sent": (gettext_lazy("Not sent"), State.NOT_SENT),
}


@dataclass(frozen=True)
class Row:
    invitation: Invitation

    @property
    def why(self) -> str:
        """The one of the queue of mails, once it is a mail."""
        message = self.invitation.message
        return (message.why if message and message.state == "queued" else "") or self.invitation.why

    @property
    def sentence(self) -> str:
        one = self.invitation
        if one.state == State.NOT_SENT:
            return why_not(self.why)
        if self.why:
            return why_not(self.why, one.message.due_at if one.message else one.due_at)
        return _("It is on its way.") if one.message else _("Its day has not come yet.")

    @property
    def day(self) -> datetime:
        return self.invitation.message.due_at if self.invitation.message else self.invitation.due_at


@dataclass(frozen=True)
class WaitingPage:
    name: str
    chosen: str | None
    rows: list[Row]
    reasons: list[tuple[str, str, int]]
    total: int
    following: int


def read(asked: Any) -> WaitingPage:
    """`asked`: the query of the address; what cannot be read is left out."""
    name = asked.get("list", "")
    name = name if name in LISTS else "waiting"
    every = Invitation.objects.filter(state=LISTS[name][1], test=False)
    counts = _counted(every)
    chosen = asked.get("why")
    chosen = chosen if chosen in counts else None
    rows = every.annotate(reason=REASON).filter(reason=chosen) if chosen is not None else every
    found = _page(rows, asked.get("after", ""))
    following = found[SIZE - 1].pk if len(found) > SIZE else 0
    reasons = [(why, _reason(name, why), n) for why, n in counts.most_common()]
    return WaitingPage(name, chosen, [Row(one) for one in found[:SIZE]], reasons, counts.total(), following)


def _reason(name: str, why: str) -> str:
    return why_not(why) if why else _("Its day has not come yet, or it is on its way.")


def _counted(every: QuerySet[Invitation]) -> Counter[str]:
    """Those that are a mail already by its reason. The others, who may be a million, in an index."""
    counts: Counter[str] = Counter()
    parts = (every.filter(message=None).values_list("why"), every.filter(message__isnull=False).values_list(REASON))
    for part in parts:
        counts.update(dict(part.annotate(n=Count("pk")).order_by()))
    return counts


def _page(rows: QuerySet[Invitation], after: str) -> list[Invitation]:
    """First which ones, for that an index tells, then what is shown of them."""
    if (last := number_in(after)) is not None:
        rows = rows.filter(pk__lt=last)
    ids = list(rows.order_by("-pk").values_list("pk", flat=True)[: SIZE + 1])
    return list(Invitation.objects.filter(pk__in=ids).select_related("customer", "survey", "message").order_by("-pk"))
