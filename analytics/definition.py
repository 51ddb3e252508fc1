"""The settings that decide what a figure means, as they were when a run began."""

from dataclasses import asdict, dataclass
from typing import Any

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

    @classmethod
    def in_force(cls) -> "Definition":
        settings = Setting.all()
        return cls(
            zone=settings["shop.time_zone"],
            active_days=settings["analytics.active_days"],
            count_free_orders=settings["analytics.count_free_orders"],
            rfm_months=settings["analytics.rfm_months"],
            **{name: float(settings[f"analytics.{name}"]) for name in THRESHOLDS},
        )

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Definition":
        return cls(**stored)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


THRESHOLDS = ("overdue_below", "at_risk_below", "at_risk_alive_below", "likely_lost_below")
