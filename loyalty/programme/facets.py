"""What tiers add to the questions one can ask about a customer (config/facets.py lists them)."""

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.facets import Facet
from loyalty.models import Tier
from shop.typed import number_in


def tiers() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Tier.objects.order_by("pk").values_list("pk", "name")]


def of_tier(value: str) -> Q | None:
    if value == "-":
        return Q(reach__tiered=False)  # an index has those; looking for nothing among a million takes long
    tier = number_in(value)
    return Q(standing__tier=tier) if tier is not None else None


def at_risk() -> Q:
    today = timezone.localdate()
    return Q(standing__at_risk_on__lte=today, standing__kept_until__gte=today)


def in_danger(value: str) -> Q:
    return at_risk() if value == "yes" else ~at_risk()


FACETS = [
    Facet(
        "tier",
        _("Tier"),
        "choice",
        F("standing__tier__name"),
        join="standing",
        choices=tiers,
        condition=of_tier,
        blank=True,
        column=False,
    ),
    Facet(
        "tier_at_risk",
        _("Tier about to be lost"),
        "yes_no",
        at_risk,
        join="standing",
        condition=in_danger,
        column=False,
    ),
    Facet(
        "tier_until",
        _("Tier kept until"),
        "date",
        F("standing__kept_until"),
        join="standing",
        order_index="standing_by_kept_until",
        column=False,
    ),
    Facet(
        "to_next_tier",
        _("Missing to the next tier"),
        "number",
        F("standing__to_next"),
        join="standing",
        order_index="standing_by_to_next",
        column=False,
    ),
]
