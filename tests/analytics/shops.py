"""A small shop whose customers buy at random, the same every time."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from crm.models import Customer, Order
from tests import build

AS_OF = date(2026, 6, 1)


def random_shop(customers: int = 90, seed: int = 1) -> list[Customer]:
    """Enough buyers for a model; each buys once a month or so, some stop, ids as the database gives them."""
    chance = np.random.default_rng(seed)
    made = [build.customer(f"Customer {n}") for n in range(customers)]
    orders = []
    for customer in made:
        day, gap = float(chance.integers(200, 500)), chance.gamma(2.0, 15.0)
        while day > 0:
            orders.append(order(customer, round(day), f"{chance.gamma(3.0, 15.0):.2f}"))
            if chance.random() < 0.15:
                break
            day -= 1 + chance.gamma(2.0, gap)
    Order.objects.bulk_create(orders)
    return made


def order(customer: Customer, days_ago: int, total: str) -> Order:
    """Not saved; at noon, so many days before AS_OF."""
    at = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC) - timedelta(days=days_ago)
    reference = f"R-{next(build._numbers)}"
    return Order(customer=customer, source="shop", reference=reference, placed_at=at, paid_at=at, total=total)
