"""On the customer's own card: what they complained of, and how far it is (config/panels.py)."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm.complaints.stages import Stage
from crm.models import Complaint, Customer
from crm.panels import Panel
from shop import formats
from shop.at_once import once
from shop.prepared import prepared

SHOWN = 5


@once
@prepared
def complaints_of(customer: Any) -> Any:
    found = Complaint.objects.open().filter(customer=customer).select_related("order")
    return found.defer("details", "outcome").order_by("-opened_at", "-pk")[:SHOWN]


def complaints_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """What staff wrote about it stays with them; it is in the copy of one's data."""
    rows = [(complaint, how_far(complaint)) for complaint in complaints_of(customer)]
    return Panel("crm/complaints/_me.html", {"rows": rows}, zone="me", order=35) if rows else None


def how_far(complaint: Complaint) -> str:
    """In the customer's words; a time is only named while it is kept."""
    if complaint.waiting_since:
        return _("We asked you something and wait for your answer.")
    if complaint.stage == Stage.RECEIVED:
        return _answer(complaint)
    return {
        Stage.ACKNOWLEDGED: _("We have answered; somebody of us takes care of it."),
        Stage.IN_WORK: _("Somebody of us works on it."),
        Stage.SOLVED: _("It is solved; you will hear from us."),
        Stage.TOLD: _("We have told you what was done. If it is not right, answer our mail."),
    }[Stage(complaint.stage)]


def _answer(complaint: Complaint) -> str:
    if complaint.is_late:
        return _("We have it. Our answer takes longer than we promised.")
    day, clock = formats.local(complaint.answer_due_at)
    return _("We have it and answer by %(day)s, %(time)s.") % {"day": formats.day(day), "time": clock}
