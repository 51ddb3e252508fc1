"""What complaints add to the questions one can ask about a customer (config/facets.py lists them)."""

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.facets import Facet
from crm.models import Complaint

OPEN = Exists(Complaint.objects.open().filter(customer=OuterRef("pk")))


def has_open(value: str) -> Q:
    return Q(OPEN) if value == "yes" else ~Q(OPEN)


FACETS = [
    Facet("open_complaint", _("Open complaint"), "yes_no", OPEN, column=False, condition=has_open),
    Facet(
        "complaints",
        _("Complaints"),
        "number",
        F("complaint_tally__complaints"),
        join="complaint_tally",
        order_index="complaint_tally_by_number",
        column=False,
    ),
    Facet(
        "last_complaint",
        _("Last complaint"),
        "date",
        F("complaint_tally__last_at"),
        join="complaint_tally",
        moment=True,
        order_index="complaint_tally_by_day",
        column=False,
    ),
]
