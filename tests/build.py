"""Small builders: each makes one thing with sensible defaults and returns it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.mail import EmailMessage
from django.utils import timezone

from crm.models import Complaint, Customer, Identifier, KeptMail, Message, Note, Order, Segment, Task
from feedback.models import Invitation, Response, Survey
from feedback.surveys.kinds import SCALES
from shop.models import ApiKey, User

_numbers = count(1)


def user(role: str = "support", **fields: Any) -> User:
    number = next(_numbers)
    fields = {"email": f"staff{number}@shop.example", "name": f"Staff {number}", **fields}
    return User.objects.create_user(role=role, password="a long password", **fields)


def customer(name: str = "Ana Lindqvist", *, email: str = "", phone: str = "", **fields: Any) -> Customer:
    given, _, family = name.partition(" ")
    made = Customer.objects.create(given_name=given, family_name=family, **fields)
    for kind, value in (("email", email), ("phone", phone)):
        if value:
            identifier(made, kind, value)
    return made


def identifier(customer: Customer, kind: str, value: str, source: str = "") -> Identifier:
    normalised = Identifier.normalise(kind, value)
    return Identifier.objects.create(customer=customer, kind=kind, value=value, normalised=normalised, source=source)


def order(customer: Customer, total: str = "50.00", *, at: Any = None, **fields: Any) -> Order:
    """`at`: a datetime, a date (noon UTC) or a number of days ago."""
    made = _order(customer, total, at, **fields)
    made.save(force_insert=True)
    return made


def orders(customer: Customer, total: str, *moments: Any) -> list[Order]:
    """Alike, and in one go."""
    return Order.objects.bulk_create([_order(customer, total, at) for at in moments])


def _order(customer: Customer, total: str, at: Any, **fields: Any) -> Order:
    placed_at = _moment(at)
    fields = {"source": "shop", "reference": f"T-{next(_numbers)}", "paid_at": placed_at, **fields}
    return Order(customer=customer, placed_at=placed_at, total=Decimal(total), **fields)


def note(customer: Customer, body: str = "Asked about the delivery.", **fields: Any) -> Note:
    return Note.objects.create(customer=customer, body=body, **{"kind": "call", **fields})


def task(owner: User, title: str = "Ring back", *, due_in: int = 0, **fields: Any) -> Task:
    return Task.objects.create(owner=owner, title=title, due_on=timezone.localdate() + timedelta(days=due_in), **fields)


def complaint(customer: Customer, title: str = "Chipped cake stand", **fields: Any) -> Complaint:
    """As staff open one now; `stage` brings it on to there."""
    stage = fields.pop("stage", "received")
    made = Complaint.open_for(customer, actor="", title=title, **fields)
    steps = {
        "acknowledged": made.acknowledge,
        "in_work": made.work_on,
        "solved": made.solve,
        "told": made.tell,
        "closed": made.close,
    }
    for name, step in steps.items():
        if stage != "received":
            step(actor="")
        if name == stage:
            break
    return made


def segment(owner: User, name: str = "From Ludlow", address: str = "city=Ludlow", **fields: Any) -> Segment:
    return Segment.objects.create(owner=owner, name=name, address=address, **fields)


def _moment(at: Any) -> datetime:
    if isinstance(at, datetime):
        return at
    if isinstance(at, date):
        return datetime(at.year, at.month, at.day, 12, tzinfo=UTC)
    return timezone.localtime() - timedelta(days=at or 0)  # by the wall clock, so that summer time shifts no day


def api_key(name: str, *scopes: str, **options: Any) -> str:
    """The text to send as `Authorization: Bearer …`."""
    return ApiKey.make(name, scopes, **options)[1]


def message(customer: Customer, **fields: Any) -> Message:
    """A link to the preferences that waits in the queue."""
    number = next(_numbers)
    fields = {"purpose": "service", "template": "preferences_link", "cause": f"build:{number}", **fields}
    fields = {"message_id": f"<{number}@shop.example>", "address": "ana@people.example", "language": "en", **fields}
    return Message.objects.create(customer=customer, **fields)


def kept_mail(subject: str = "Hello", body: str = "A line.") -> KeptMail:
    mail = EmailMessage(subject, body, "shop@shop.example", ["ana@people.example"])
    raw = mail.message().as_bytes()
    return KeptMail.objects.create(sender=mail.from_email, recipients=mail.to[0], subject=subject, raw=raw)


def survey(kind: str = "nps", *, running: bool = True, **fields: Any) -> Survey:
    """Published in English and Polish: its score where it has one, and the comment."""
    name = {"nps": "Would you recommend us", "csat": "After an order"}.get(kind, "A survey")
    made = Survey.objects.create(kind=kind, **{"name": name, **fields})
    version = made.versions.create(number=1, languages=["en", "pl"])
    if scale := SCALES.get(kind):
        ends = {"lowest": scale.lowest, "highest": scale.highest}
        version.questions.create(name="score", kind="score", position=0, required=True, texts=_ASKED["score"], **ends)
    version.questions.create(name="comment", kind="comment", position=1, texts=_ASKED["comment"])
    version.publish(by=None, actor="")
    if running:
        made.start(actor="")
    return made


_ASKED = {
    "score": {"en": {"ask": "How likely?", "low_end": "not at all", "high_end": "surely"}, "pl": {"ask": "Na ile?"}},
    "comment": {"en": {"ask": "Why?", "ask_low": "What went wrong?"}, "pl": {"ask": "Dlaczego?"}},
}


def invitation(customer: Customer, survey: Survey, **fields: Any) -> Invitation:
    """Sent, and not answered yet."""
    sent = {"state": "sent", "sent_at": timezone.now()} if fields.pop("sent", True) else {}
    fields = {"cause": f"build:{next(_numbers)}", "trigger": "hand", **fields}
    made = Invitation.objects.invite(customer, survey, **fields)
    Invitation.objects.filter(pk=made.pk).update(**sent)
    made.refresh_from_db()
    return made


def response(customer: Customer, survey: Survey, score: int | None = 9, comment: str = "", **how: Any) -> Response:
    """Answered through an invitation; `at` (as of an order) brings its time back."""
    at = how.pop("at", None)
    values = {"score": score, "comment": comment}
    made = invitation(customer, survey).answer(values, **{"language": "en", **how})
    if at is not None:
        Response.objects.filter(pk=made.pk).update(at=_moment(at))
        made.refresh_from_db()
    return made
