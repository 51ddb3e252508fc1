"""Whether a discount helped so far: who got it by lot against who was held back by lot, however many used it.

Counted from the moment of the lots; only whoever's days are over. Nobody is taken out afterwards for anything they did.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any, Literal

from django.db import connection
from django.utils import timezone

from shop.charts.whisker import Whisker
from shop.formats import number
from shop.intervals import Interval, Z, difference_of_shares, share

WINDOWS = (30, 60, 90)
POWER = 0.8416212335729143  # eight times in ten, a difference as large as that is found

_ARMS = """
    WITH bought AS (
        SELECT drawn.discount_id, drawn.customer_id, drawn.held_back, w.days, sum(o.net) AS net
          FROM loyalty_drawn AS drawn
          JOIN loyalty_assignment AS a ON a.id = drawn.assignment_id AND a.held_back > 0
          JOIN crm_order AS o ON o.customer_id = drawn.customer_id AND o.cancelled_at IS NULL
                             AND o.paid_at IS NOT NULL AND o.placed_at >= drawn.at
          JOIN unnest(%(windows)s::int[]) AS w (days) ON o.placed_at < drawn.at + make_interval(days => w.days)
                             AND drawn.at + make_interval(days => w.days) <= %(now)s
         WHERE drawn.discount_id = ANY(%(discounts)s)
         GROUP BY 1, 2, 3, 4),
    lots AS (
        SELECT drawn.discount_id, drawn.held_back, w.days, count(*) AS n
          FROM loyalty_drawn AS drawn
          JOIN loyalty_assignment AS a ON a.id = drawn.assignment_id AND a.held_back > 0
          JOIN unnest(%(windows)s::int[]) AS w (days) ON drawn.at + make_interval(days => w.days) <= %(now)s
         WHERE drawn.discount_id = ANY(%(discounts)s)
         GROUP BY 1, 2, 3)
    SELECT lots.discount_id, lots.held_back, lots.days, lots.n, count(bought.net), coalesce(sum(bought.net), 0),
           coalesce(sum(bought.net * bought.net), 0)
      FROM lots LEFT JOIN bought USING (discount_id, held_back, days)
     GROUP BY 1, 2, 3, 4
"""

_LOTS = """
    SELECT d.discount_id, count(*) FILTER (WHERE NOT d.held_back), count(*) FILTER (WHERE d.held_back), min(d.at)
      FROM loyalty_drawn AS d JOIN loyalty_assignment AS a ON a.id = d.assignment_id AND a.held_back > 0
     WHERE d.discount_id = ANY(%s)
     GROUP BY 1
    HAVING count(*) FILTER (WHERE d.held_back) > 0
"""

Said = Literal["helped", "did_not", "cannot_tell"]


@dataclass(frozen=True)
class Arm:
    """Those who got it, or those held back: how many, how many came back, what they spent."""

    customers: int = 0
    came_back: int = 0
    revenue: Decimal = Decimal(0)
    squares: Decimal = Decimal(0)

    @property
    def share(self) -> Interval:
        return share(self.came_back, self.customers)

    @property
    def each(self) -> float:
        return float(self.revenue) / self.customers if self.customers else float("nan")

    @property
    def spread(self) -> float:
        """The variance of the mean."""
        if self.customers < 2:
            return float("inf")
        n = self.customers
        return max(float(self.squares) - float(self.revenue) ** 2 / n, 0.0) / (n - 1) / n


@dataclass(frozen=True)
class Window:
    days: int
    reached: Arm
    held_back: Arm
    ready_on: datetime | None

    @property
    def is_over(self) -> bool:
        return bool(self.reached.customers and self.held_back.customers)

    @property
    def came_back(self) -> Interval:
        one, other = self.reached, self.held_back
        return difference_of_shares(one.came_back, one.customers, other.came_back, other.customers)

    @property
    def points(self) -> list[str]:
        """The same in percentage points, as they are read: the difference, and from where to where."""
        change = self.came_back
        return [signed(100 * value) for value in (change.value, change.low, change.high)]

    @property
    def revenue(self) -> Interval:
        """Of one customer, reached less held back."""
        change = self.reached.each - self.held_back.each
        half = Z * sqrt(self.reached.spread + self.held_back.spread)
        return Interval(change, change - half, change + half)

    @property
    def whisker(self) -> Whisker:
        change = self.came_back
        return Whisker(change.value, change.low, change.high, (-0.3, 0.3))

    @property
    def verdict(self) -> Said:
        """By who came back; revenue of a few large orders says less."""
        return {"up": "helped", "down": "did_not", "cannot_tell": "cannot_tell"}[self.came_back.verdict()]  # type: ignore[return-value]


@dataclass(frozen=True)
class Helped:
    reached: int
    held_back: int
    windows: list[Window]

    @property
    def latest(self) -> Window | None:
        """The longest that is over."""
        return next((window for window in reversed(self.windows) if window.is_over), None)


def helped(discount: Any, now: datetime | None = None) -> Helped | None:
    """None: nobody was ever held back from it."""
    return helped_of([discount.pk], now).get(discount.pk)


def helped_of(discounts: list[int], now: datetime | None = None) -> dict[int, Helped]:
    """Of several at once; without those from which nobody was held back."""
    now = now or timezone.now()
    arms: dict[int, dict[tuple[bool, int], Arm]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_LOTS, [discounts])
        lots = cursor.fetchall()
        cursor.execute(_ARMS, {"discounts": [pk for pk, *_lot in lots], "windows": list(WINDOWS), "now": now})
        for pk, held, days, *rest in cursor.fetchall():
            arms[pk][(held, days)] = Arm(*rest)
    return {
        pk: Helped(reached, held_back, [_window(arms[pk], days, first) for days in WINDOWS])
        for pk, reached, held_back, first in lots
    }


def _window(arms: dict[tuple[bool, int], Arm], days: int, first: datetime) -> Window:
    return Window(days, arms.get((False, days), Arm()), arms.get((True, days), Arm()), first + timedelta(days=days))


def signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value, 1)}"


def smallest_seen(reached: int, held_back: int, usual: float) -> float | None:
    """The smallest difference of shares that so many customers would show, eight times in ten; None: none at all."""
    if not reached or not held_back:
        return None
    usual = min(max(usual, 0.01), 0.99)
    seen = (Z + POWER) * sqrt(usual * (1 - usual) * (1 / reached + 1 / held_back))
    return seen if seen < 1 - usual else None
