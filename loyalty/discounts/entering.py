"""Entering codes: wrong ones are counted, so that nobody finds one by trying."""

from collections.abc import Iterable
from datetime import timedelta

from loyalty.discounts import codes
from loyalty.discounts.buyer import Buyer
from shop.models import Throttle

SCOPE, SEEN = "discount_code", "discount_code_seen"
PER = timedelta(minutes=10)
OF_ONE, OF_PASSERS_BY = 10, 300  # wrong codes of one buyer; of all whom nobody knows, at one till or web shop


class TooManyTries(Exception):
    def __init__(self, retry_after: int) -> None:
        super().__init__(f"wait {retry_after} seconds")
        self.retry_after = retry_after


def _who(actor: str, buyer: Buyer) -> tuple[str, int]:
    if not buyer.is_known:
        return actor, OF_PASSERS_BY
    return f"{actor} {buyer.customer_id or ' '.join(buyer.marks)}", OF_ONE


def look(actor: str, buyer: Buyer) -> None:
    """Before any code is looked up. Raises TooManyTries."""
    key, limit = _who(actor, buyer)
    verdict = Throttle.look(SCOPE, key, limit)
    if not verdict.allowed:
        raise TooManyTries(verdict.retry_after)


def count(actor: str, buyer: Buyer, wrong: Iterable[str]) -> None:
    """A basket that is priced again with the same wrong code is no new try."""
    key, limit = _who(actor, buyer)
    for code in {codes.plain(text) for text in wrong}:
        if Throttle.hit(SEEN, f"{key}\n{code}", 1, PER).allowed:
            Throttle.hit(SCOPE, key, limit, PER)


def finished(typed: Iterable[str]) -> list[str]:
    """A page that prices while somebody types sees the beginnings of codes too; no code is that short."""
    return [text for text in typed if len(codes.plain(text)) >= codes.LENGTH]
