"""What one use of a discount is worth, as limits and forecasts count it: by what an order of this shop usually is."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from loyalty.discounts.rounding import quantised
from loyalty.models import DiscountVersion
from shop.currency import currency_in_force

LATEST = 5000
Kind = DiscountVersion.Kind

_USUAL = """
    SELECT coalesce(avg(greatest(total - shipping, 0)), 0), coalesce(avg(shipping), 0),
           coalesce(avg(greatest(total - shipping, 0) / greatest(lines, 1)), 0)
      FROM (SELECT o.total, o.shipping, (SELECT count(*) FROM crm_orderline l WHERE l.order_id = o.id) AS lines
              FROM crm_order o WHERE cancelled_at IS NULL AND paid_at IS NOT NULL AND net > 0
             ORDER BY id DESC LIMIT %s) AS latest
"""


@dataclass(frozen=True)
class Usual:
    """The average of the latest orders of which something was kept: their goods, their shipping, one line of them."""

    goods: Decimal
    shipping: Decimal
    line: Decimal

    @classmethod
    def now(cls) -> "Usual":
        with connection.cursor() as cursor:
            cursor.execute(_USUAL, [LATEST])
            return cls(*cursor.fetchone())

    def worth(self, version: Any) -> Decimal:
        """Of one use: what the terms give on an usual order, and never more than the maximum."""
        base = self.shipping if version.lane == "shipping" else self.line if version.lane == "item" else self.goods
        worth = {
            Kind.PERCENT: base * Decimal(version.percent) / 100,
            Kind.AMOUNT: Decimal(version.amount),
            Kind.FREE_ITEM: self.line,
            Kind.FREE_SHIPPING: self.shipping,
            Kind.FIXED_PRICE: max(self.line - Decimal(version.amount), Decimal(0)),
        }[Kind(version.kind)]
        if version.maximum is not None:
            worth = min(worth, version.maximum)
        return quantised(worth, currency_in_force())


def most(version: Any) -> Decimal | None:
    """What one use can cost at most; None: the terms set no end."""
    if version.maximum is not None:
        return Decimal(version.maximum)
    return Decimal(version.amount) if version.kind == Kind.AMOUNT else None
