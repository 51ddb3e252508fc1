"""How the API writes what the till says."""

from typing import Any

from loyalty.discounts import codes
from loyalty.discounts.basket import Applied, Refused
from loyalty.models import Checkout
from loyalty.till.paying import Bill, Paid
from loyalty.till.quoting import Quote
from shop.currency import currency_in_force


def quote(quoted: Quote) -> dict[str, Any]:
    priced = quoted.priced
    return {
        "currency": currency_in_force(),
        **bill(quoted.bill),
        "discounts": [applied(one) for one in priced.applied],
        "full": str(priced.full),
        "discount": str(priced.discount),
        "total": str(priced.to_pay),
        "points_used": quoted.points,
        "paid_by_points": str(priced.by_points),
        "points_spendable": quoted.spendable,
        "point_value": str(quoted.value),
        "points_earned": quoted.earned.points,
        "why_not": [*map(refused, quoted.refused), *_codes(quoted), *_points(quoted)],
    }


def bill(told: Bill) -> dict[str, Any]:
    return {
        "lines": [{"sku": one.item.sku, "quantity": str(one.item.quantity), **_sums(one)} for one in told.lines],
        "shipping": _sums(told.shipping),
    }


def _sums(part: Paid) -> dict[str, str]:
    return {
        "full": str(part.full),
        "discount": str(part.discount),
        "by_points": str(part.by_points),
        "total": str(part.money),
    }


def applied(one: Applied) -> dict[str, Any]:
    return {
        "grant": one.offer.id,
        "name": one.offer.name,
        "amount": str(one.amount),
        "desired": str(one.desired),
        "clipped": one.clipped or None,
    }


def refused(one: Refused) -> dict[str, Any]:
    """Only what there is to say about this one."""
    told: dict[str, Any] = {"grant": one.offer.id, "name": one.offer.name, "code": one.code}
    for name in ("missing", "own", "other"):
        if (value := getattr(one, name)) is not None:
            told[name] = str(value)
    if one.at:
        told["at"] = one.at.isoformat()
    if one.by:
        told["by"] = one.by.id
    return told


def _codes(quoted: Quote) -> list[dict[str, Any]]:
    return [{"entered": codes.ending(codes.plain(text)), "code": "unknown_code"} for text in quoted.unknown_codes]


def _points(quoted: Quote) -> list[dict[str, Any]]:
    return [
        {"points": one.points, "code": one.code, **({"at": one.at.isoformat()} if one.at else {})}
        for one in quoted.points_why_not
    ]


def checkout(one: Checkout) -> dict[str, Any]:
    """As it was quoted when it was put aside, and where it is now."""
    told = Bill.read(one.basket)
    taken = one.redemptions.select_related("grant__discount") if one.discount else ()
    return {
        "hold": one.pk,
        "state": one.state,
        "source": one.source,
        "reference": one.reference,
        "expires_at": one.expires_at.isoformat(),
        "order": one.order_id,
        "customer": one.customer_id,
        "currency": currency_in_force(),
        **bill(told),
        "discounts": [
            {
                "grant": redemption.grant_id,
                "name": redemption.grant.discount.name,
                "amount": str(redemption.amount),
                "desired": str(redemption.desired),
                "clipped": redemption.clipped or None,
            }
            for redemption in taken
        ],
        "full": str(told.sum("full")),
        "discount": str(told.sum("discount")),
        "total": str(told.sum("money")),
        "points_used": one.points,
        "paid_by_points": str(told.sum("by_points")),
        "points_earned": one.earns,
    }
