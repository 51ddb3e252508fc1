"""The settings that decide what a figure means, as they were when a run began."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from crm import revenue
from shop.models import Setting


@dataclass(frozen=True)
class Definition:
    """active_days 0: not decided yet, the run proposes it. Thresholds are probabilities."""

    zone: str
    active_days: int
    count_free_orders: bool
    rfm_months: int
    overdue_below: float
    at_risk_below: float
    at_risk_alive_below: float
    likely_lost_below: float
    tax_and_shipping: bool = True  # are part of revenue
    margin: float = 0.0  # share of what is spent; 0: not known

    @classmethod
    def in_force(cls) -> "Definition":
        settings = Setting.all()
        return cls(
            zone=settings["shop.time_zone"],
            active_days=settings["analytics.active_days"],
            count_free_orders=settings["analytics.count_free_orders"],
            rfm_months=settings["analytics.rfm_months"],
            margin=float(settings["analytics.margin"]) / 100,
            tax_and_shipping=settings[revenue.WITH_TAX_AND_SHIPPING],
            **{name: float(settings[f"analytics.{name}"]) for name in THRESHOLDS},
        )

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Definition":
        return cls(**stored)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def changed_at() -> datetime | None:
        """When a person last changed what the figures mean, or whether anything is foretold."""
        begun = Setting.objects.filter(name__in=SETTINGS, since__lte=timezone.now())
        return begun.aggregate(at=Max("since"))["at"]


THRESHOLDS = ("overdue_below", "at_risk_below", "at_risk_alive_below", "likely_lost_below")
SETTINGS = (
    "shop.time_zone",
    revenue.WITH_TAX_AND_SHIPPING,
    *(
        f"analytics.{name}"
        for name in ("active_days", "count_free_orders", "rfm_months", "margin", "score", *THRESHOLDS)
    ),
)
