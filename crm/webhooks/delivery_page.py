"""The deliveries of one webhook, page by page, never counted beyond a few."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext_lazy

from crm.models import Delivery, Webhook
from shop.typed import number_in

SIZE = 25
State = Delivery.State
LISTS: dict[str, tuple[Any, str]] = {
    "all": (pgettext_lazy("webhook deliveries", "All"), ""),
    "waiting": (pgettext_lazy("webhook deliveries", "Waiting"), State.WAITING),
    "failed": (pgettext_lazy("webhook deliveries", "Failed"), State.FAILED),
    "delivered": (pgettext_lazy("webhook deliveries", "Delivered"), State.DELIVERED),
}


@dataclass(frozen=True)
class DeliveryPage:
    name: str
    rows: list[Delivery]
    following: int | None

    @property
    def tabs(self) -> list[tuple[str, Any, bool]]:
        return [(name, label, name == self.name) for name, (label, _state) in LISTS.items()]


def read(webhook: Webhook, asked: Any) -> DeliveryPage:
    """`asked`: the query of the address; what cannot be read is left out."""
    name = asked.get("list", "")
    name = name if name in LISTS else "all"
    rows = Delivery.objects.filter(webhook=webhook).select_related("event").defer("body", "event__data")
    if state := LISTS[name][1]:
        rows = rows.filter(state=state)
    if (before := number_in(asked.get("before", ""))) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: SIZE + 1])
    return DeliveryPage(name, found[:SIZE], found[SIZE - 1].pk if len(found) > SIZE else None)
