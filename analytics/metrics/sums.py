"""What all figures of one period and one group are made of: counts and sums that add up over customers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from shop.intervals import Interval, ratio_of_sums

HORIZONS = (30, 60, 90, 180, 365)


@dataclass(frozen=True)
class Moved:
    """Customers: S, E, and how E came about, as in movement.Movement; lapsed at the start."""

    start: int = 0
    end: int = 0
    new: int = 0
    kept: int = 0
    returned: int = 0
    first_seen: int = 0
    tried_and_left: int = 0
    lapsed: int = 0

    @property
    def churned(self) -> int:
        return self.start - self.kept

    def __add__(self, other: Moved) -> Moved:
        return Moved(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True)
class Ratio:
    """Σy ÷ Σx over n customers, with what its interval by linearisation needs."""

    n: int = 0
    y: float = 0.0
    x: float = 0.0
    yy: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    @property
    def interval(self) -> Interval:
        return ratio_of_sums(self.n, self.y, self.x, self.yy, self.xx, self.xy)

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True)
class Season:
    """Customers who spent something in the window a year ago (Σ r0), and what they spend in the same window now."""

    net: Ratio = Ratio()  # Σ r1 ÷ Σ r0
    gross: Ratio = Ratio()  # Σ max(0, min(r1, r0)) ÷ Σ r0
    lost: Ratio = Ratio()  # of those with r1 <= 0
    shrunk: Ratio = Ratio()  # r0 - r1 of those who spend less
    lost_customers: int = 0
    shrunk_customers: int = 0

    def __add__(self, other: Season) -> Season:
        return Season(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True)
class Sums:
    """Money in the shop's currency. `window` and `bought`: the two declared modes of active.

    spent: net ÷ orders of the period, by the day of the order; its parts make the frequency too. revenue: with
    returns on the day of the return. late: given back of orders of the period after it was over. again: within so
    many days a second occasion, of those whose days ended in the period. referred: of new customers. worth: net
    until the end ÷ customers. email: [ratio, low, high, customers with, without], or None. said: as in said.py.
    """

    window: Moved = Moved()
    bought: Moved = Moved()
    spent: Ratio = Ratio()
    median_order: float | None = None
    revenue: float = 0.0
    late: float = 0.0
    late_orders: int = 0
    season: Season = Season()
    again: dict[str, list[int]] = field(default_factory=lambda: {str(days): [0, 0] for days in HORIZONS})
    referred: list[int] = field(default_factory=lambda: [0, 0])
    worth: Ratio = Ratio()
    email: list[float] | None = None
    customers: int = 0
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def frequency(self) -> Ratio:
        """Orders ÷ buyers: the parts of `spent`, read the other way."""
        n, orders = self.spent.n, self.spent.x
        return Ratio(n, orders, n, self.spent.xx, n, orders)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Sums:
        season: dict[str, Any] = {
            name: Ratio(**one) if isinstance(one, dict) else one for name, one in stored["season"].items()
        }
        made = {
            "window": Moved(**stored["window"]),
            "bought": Moved(**stored["bought"]),
            "spent": Ratio(**stored["spent"]),
            "worth": Ratio(**stored["worth"]),
            "season": Season(**season),
        }
        return cls(**{**stored, **made})
