"""What points add to the questions one can ask about a customer (config/facets.py lists them)."""

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from crm.facets import Facet
from loyalty.models import Account, Lot

# Of points that are free: when the first of them are over.
NEXT_END = Subquery(
    Lot.objects.free()
    .filter(account=OuterRef("account"), expires_at__isnull=False)
    .order_by("expires_at")
    .values("expires_at")[:1]
)


def unknown(value: str) -> Q | None:
    """Who has no account. Asked so, the database knows how many those are."""
    return ~Q(Exists(Account.objects.filter(customer=OuterRef("pk")))) if value == "-" else None


IN_ALL = F("account__available") + F("account__pending") + F("account__held")

FACETS = [
    Facet("points", _("Points"), "number", F("account__available"), join="account", condition=unknown, column=False),
    Facet(
        "points_pending",
        _("Points that wait"),
        "number",
        F("account__pending"),
        join="account",
        condition=unknown,
        column=False,
    ),
    Facet(
        "points_held",
        _("Points put aside"),
        "number",
        F("account__held"),
        join="account",
        condition=unknown,
        column=False,
    ),
    Facet("points_in_all", _("Points in all"), "number", IN_ALL, join="account", condition=unknown, column=False),
    Facet(
        "points_debt", _("Points owed"), "number", F("account__debt"), join="account", condition=unknown, column=False
    ),
    Facet("points_end", _("Points expire"), "date", NEXT_END, join="account", moment=True, column=False),
]
