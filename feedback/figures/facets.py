"""What answers add to the questions one can ask about a customer (config/facets.py lists them)."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.facets import Facet
from crm.models import Complaint

OPEN_LOW = Exists(Complaint.objects.open().filter(customer=OuterRef("pk"), responses__isnull=False))


def has_open_low(value: str) -> Q:
    return Q(OPEN_LOW) if value == "yes" else ~Q(OPEN_LOW)


def unknown(value: str) -> Q | None:
    return Q(last_scores=None) if value == "-" else None


def _score(kind: str, label: Any) -> Facet:
    return Facet(
        f"last_{kind}",
        label,
        "number",
        F(f"last_scores__{kind}"),
        join="last_scores",
        order_index=f"last_scores_by_{kind}",
        column=False,
    )


FACETS = [
    _score("nps", _("Last NPS")),
    _score("csat", _("Last CSAT")),
    _score("ces", _("Last CES")),
    Facet(
        "last_answer",
        _("Last answer to a survey"),
        "date",
        F("last_scores__at"),
        condition=unknown,
        join="last_scores",
        moment=True,
        order_index="last_answer_by_day",
        column=False,
    ),
    Facet("open_low_score", _("Open low score"), "yes_no", OPEN_LOW, column=False, condition=has_open_low),
]
