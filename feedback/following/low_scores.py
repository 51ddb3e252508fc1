"""A low score, or “please call me”, becomes a complaint with an owner and the promise of an answer."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, When
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.complaints.stages import Stage
from crm.models import Complaint, Event, Note
from feedback.inviting.asking import Wish, invite_many
from feedback.models import Invitation, Response
from feedback.surveys.kinds import SCALES, Band
from shop.models import Setting, User
from shop.rights import ROLES

WARNED_AT = 0.75
Trigger = Invitation.Trigger


def follow(events: Iterable[Event]) -> None:
    """Of answers given and changed; heard twice, it finds what was done the first time."""
    ids = {event.subject_id for event in events if event.subject_id}
    found = Response.objects.named().counted().filter(pk__in=ids, customer__isnull=False)
    rows = found.select_related("survey", "customer__owner", "complaint", "order", "version")
    for response in rows.select_for_update(of=("self",)).order_by("pk"):
        _follow_one(response)


def _follow_one(response: Response) -> None:
    changed = response.changed_at is not None
    if response.complaint is None:
        if needs_an_answer(response):
            open_complaint(response)
    elif changed and response.complaint.is_open:
        _tell_complaint(response, response.complaint)


def needs_an_answer(response: Response) -> bool:
    return response.callback or response.band == Band.LOW


@transaction.atomic
def open_complaint(response: Response) -> Complaint:
    customer: Any = response.customer
    with translation.override(Setting.get("mail.language")):
        title = _title(response)
    complaint: Complaint = Complaint.open_for(
        customer.held(),
        actor="",
        title=title,
        details=response.comment,
        kind=Complaint.Kind.OTHER,
        channel=Complaint.Channel.WEB,
        order=response.order,
        owner=owner_of(response),
    )
    promise(complaint, response)
    Response.objects.filter(pk=response.pk).update(complaint=complaint)
    return complaint


def promise(complaint: Complaint, response: Response) -> None:
    """The first answer is due by the clock: that is what the customer was told."""
    hours = timedelta(hours=Setting.get("feedback.promise_hours"))
    begun = response.changed_at or response.at
    Complaint.objects.filter(pk=complaint.pk).update(
        answer_due_at=begun + hours, answer_warn_at=begun + hours * WARNED_AT
    )
    complaint.refresh_from_db()


def owner_of(response: Response) -> User | None:
    """The customer's own, the survey's, else whoever may hand complaints over."""
    known = [getattr(response.customer, "owner", None), response.survey.owner]
    for user in known:
        if user and user.is_active:
            return user
    roles = [role for role, rights in ROLES.items() if "complaints.assign" in rights]
    managers_first = Case(When(role="manager", then=0), default=1)
    return User.objects.who_can_sign_in().filter(role__in=roles).order_by(managers_first, "pk").first()


def _title(response: Response) -> str:
    said = {"survey": response.survey.name, "score": score_in_words(response)}
    if response.score is None:
        return (_("Please call: %(survey)s") % said)[:160]
    if response.callback:
        return (_("Please call: %(score)s, %(survey)s") % said)[:160]
    return (_("Low score: %(score)s, %(survey)s") % said)[:160]


def score_in_words(response: Response) -> str:
    """“3 of 10”."""
    scale = SCALES.get(response.survey.kind)
    if response.score is None or scale is None:
        return ""
    return _("%(score)s of %(highest)s") % {"score": response.score, "highest": scale.highest}


def _tell_complaint(response: Response, complaint: Complaint) -> None:
    """Good now: nobody has begun, so it is closed; somebody has, so they read of it."""
    with translation.override(Setting.get("mail.language")):
        said = _("The customer changed the answer: %(score)s.") % {"score": score_in_words(response) or "–"}
    if not needs_an_answer(response) and is_untouched(complaint):
        complaint.solve(actor="", outcome=said)
        complaint.tell(actor="")
        complaint.close()
        return
    body = f"{said}\n\n{response.comment}".strip()
    if not Note.objects.filter(complaint=complaint, at__gte=response.changed_at, body=body).exists():
        Note.log(complaint.customer, Note.Kind.NOTE, body, complaint=complaint)


def is_untouched(complaint: Complaint) -> bool:
    """Nobody has answered, written anything down or handed it over."""
    handed = Event.objects.filter(
        subject_type="crm.complaint", subject_id=complaint.pk, kind__in=["complaint.assigned", "complaint.edited"]
    )
    return complaint.stage == Stage.RECEIVED and not complaint.notes.exists() and not handed.exists()


# ---- Asked again -----------------------------------------------------------------------------------
def ask_again(events: Iterable[Event]) -> int:
    """Once, when the complaint of a low score is closed: the same question. Not of an answer that is good by now,
    and not of one to a question that was itself asked again.
    """
    days = Setting.get("feedback.ask_again_days")
    ids = {event.subject_id for event in events if event.subject_id}
    asked = Invitation.objects.filter(complaint=OuterRef("complaint"), trigger=Trigger.REASK)
    low = Response.objects.filter(complaint__in=ids, complaint__closed_at__isnull=False).exclude(
        Exists(asked.exclude(state=Invitation.State.NOT_SENT))
    )
    rows = low.exclude(invitation__trigger=Trigger.REASK).select_related("survey", "complaint").order_by("pk")
    return sum(_ask_again(row, timedelta(days=days)) for row in rows if days and row.band == Band.LOW)


def _ask_again(response: Response, wait: timedelta) -> int:
    complaint: Any = response.complaint
    cause = f"reask:{response.pk}:{complaint.reopened}"
    due_at = (complaint.closed_at or timezone.now()) + wait
    wish = Wish(complaint.customer_id, cause, due_at, order=response.order_id, complaint=complaint.pk)
    return invite_many(response.survey, Trigger.REASK, [wish])
