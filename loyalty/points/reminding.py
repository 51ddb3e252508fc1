"""Mails to customers whose points end soon: once in the days before, with all that end in them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Min, Sum
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy, ngettext

from crm.contact.standing import standing
from crm.mail.first import SOME_DAY
from crm.mail.kinds import Mail
from crm.models import Message
from loyalty.models import Account, Lot
from loyalty.points.days import last_day
from shop import formats
from shop.models import Setting

MAIL = "points_end"
BATCH = 1000


def counted(points: int) -> str:
    return ngettext("%(n)s point", "%(n)s points", points) % {"n": formats.number(points)}


MAILS = [
    Mail(
        MAIL,
        gettext_lazy("Points that end"),
        "points",
        placeholders={
            "points": gettext_lazy("how many points end soon"),
            "until": gettext_lazy("last day of the first of them"),
        },
        mint="loyalty.points.reminding.minted",
        still_true="loyalty.points.reminding.no_longer",
        samples={"points": lazy(counted, str)(120), "until": SOME_DAY},
    ),
]


class Ending(NamedTuple):
    points: int
    first: datetime


def send(at: datetime | None = None) -> int:
    """Returns how many were written to. Who does not want to hear of points is passed over."""
    at, days = at or timezone.now(), Setting.get("points.remind_days")
    if not days:
        return 0
    return sum(_remind(ids, at, days) for ids in _batches(at, days))


def _batches(at: datetime, days: int) -> Iterator[list[int]]:
    """Customers with an account in which something begins or ends within the days."""
    soon = Account.objects.filter(next_change_at__lte=at + timedelta(days=days), available__gt=0)
    soon = soon.filter(customer__merged_into=None, customer__erased_at=None)
    last = 0
    while ids := list(
        soon.filter(customer__gt=last).order_by("customer").values_list("customer_id", flat=True)[:BATCH]
    ):
        yield ids
        last = ids[-1]


def _remind(ids: list[int], at: datetime, days: int) -> int:
    told = Message.objects.filter(customer__in=ids, template=MAIL, queued_at__gt=at - timedelta(days=days))
    ids = sorted(set(ids) - set(told.values_list("customer_id", flat=True)))
    ends = {pk: ending for pk, ending in ending_soon(ids, at, days).items() if ending.points >= _fewest()}
    allowed = [pk for pk, found in standing(list(ends), "points").items() if not found.why]
    for account in Account.objects.filter(customer__in=allowed).select_related("customer").order_by("customer"):
        cause = f"{MAIL}:{account.customer_id}:{ends[account.customer_id].first:%Y-%m-%d}"
        Message.queue(account.customer, "points", MAIL, cause)
    return len(allowed)


def _fewest() -> int:
    """Fewer cannot be paid with, so there is nothing one could do about them."""
    return int(Setting.get("till.fewest_points"))


def ending_soon(customers: Sequence[int], at: datetime, days: int) -> dict[int, Ending]:
    """What can be spent now and ends within the days."""
    lots = Lot.objects.free().available(at).filter(account__customer__in=customers)
    rows = lots.filter(expires_at__lte=at + timedelta(days=days)).values("account__customer").order_by()
    sums = rows.annotate(points=Sum(F("remaining") - F("held")), first=Min("expires_at"))
    return {row["account__customer"]: Ending(row["points"], row["first"]) for row in sums}


def minted(message: Message) -> dict[str, str]:
    """As it is when it leaves, in the language of the mail."""
    found = _now([message]).get(message.customer_id or 0)
    if found is None:
        return {"points": "", "until": ""}
    return {"points": counted(found.points), "until": formats.day(last_day(found.first))}


def no_longer(messages: list[Message]) -> dict[int, str]:
    """Spent meanwhile: nothing is said about it."""
    still = _now(messages)
    return {message.pk: "no_longer_true" for message in messages if message.customer_id not in still}


def _now(messages: list[Message]) -> dict[int, Ending]:
    ids: list[Any] = [message.customer_id for message in messages]
    return ending_soon(ids, timezone.now(), Setting.get("points.remind_days") or 1)
