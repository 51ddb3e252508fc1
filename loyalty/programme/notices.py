"""Mails to customers whose tier ends in 60, 30 or 7 days, with the exact amount that is still needed."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy, ngettext

from crm.mail.kinds import Mail
from crm.models import Message
from loyalty.models import Standing, TierPeriod, TierScheme
from shop import formats
from shop.currency import currency_in_force

STAGES = (7, 30, 60)
MAIL = "tier_ends"
BATCH = 1000

MAILS = [
    Mail(
        MAIL,
        gettext_lazy("Tier that ends"),
        "points",
        placeholders={
            "tier": gettext_lazy("name of the tier"),
            "until": gettext_lazy("last day of the tier"),
            "missing": gettext_lazy("what is still needed to keep it"),
        },
        mint="loyalty.programme.notices.minted",
        still_true="loyalty.programme.notices.no_longer",
        samples={"tier": "Gold", "until": "31.12.2026", "missing": "£120.00"},
    ),
]


def send(day: date) -> int:
    """Each of the three once a period. A night that was missed is made up for by the next one."""
    sent = 0
    for stage, low in zip(STAGES, (0, 8, 31), strict=True):
        ends = (day + timedelta(days=low), day + timedelta(days=stage))
        sent += sum(_queue(period, stage) for period in _ending(*ends))
    return sent


def _ending(first: date, last: date) -> list[TierPeriod]:
    """Open, not earned again, and not given by hand: that one ends whatever is bought."""
    open_ = TierPeriod.objects.open().filter(kept_until__range=(first, last)).exclude(why=TierPeriod.Why.GIVEN)
    return list(open_.filter(customer__standing__to_keep__gt=0).select_related("customer").order_by("customer_id"))


def cause(period: TierPeriod, stage: int) -> str:
    return f"tier:{period.pk}:{period.kept_until.isoformat()}:{stage}"


def _queue(period: TierPeriod, stage: int) -> bool:
    if Message.objects.filter(cause=cause(period, stage)).exists():
        return False
    Message.queue(period.customer, "points", MAIL, cause(period, stage))
    return True


def minted(message: Message) -> dict[str, str]:
    """As it is when it leaves, in the language of the mail."""
    standing = Standing.objects.select_related("tier").get(customer=message.customer)
    with translation.override(message.language or "en"):
        return {
            "tier": str(standing.tier),
            "until": formats.day(standing.kept_until) if standing.kept_until else "",
            "missing": amount(standing.to_keep or 0),
        }


def amount(value: Any, metric: str = "") -> str:
    """So much of what counts, in words."""
    scheme = TierScheme.in_force_at() if not metric else None
    metric = metric or (scheme.metric if scheme else "spend")
    if metric == TierScheme.Metric.SPEND:
        return formats.money(value, currency_in_force())
    if metric == TierScheme.Metric.POINTS:
        return ngettext("%(n)s point", "%(n)s points", int(value)) % {"n": formats.number(value)}
    return ngettext("%(n)s order", "%(n)s orders", int(value)) % {"n": formats.number(value)}


def no_longer(messages: list[Message]) -> dict[int, str]:
    """Earned again meanwhile, or over: nothing is said about it."""
    ids = [message.customer_id for message in messages]
    needed = Standing.objects.filter(customer__in=ids, to_keep__gt=0, kept_until__gte=timezone.localdate())
    still = set(needed.values_list("customer_id", flat=True))
    return {message.pk: "no_longer_true" for message in messages if message.customer_id not in still}
