"""What can be asked about a customer: list, filters, columns, sort, saved views, segments, API, export."""

from django.db.models import F
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from analytics.facets import FACETS as FIGURES
from crm.facets import Facet, staff_choices

FACETS = [
    Facet(
        "name",
        _("Customer"),
        "text",
        F("name"),
        order=Lower("name"),
        order_index="customer_by_name",
        column=False,
    ),
    Facet("city", _("Town"), "text", F("city"), column=False),
    Facet("country", _("Country"), "text", F("country"), column=False),
    Facet("source", _("Source"), "text", F("source"), column=False),
    *FIGURES,
    Facet("owner", _("Owner"), "choice", F("owner_id"), choices=staff_choices, blank=True),
    Facet("created", _("Since"), "date", F("created_at"), moment=True, order_index="customer_newest", column=False),
]
