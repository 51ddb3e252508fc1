"""On the customer's own card: what they were asked and have not answered yet (config/panels.py)."""

from typing import Any

from django.http import HttpRequest

from crm.models import Customer
from crm.panels import Panel
from feedback.models import Invitation
from shop.at_once import once
from shop.prepared import NOW, prepared

SHOWN = 5


@once
@prepared
def asked_of(customer: Any) -> Any:
    rows = Invitation.objects.open(NOW).filter(customer=customer, due_at__lte=NOW, test=False)
    asked = rows.filter(survey__archived_at=None).select_related("survey", "order")
    return asked.order_by("-due_at", "-pk")[:SHOWN]


def open_invitations(customer: Customer) -> list[Invitation]:
    return list(asked_of(customer))


def invitations_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    rows = open_invitations(customer)
    return Panel("feedback/answering/_invitations.html", {"rows": rows}, zone="me", order=45) if rows else None
