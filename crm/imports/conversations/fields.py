"""The columns of a file of conversations, and how their cells are read."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from crm.imports import values
from crm.imports.cells import texts
from crm.imports.columns import Mapping
from crm.imports.customers.fields import FIELDS as CUSTOMER_FIELDS
from crm.imports.customers.fields import MARKS, NORMALISED, if_any
from crm.imports.kinds import Cells, Field, Staged
from crm.imports.reasons import Rejected
from crm.models import Note
from shop.models import User

FIELDS = {name: CUSTOMER_FIELDS[name] for name in MARKS.values()} | {
    "conversation": Field(_("Kind"), ("type", "kind", "channel", "conversationtype", "activitytype")),
    "at": Field(_("Spoken on"), ("date", "datetime", "time", "timestamp", "happenedat", "loggedat", "createdat")),
    "body": Field(_("What was said"), ("text", "message", "content", "note", "notes", "comment", "description")),
    "by": Field(_("Member of staff, e-mail"), ("staff", "author", "agent", "owner", "user", "createdby")),
}
NEEDED = (tuple(MARKS.values()), ("at",), ("body",))
LENGTH = 10_000

# In the four languages of the interface; an empty cell is a note.
WORDS = {
    Note.Kind.CALL: "call phone phonecall telephone звонок телефон дзвінок telefon rozmowa",
    Note.Kind.VISIT: "visit meeting визит встреча візит зустріч wizyta spotkanie",
    Note.Kind.CHAT: "chat message sms чат сообщение повідомлення czat wiadomość",
    Note.Kind.EMAIL: "email e-mail mail письмо почта лист пошта list poczta",
    Note.Kind.NOTE: "note comment заметка комментарий нотатка примітка notatka uwaga",
}
KINDS = {"": str(Note.Kind.NOTE)} | {word: str(kind) for kind, words in WORDS.items() for word in words.split()}


def staging(mapping: Mapping) -> str:
    marks = [f"{mark} text, {mark}_is text" for mark in MARKS]
    kind = f"kind text NOT NULL DEFAULT '{Note.Kind.NOTE}'"
    return ", ".join(["line bigint", *marks, kind, "at timestamptz", "body text", "by_id bigint"])


def staged(mapping: Mapping, today: date) -> Iterable[Staged]:
    for mark, field in MARKS.items():
        yield Staged(field, mark, texts(254))
        yield Staged(field, f"{mark}_is", NORMALISED[mark]())
    yield Staged("conversation", "kind", _kinds)
    yield Staged("at", "at", values.Moments(mapping.dates, today).column)
    yield Staged("body", "body", texts(LENGTH, missing="no_body"))
    yield Staged("by", "by_id", if_any(Staff()))


def left_out(mapping: Mapping, rows: Sequence[list[str]]) -> list[str]:
    places = [at for field in MARKS.values() if (at := mapping.index_of(field)) is not None]
    return ["" if any(row[at].strip() for at in places) else "nothing_known_by" for row in rows]


def _kinds(cells: Cells) -> list[str]:
    try:
        return [KINDS[cell.strip().casefold()] for cell in cells]
    except KeyError:
        raise Rejected("conversation") from None


class Staff:
    """Whose e-mail address it is; who has left since may have spoken then."""

    def __init__(self) -> None:
        self.known = {user.email.casefold(): user.pk for user in User.objects.all()}

    def __call__(self, text: str) -> int:
        try:
            return self.known[text.casefold()]
        except KeyError:
            raise Rejected("owner") from None
