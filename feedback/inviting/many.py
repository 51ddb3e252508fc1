"""A survey for a segment: first who would get it, then all of them at once, with progress; it can be taken back.

Who is meant is asked anew when it is sent. A worker that dies begins again: whoever was invited is not invited twice.
"""

from collections import Counter
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_noop

from crm.contact import budget
from crm.models import Customer
from crm.segments.selection import Selection
from feedback.inviting.asking import Wish, invite_many
from feedback.models import Invitation, Survey
from shop.jobs import job
from shop.models import Cancelled, Job

INVITE = "feedback.invite_segment"
STAGE = gettext_noop("Inviting customers")
PART = 5000
RIGHT = "surveys.edit"
CALLED_OFF = "called_off"


class NoLongerAllowed(Exception):
    """Whoever asked for it may not send surveys any more."""


def ids_of(selection: Selection) -> list[int]:
    return list(selection.customers.order_by("pk").values_list("pk", flat=True))


def reach(ids: list[int]) -> Counter[str]:
    """How many would get it now (""), and how many would not or only later, by reason."""
    return budget.reach(ids, "feedback")


def ask(survey: Survey, selection: str, *, by: Any, key: str) -> Job:
    """Once per key: a button pressed twice is one send."""
    return Job.request(
        INVITE, lane=f"{INVITE}:{key}", period=key, by=by, survey=survey.pk, name=survey.name, selection=selection
    )


def batch_of(asked: Job) -> str:
    return f"segment:{asked.pk}"


def invitations_of(asked: Job) -> Any:
    return Invitation.objects.filter(batch=batch_of(asked))


@job(INVITE)
def invite_segment(claimed: Job) -> dict[str, Any]:
    survey = Survey.objects.get(pk=claimed.params["survey"])
    try:
        return {"invited": _invite(claimed, survey)}
    except Cancelled:
        claimed.refresh_from_db()
        if claimed.cancel_requested_at:
            call_off(claimed)
        raise


def _invite(claimed: Job, survey: Survey) -> int:
    ids, now = ids_of(selected(claimed)), timezone.now()
    for begin in range(0, len(ids), PART):
        claimed.progress(STAGE, begin, len(ids))
        part = ids[begin : begin + PART]
        wishes = [Wish(pk, f"segment:{claimed.pk}:{pk}", now) for pk in part]
        invite_many(survey, Invitation.Trigger.SEGMENT, wishes, batch=batch_of(claimed))
    return invitations_of(claimed).count()


def selected(claimed: Job) -> Selection:
    """As whoever asked for it would see them now. Raises NoLongerAllowed."""
    by = claimed.requested_by
    if by is None or not by.may(RIGHT):
        raise NoLongerAllowed
    Customer.objects.allowed(by, RIGHT)
    return Selection.read(QueryDict(claimed.params["selection"]), by)


def call_off(asked: Job) -> int:
    """What has not left does not leave, however many they are: each mail is dropped when its turn comes."""
    waiting = invitations_of(asked).filter(state=Invitation.State.WAITING)
    return int(waiting.update(state=Invitation.State.NOT_SENT, why=CALLED_OFF))
