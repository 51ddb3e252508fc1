"""What complaints show on the card, on Today and in the navigation (config/panels.py lists these)."""

from typing import Any

from django.db.models import Count, DateTimeField, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.card.panels import sentence
from crm.complaints.words import due_of
from crm.models import Complaint, Customer
from crm.panels import NextStep, Panel
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import NOW, Given, prepared

SHOWN = 8
CHOICES = 100  # of complaints that a conversation can be about
TONIGHT = Given(lambda _about: timezone.localtime().replace(hour=23, minute=59, second=59), DateTimeField())
HEAVIEST = 200  # a late complaint comes before every task and every risk


@once
@prepared
def counts_of(user: Any) -> Any:
    mine = Complaint.objects.open().filter(owner=user, next_due_at__isnull=False).order_by().values("owner")
    counts = {
        "pressing": Count("pk", filter=Q(next_warn_at__lte=NOW)),
        "late": Count("pk", filter=Q(next_due_at__lt=NOW)),
    }
    return mine.annotate(**counts).values_list("pressing", "late")


def mine_pressing(user: Any) -> tuple[int, bool]:
    """How many of mine are late or have a quarter of their time left, and whether one is late."""
    pressing, late = next(iter(counts_of(user)), (0, 0))
    return pressing, bool(late)


@once
def open_complaints(customer: Customer) -> Any:
    """Asked for once a page: panel, next step and composer show the same rows. Who never complained has no tally."""
    return _open_complaints(customer) if hasattr(customer, "complaint_tally") else None


@prepared
def _open_complaints(customer: Any) -> Any:
    rows = Complaint.objects.open().filter(customer=customer).most_pressing()
    return rows.select_related("owner").defer("details", "outcome")[:CHOICES]


def complaints_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    if not request.user.may("complaints.work"):
        return None
    rows = [(complaint, due_of(complaint)) for complaint in list(open_complaints(customer) or ())[:SHOWN]]
    tally = getattr(customer, "complaint_tally", None)
    context = {"rows": rows, "closed": max((tally.complaints if tally else 0) - len(rows), 0)}
    return Panel("crm/complaints/_panel.html", context, order=30)


def late_complaint(request: StaffRequest, customer: Customer) -> NextStep | None:
    """The heaviest sentence of all: somebody is waiting for us."""
    for complaint in list(open_complaints(customer) or ())[:1]:
        due = due_of(complaint)
        if due and due.tone and request.user.may("complaints.work"):
            weight = HEAVIEST + min(max(-due.minutes, 0) // 60, 50) if due.tone == "bad" else HEAVIEST - 50
            return _step(complaint, sentence(complaint.title), weight)
    return None


def _step(complaint: Complaint, text: str, weight: int) -> NextStep:
    due = due_of(complaint)
    why = sentence(_cap(due.badge)) if due else ""
    return NextStep(
        text=text, why=why, weight=weight, action_url=complaint.get_absolute_url(), action_label=_("Open the complaint")
    )


def _cap(words: str) -> str:
    return words[:1].upper() + words[1:]


@once
def my_pressing(request: StaffRequest) -> Any:
    """Late, or due by the end of today."""
    return _pressing_of(request.user)


@prepared
def _pressing_of(user: Any) -> Any:
    mine = Complaint.objects.open().filter(Q(next_due_at__lte=TONIGHT) | Q(next_warn_at__lte=NOW))
    mine = mine.filter(owner=user).most_pressing().select_related("customer").defer("details", "outcome")
    return mine[:SHOWN]


def complaints_today(request: StaffRequest) -> Panel | None:
    rows = [(complaint, due_of(complaint)) for complaint in my_pressing(request)]
    return Panel("crm/complaints/_today.html", {"rows": rows}, zone="main", order=1) if rows else None


def late_complaint_today(request: StaffRequest) -> NextStep | None:
    for complaint in list(my_pressing(request))[:1]:
        due = due_of(complaint)
        if due and due.tone == "bad":
            text = _("Start with %(name)s.") % {"name": complaint.customer}
            step = _step(complaint, text, HEAVIEST)
            return NextStep(
                text=text,
                why=f"{sentence(complaint.title)} {step.why}",
                weight=HEAVIEST,
                action_url=step.action_url,
                action_label=step.action_label,
            )
    return None


def new_complaint(customer: Customer) -> str:
    return f"{reverse('crm:complaint_new')}?customer={customer.pk}"
