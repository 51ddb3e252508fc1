"""What answers show on the card and on Today (config/panels.py lists these)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from crm.complaints.words import due_of
from crm.models import Customer
from crm.panels import Panel
from feedback.following.low_scores import score_in_words
from feedback.inviting.waiting_list import Row
from feedback.models import Invitation, Response
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import prepared

SHOWN = 3
TODAY = 8


@dataclass(frozen=True)
class Said:
    """One answer as staff see it; who may not see authors of comments sees the score without the words."""

    response: Response
    words: bool

    @property
    def score(self) -> str:
        return score_in_words(self.response)

    @property
    def comment(self) -> str:
        return self.response.comment if self.words else ""

    @property
    def tone(self) -> str:
        return {"low": "bad", "high": "good"}.get(str(self.response.band), "line")

    @property
    def is_open(self) -> bool:
        complaint = self.response.complaint
        return bool(complaint and complaint.is_open)

    @property
    def due(self) -> Any:
        return due_of(self.response.complaint) if self.response.complaint else None


@once
@prepared
def answers_of(customer: Any) -> Any:
    rows = Response.objects.counted().filter(customer=customer).select_related("survey", "complaint")
    return rows.order_by("-at", "-pk")[:SHOWN]


@once
@prepared
def asked_of(customer: Any) -> Any:
    """The newest invitation: on its way, sent, or not sent with the reason."""
    rows = Invitation.objects.filter(customer=customer, test=False).select_related("survey", "message")
    return rows.order_by("-invited_at", "-pk")[:1]


def answers_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    if not request.user.may("customers.view"):
        return None
    words = request.user.may("comments.see_author")
    asked = next(iter(asked_of(customer)), None)
    context = {
        "rows": [Said(one, words) for one in answers_of(customer)],
        "asked": Row(asked) if asked and asked.state != Invitation.State.ANSWERED else None,
        "may_ask": request.user.may("customers.edit") and not customer.erased_at,
    }
    return Panel("feedback/following/_panel.html", context, order=31)


@once
def low_scores_of(request: StaffRequest) -> Any:
    return _low_scores_of(request.user)


@prepared
def _low_scores_of(user: Any) -> Any:
    """Mine, and those that nobody owns, the next promise first."""
    mine = Q(complaint__owner=user) | Q(complaint__owner=None)
    rows = Response.objects.counted().filter(mine, complaint__isnull=False, complaint__closed_at=None)
    rows = rows.select_related("survey", "complaint", "customer")
    return rows.order_by(F("complaint__next_due_at").asc(nulls_last=True), "pk")[: TODAY + 1]


def low_scores_today(request: StaffRequest) -> Panel | None:
    if not request.user.may("complaints.work"):
        return None
    words = request.user.may("comments.see_author")
    rows = [Said(one, words) for one in low_scores_of(request)]
    context = {"rows": rows[:TODAY], "more": len(rows) > TODAY}
    return Panel("feedback/following/_today.html", context, zone="main", order=2) if rows else None
