"""On the customer's own card: what they were asked and have not answered yet (config/panels.py)."""

from django.http import HttpRequest
from django.utils import timezone

from crm.models import Customer
from crm.panels import Panel
from feedback.models import Invitation

SHOWN = 5


def open_invitations(customer: Customer) -> list[Invitation]:
    rows = Invitation.objects.open().filter(customer=customer, due_at__lte=timezone.now(), test=False)
    asked = rows.filter(survey__archived_at=None).select_related("survey", "order")
    return list(asked.order_by("-due_at", "-pk")[:SHOWN])


def invitations_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    rows = open_invitations(customer)
    return Panel("feedback/answering/_invitations.html", {"rows": rows}, zone="me", order=45) if rows else None
