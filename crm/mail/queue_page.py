"""The queue as staff see it: what waits and why, what failed, what went; page by page, never counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.mail.kinds import mails
from crm.models import Message
from shop.typed import number_in

SIZE = 50
State = Message.State
TROUBLED = (State.BOUNCED, State.NOT_SENT, State.UNKNOWN)

LISTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "waiting": (_("Waiting"), (State.QUEUED,)),
    "troubled": (_("Not arrived"), TROUBLED),
    "sent": (_("Sent"), (State.SENT, State.SENDING)),
    "all": (pgettext_lazy("mails", "All"), ()),
}


@dataclass(frozen=True)
class QueuePage:
    name: str
    template: str
    rows: list[Message]
    following: str

    @property
    def is_waiting(self) -> bool:
        return self.name == "waiting"


def read(asked: Any) -> QueuePage:
    """`asked`: the query of the address; what cannot be read is left out."""
    name = asked.get("list", "")
    name = name if name in LISTS else "waiting"
    template = asked.get("mail", "")
    template = template if template in mails() else ""
    found = list(_rows(name, template, _place(asked.get("after", "")))[: SIZE + 1])
    rows = found[:SIZE]
    moment = _moment(name)
    following = f"{getattr(rows[-1], moment).isoformat()}_{rows[-1].pk}" if len(found) > SIZE else ""
    return QueuePage(name, template, rows, following)


def _rows(name: str, template: str, place: tuple[datetime, int] | None) -> Any:
    rows = Message.objects.select_related("customer").defer("text", "html", "context")
    if states := LISTS[name][1]:
        rows = rows.filter(state=states[0]) if len(states) == 1 else rows.filter(state__in=states)
    if template:
        rows = rows.filter(template=template)
    moment, waits = _moment(name), name == "waiting"
    if place:
        beyond = "gt" if waits else "lt"
        at, pk = place
        rows = rows.filter(
            Q(**{f"{moment}__{beyond}": at}) | Q(**{moment: at, f"pk__{beyond}": pk}), **{f"{moment}__{beyond}e": at}
        )
    return rows.order_by(moment, "pk") if waits else rows.order_by(f"-{moment}", "-pk")


def _moment(name: str) -> str:
    return "due_at" if name == "waiting" else "at"


def _place(text: str) -> tuple[datetime, int] | None:
    """A place that cannot be read is the beginning."""
    at, _dash, pk = text.rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    number = number_in(pk)
    return None if moment.tzinfo is None or number is None else (moment, number)
