"""Who waits to be asked, and who was not: with the reason and the day, counted by reason; page by page."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.inviting.reasons import why_not
from feedback.models import Invitation

SIZE = 50
State = Invitation.State
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
    every = every.annotate(reason=Coalesce(NullIf("message__why", Value("")), F("why"), Value("")))
    counts = Counter(dict(every.values_list("reason").annotate(n=Count("pk")).order_by()))
    chosen = asked.get("why")
    chosen = chosen if chosen in counts else None
    rows = every.filter(reason=chosen) if chosen is not None else every
    found = list(_page(rows, asked.get("after", ""))[: SIZE + 1])
    following = found[SIZE - 1].pk if len(found) > SIZE else 0
    reasons = [(why, _reason(name, why), n) for why, n in counts.most_common()]
    return WaitingPage(name, chosen, [Row(one) for one in found[:SIZE]], reasons, counts.total(), following)


def _reason(name: str, why: str) -> str:
    return why_not(why) if why else _("Its day has not come yet, or it is on its way.")


def _page(rows: Any, after: str) -> Any:
    rows = rows.select_related("customer", "survey", "message").order_by("-pk")
    return rows.filter(Q(pk__lt=int(after))) if after.isascii() and after.isdigit() and len(after) < 18 else rows
