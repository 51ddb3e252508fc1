"""Mails of the programme: a tier that ends in 60, 30 or 7 days, one that was reached, points for a birthday."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm.contact.standing import standing
from crm.mail.first import SOME_DAY
from crm.mail.kinds import Mail
from crm.models import Customer, Event, Message, Order
from loyalty.models import Entry, Standing, TierPeriod, TierScheme, TierStep
from loyalty.points.days import last_day
from loyalty.points.reminding import counted
from shop import formats
from shop.currency import currency_in_force
from shop.models import Setting

STAGES = (7, 30, 60)
MAIL = "tier_ends"
REACHED = "tier_reached"
BIRTHDAY = "birthday_gift"
FRESH = timedelta(days=3)  # who bought longer ago has not just reached something


def _mail(
    name: str, label: Any, words: dict[str, tuple[Any, Any]], mint: str, topic: str = "points", still_true: str = ""
) -> Mail:
    """`words`: what can stand in its text -> (what that is, an example)."""
    return Mail(
        name,
        label,
        topic,
        placeholders={word: meaning for word, (meaning, _sample) in words.items()},
        samples={word: sample for word, (_meaning, sample) in words.items()},
        mint=f"{__name__}.{mint}",
        still_true=still_true and f"{__name__}.{still_true}",
    )


def good(day: date) -> str:
    return _("until %(day)s") % {"day": formats.day(day)}


_TIER = {
    "tier": (gettext_lazy("name of the tier"), "Gold"),
    "until": (gettext_lazy("last day of the tier"), SOME_DAY),
}
MAILS = [
    _mail(
        MAIL,
        gettext_lazy("Tier that ends"),
        {**_TIER, "missing": (gettext_lazy("what is still needed to keep it"), "£120.00")},
        "minted",
        still_true="no_longer",
    ),
    _mail(
        REACHED,
        gettext_lazy("Tier that was reached"),
        {**_TIER, "benefits": (gettext_lazy("what one has of the tier"), "…")},
        "minted_reached",
        still_true="other_by_now",
    ),
    _mail(
        BIRTHDAY,
        gettext_lazy("Points for the birthday"),
        {
            "points": (gettext_lazy("how many points were given"), lazy(counted, str)(100)),
            "good": (gettext_lazy("until when they are good"), lazy(good, str)(SOME_DAY)),
        },
        "minted_birthday",
        topic="birthday",
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


def tell_reached(events: list[Event]) -> int:
    """Of tier.changed: whoever rose by what they have just bought. New tiers for everybody are no news to each."""
    if not Setting.get("points.tell_tier"):
        return 0
    lowest = TierStep.in_force().first()
    risen = {
        event.customer_id: event
        for event in events
        if event.data["what"] == TierPeriod.Why.REACHED and lowest and event.data["tier"] != str(lowest.tier)
    }
    bought = Order.objects.filter(customer__in=list(risen), placed_at__gt=timezone.now() - FRESH, net__gt=0)
    told = _wanting(set(bought.values_list("customer_id", flat=True)), "points")
    for customer in told:
        event = risen[customer.pk]
        Message.queue(customer, "points", REACHED, f"{REACHED}:{event.pk}", context={"tier": event.data["tier"]})
    return len(told)


def tell_birthday(customer: Customer, year: int) -> None:
    """In the transaction that gives the points; who said nothing about birthdays gets them without a word."""
    for wanting in _wanting({customer.pk}, "birthday"):
        Message.queue(wanting, "birthday", BIRTHDAY, f"{BIRTHDAY}:{customer.pk}:{year}")


def _wanting(customers: set[int], purpose: str) -> list[Customer]:
    allowed = [pk for pk, found in standing(sorted(customers), purpose).items() if not found.why]
    return list(Customer.objects.present().filter(pk__in=allowed).order_by("pk"))


def minted_reached(message: Message) -> dict[str, str]:
    row = Standing.objects.select_related("tier").get(customer=message.customer)
    until = formats.day(row.kept_until) if row.kept_until else ""
    return {"tier": str(row.tier or ""), "until": until, "benefits": row.tier.benefits if row.tier else ""}


def other_by_now(messages: list[Message]) -> dict[int, str]:
    """Another tier meanwhile: that one is told, or nothing."""
    ids = [message.customer_id for message in messages]
    now = dict(Standing.objects.filter(customer__in=ids).values_list("customer", "tier__name"))
    return {m.pk: "no_longer_true" for m in messages if now.get(m.customer_id or 0) != m.context.get("tier")}


def minted_birthday(message: Message) -> dict[str, str]:
    year = message.cause.rpartition(":")[2]
    entry = Entry.objects.select_related("lot").get(account__customer=message.customer, key=f"birthday:{year}")
    over = entry.lot.expires_at
    return {
        "points": counted(entry.points),
        "good": good(last_day(over)) if over else pgettext("points", "for ever"),
    }
