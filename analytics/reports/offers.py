"""What the page Offers says: of each discount from which somebody was held back by lot, whether it helped."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from loyalty.discounts.helped import Helped, Window, helped_of
from loyalty.models import Discount
from shop.charts.base import Chart, Column, Row
from shop.typed import number_in

PAGE = 25


@dataclass(frozen=True)
class Offer:
    discount: Discount
    helped: Helped

    @property
    def url(self) -> str:
        return f"{self.discount.get_absolute_url()}#helped"

    @property
    def window(self) -> Window | None:
        """The longest time after the lots that is over."""
        return self.helped.latest

    @property
    def ready_on(self) -> datetime | None:
        return self.helped.windows[0].ready_on


@dataclass(frozen=True)
class Report:
    """The newest first; after: where the next page goes on, or nothing."""

    offers: list[Offer]
    after: int | None

    @classmethod
    def of(cls, asked_after: str) -> "Report":
        rows = Discount.objects.filter(versions__assignments__held_back__gt=0).distinct().order_by("-pk")
        if (last := number_in(asked_after)) is not None:
            rows = rows.filter(pk__lt=last)
        found = list(rows[: PAGE + 1])
        shown = found[:PAGE]
        helped = helped_of([discount.pk for discount in shown])
        offers = [Offer(discount, helped[discount.pk]) for discount in shown if discount.pk in helped]
        return cls(offers, shown[-1].pk if len(found) > PAGE else None)


@dataclass(frozen=True)
class Table(Chart):
    """The same as a file."""

    offers: list[Offer]

    @property
    def columns(self) -> list[Column]:
        return [
            Column(_("Discount"), "text"),
            Column(_("Got the discount")),
            Column(_("Held back")),
            Column(_("Days")),
            Column(_("Came back, got the discount"), "percent", 1),
            Column(_("Came back, held back"), "percent", 1),
            Column(_("Difference"), "percent", 1),
            Column(_("95% from"), "percent", 1),
            Column(_("95% to"), "percent", 1),
            Column(_("More revenue per customer"), "money", 2),
            Column(_("95% from"), "money", 2),
            Column(_("95% to"), "money", 2),
        ]

    def rows(self) -> list[Row]:
        return [_row(offer) for offer in self.offers]


def _row(offer: Offer) -> Row:
    window, helped = offer.window, offer.helped
    head = [offer.discount.name, helped.reached, helped.held_back]
    if window is None:
        return Row([*head, *[None] * 9])
    change, revenue = window.came_back, window.revenue
    shares = [window.reached.share.value, window.held_back.share.value, change.value, change.low, change.high]
    return Row([*head, window.days, *shares, revenue.value, revenue.low, revenue.high])
