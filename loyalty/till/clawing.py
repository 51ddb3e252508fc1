"""Discounts that need a minimum even after a return: when what is kept does not reach it, they are taken back."""

from collections.abc import Mapping
from decimal import Decimal

from crm.models import Order
from loyalty.discounts.basket import Basket, Line, Offer, Refused
from loyalty.discounts.bidding import Shelf
from loyalty.discounts.rounding import major, minor, split
from loyalty.models import Redemption, SoldLine
from loyalty.models.discount import DiscountVersion
from loyalty.models.goods_back import SHIPPING
from shop.currency import currency_in_force


def lost(order: Order, sold: Mapping[int, SoldLine]) -> set[int]:
    """The redemptions whose minimum is not reached by what is kept, though something is."""
    strict = Redemption.objects.filter(
        order=order, state="committed", version__on_return=DiscountVersion.OnReturn.MINIMUM
    ).select_related("version")
    kept = _kept(order, sold)
    if not kept.lines:
        return set()
    shelf = Shelf.of(kept)
    return {one.pk for one in strict if isinstance(shelf.bid(_terms(one), None), Refused)}


def take_back(order: Order, sold: Mapping[int, SoldLine], money: Decimal) -> Decimal:
    """Charges what is kept with the discount it had, as far as the refund goes. Returns how much."""
    gone = lost(order, sold)
    if not gone or not money:
        return Decimal(0)
    currency = currency_in_force()
    weights = {position: 0 for position, row in sold.items() if row.left}
    for redemption in Redemption.objects.filter(pk__in=gone).prefetch_related("lines"):
        for line in redemption.lines.all():
            if line.position in weights:
                row = sold[line.position]
                weights[line.position] += minor(line.amount * row.left / row.quantity, currency)
    whole = min(sum(weights.values()), minor(money, currency))
    for position, share in zip(weights, split(whole, list(weights.values())), strict=True):
        if share:
            sold[position].charged += major(share, currency)
            sold[position].save(update_fields=["charged"])
    return major(whole, currency)


def _kept(order: Order, sold: Mapping[int, SoldLine]) -> Basket:
    lines = [
        Line(line.sku, line.category, sold[line.position].left, line.unit_price)
        for line in order.lines.order_by("position")
        if line.position in sold and sold[line.position].left
    ]
    shipping = sold[SHIPPING].kept if SHIPPING in sold else Decimal(0)
    return Basket(tuple(lines), shipping, currency_in_force())


def _terms(redemption: Redemption) -> Offer:
    version = redemption.version
    return Offer(
        id=redemption.grant_id,
        version=version.pk,
        name="",
        kind="percent",
        lane="order",
        percent=Decimal(100),
        goods=version.goods,
        minimum=version.minimum,
    )
