"""What a basket costs with these offers. Pure: the same values in, the same price out.

Lanes in order: item, order, shipping, then points as payment; each works on what the one before left, and in each the
one offer that is best for the customer wins. An exclusive offer stands alone, and wins only against less.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from loyalty.discounts.basket import (
    LANES,
    ZERO,
    Applied,
    Basket,
    Comparison,
    Line,
    Offer,
    PointsToPay,
    Priced,
    PricedLine,
    Refused,
)
from loyalty.discounts.bidding import Bid, Shelf
from loyalty.discounts.rounding import major, minor, split
from loyalty.discounts.why_not import BEATEN_BY, EXCLUSIVE_CONFLICT, refused_at_once

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class _Way:
    """One way to price the basket: what wins, what does not, what it takes off."""

    shelf: Shelf
    won: list[Bid]
    refused: list[Refused]

    @property
    def off(self) -> int:
        return sum(bid.value for bid in self.won)


def price(basket: Basket, offers: Iterable[Offer], *, at: datetime, points: PointsToPay | None = None) -> Priced:
    refused, usable = [], []
    for offer in offers:
        no = refused_at_once(offer, at)
        (refused.append(no) if no else usable.append(offer))
    shelf = Shelf.of(basket)
    together = _combined(shelf.fresh(), [offer for offer in usable if not offer.exclusive])
    alone = _alone(shelf.fresh(), [offer for offer in usable if offer.exclusive])
    way, comparison = _better(together, alone, basket.currency)
    return _priced(basket, at, way, [*refused, *way.refused], comparison, points)


def _combined(shelf: Shelf, offers: Sequence[Offer]) -> _Way:
    way = _Way(shelf, [], [])
    before: Bid | None = None
    for lane in LANES:
        bids, refused = _bids(shelf, [offer for offer in offers if offer.lane == lane], before)
        way.refused += refused
        if best := _best(bids):
            shelf.take(best)
            way.won.append(best)
            way.refused += [_beaten(bid, best, shelf) for bid in bids if bid is not best]
            before = best
    return way


def _alone(shelf: Shelf, offers: Sequence[Offer]) -> _Way:
    bids, refused = _bids(shelf, offers, None)
    way = _Way(shelf, [], refused)
    if best := _best(bids):
        shelf.take(best)
        way.won.append(best)
        way.refused += [_beaten(bid, best, shelf) for bid in bids if bid is not best]
    return way


def _bids(shelf: Shelf, offers: Iterable[Offer], before: Bid | None) -> tuple[list[Bid], list[Refused]]:
    """`before`: who won the lane before; what it left nothing for is beaten by it."""
    bids, refused = [], []
    for offer in offers:
        answer = shelf.bid(offer, before)
        if isinstance(answer, Bid):
            bids.append(answer)
        else:
            refused.append(answer)
    return bids, refused


def _best(bids: Iterable[Bid]) -> Bid | None:
    """Ties: whichever expires earlier, then the lower number."""
    return min(bids, key=lambda bid: (-bid.value, bid.offer.expires_at or NEVER, bid.offer.id), default=None)


def _beaten(bid: Bid, best: Bid, shelf: Shelf) -> Refused:
    own, other = shelf.money(bid.value), shelf.money(best.value)
    return Refused(bid.offer, BEATEN_BY, by=best.offer, own=own, other=other)


def _better(together: _Way, alone: _Way, currency: str) -> tuple[_Way, Comparison | None]:
    if not alone.won:
        return _Way(together.shelf, together.won, [*together.refused, *alone.refused]), None
    exclusive = alone.won[0]
    sums = Comparison(exclusive.offer, major(alone.off, currency), major(together.off, currency))
    winner, loser = (alone, together) if sums.alone_wins else (together, alone)
    won, lost = major(winner.off, currency), major(loser.off, currency)
    by = exclusive.offer if sums.alone_wins else None
    conflict = [Refused(bid.offer, EXCLUSIVE_CONFLICT, by=by, own=lost, other=won) for bid in loser.won]
    refused = [*together.refused, *alone.refused, *conflict]
    return _Way(winner.shelf, winner.won, refused), sums if together.won else None


def _priced(
    basket: Basket,
    at: datetime,
    way: _Way,
    refused: Sequence[Refused],
    comparison: Comparison | None,
    points: PointsToPay | None,
) -> Priced:
    money, shelf = way.shelf.money, way.shelf
    used, shares = _paid_by_points(shelf, points, basket.currency)
    lines = tuple(
        PricedLine(line, money(full), money(full - left), money(share))
        for line, full, left, share in zip(basket.lines, shelf.full, shelf.left, shares, strict=False)
    )
    shipping = PricedLine(
        Line("", "", Decimal(1), basket.shipping),
        money(shelf.shipping),
        money(shelf.shipping - shelf.shipping_left),
        money(shares[-1]),
    )
    applied = tuple(_applied(bid, shelf) for bid in way.won)
    ordered = tuple(sorted(refused, key=lambda one: one.offer.id))
    return Priced(basket, at, lines, shipping, applied, ordered, comparison, used, money(sum(shares)))


def _applied(bid: Bid, shelf: Shelf) -> Applied:
    return Applied(
        offer=bid.offer,
        desired=shelf.money(bid.desired),
        amount=shelf.money(bid.value),
        clipped=bid.clipped,
        lines=tuple(shelf.money(share) for share in bid.shares),
        shipping=shelf.money(bid.value) if bid.offer.lane == "shipping" else ZERO,
    )


def _paid_by_points(shelf: Shelf, points: PointsToPay | None, currency: str) -> tuple[int, list[int]]:
    """Whole points, never worth more than what is left to pay; their money over the lines and the shipping."""
    left = [*shelf.left, shelf.shipping_left]
    if points is None or points.points <= 0 or points.value <= 0:
        return 0, [0] * len(left)
    used = min(points.points, int(major(sum(left), currency) / points.value))
    paid = min(minor(used * points.value, currency), sum(left))
    return used, split(paid, left)
