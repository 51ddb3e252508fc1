"""What the tests of the till say to the API, and a shop in which points are earned and spent."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from loyalty.models import Account, CategoryFactor, EarningRule
from tests import build

keys = (f"key-{number}" for number in count(1))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def rule(*, categories: dict[str, int] | None = None, **terms: Any) -> EarningRule:
    """A point for each unit of money, in force since 2020."""
    made = EarningRule.objects.create(**terms)
    for category, factor in (categories or {}).items():
        CategoryFactor.objects.create(rule=made, category=category, factor=factor)
    EarningRule.objects.filter(pk=made.pk).update(since=LONG_AGO, published_at=LONG_AGO)
    return made


def points(customer: Any, number: int, **more: Any) -> Account:
    account = Account.of(customer)
    account.earn(number, **{"reason": "gift", "key": next(keys), "kind": "bonus", **more})
    account.refresh_from_db()
    return account


class Till:
    """The shop's software: every call with a key of its own unless one is given."""

    def __init__(self, *scopes: str) -> None:
        self.headers = {"authorization": f"Bearer {build.api_key('till', *(scopes or ('till.use', 'orders.add')))}"}

    def post(self, address: str, body: dict[str, Any], *, key: str = "") -> Any:
        headers = {**self.headers, "idempotency-key": key or next(keys)}
        return Client(headers=headers).post(f"/api/v1/{address}", json.dumps(body), content_type="application/json")

    def quote(self, **body: Any) -> Any:
        return self.post("till/quotes/", body)

    def hold(self, reference: str = "1001", *, key: str = "", **body: Any) -> Any:
        return self.post("till/holds/", {"reference": reference, **body}, key=key)

    def at_once(self, reference: str = "1001", *, key: str = "", **body: Any) -> Any:
        return self.post("till/sales/", {"reference": reference, **body}, key=key)

    def commit(self, hold: int, *, key: str = "", **body: Any) -> Any:
        return self.post(f"till/holds/{hold}/commit/", body, key=key)

    def void(self, hold: int, *, key: str = "") -> Any:
        return self.post(f"till/holds/{hold}/void/", {}, key=key)

    def preview(self, reference: str = "1001", **body: Any) -> Any:
        return self.post("till/returns/preview/", {"reference": reference, **body})

    def take_back(self, reference: str = "1001", *, key: str = "", **body: Any) -> Any:
        return self.post("till/returns/", {"reference": reference, **body}, key=key)

    def sell(self, reference: str = "1001", **body: Any) -> dict[str, Any]:
        held = self.hold(reference, **body).json()
        return self.commit(held["hold"]).json()


def lines(*prices: str) -> list[dict[str, Any]]:
    """ "3x2.50" is three of them; SKUs are A, B, C …"""
    return [_line(at, price) for at, price in enumerate(prices)]


def _line(at: int, price: str) -> dict[str, Any]:
    quantity, times, unit = price.rpartition("x")
    return {
        "sku": "ABCDEFGH"[at],
        "name": f"Thing {at + 1}",
        "category": "things",
        "quantity": quantity if times else 1,
        "unit_price": unit,
    }


def sums(customer: Any) -> tuple[int, int, int, int]:
    account = Account.of(customer)
    account.refresh_from_db()
    return account.available, account.pending, account.held, account.debt


def days(number: int) -> datetime:
    return timezone.now() + timedelta(days=number)


def money(text: str) -> Decimal:
    return Decimal(text)
