"""What a discount gives and under what conditions, in plain words; the same for staff and for the customer."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from loyalty.discounts import why_not
from loyalty.discounts.basket import Refused
from loyalty.models import DiscountVersion
from shop.currency import currency_in_force
from shop.formats import day, local, money, number

Kind, Lane = DiscountVersion.Kind, DiscountVersion.Lane


def amount(value: Decimal) -> str:
    return money(value, currency_in_force())


def percent(value: Decimal) -> str:
    plain = Decimal(value).normalize()
    return f"{number(plain, max(-int(plain.as_tuple().exponent), 0))}%"


def gives(version: Any) -> str:
    if version.kind == Kind.FREE_ITEM:
        return _("One item free")
    if version.kind == Kind.FREE_SHIPPING:
        return _("Free shipping")
    if version.kind == Kind.FIXED_PRICE:
        return _("Each for %(price)s") % {"price": amount(version.amount)}
    off = percent(version.percent) if version.kind == Kind.PERCENT else amount(version.amount)
    return {
        Lane.ITEM: _("%(off)s off these items"),
        Lane.ORDER: _("%(off)s off the order"),
        Lane.SHIPPING: _("%(off)s off shipping"),
    }[Lane(version.lane)] % {"off": off}


def conditions(version: Any) -> Iterator[str]:
    if version.skus or version.categories:
        yield _("Only for %(what)s.") % {"what": ", ".join([*version.categories, *version.skus])}
    if version.not_skus or version.not_categories:
        yield _("Not for %(what)s.") % {"what": ", ".join([*version.not_categories, *version.not_skus])}
    if version.minimum:
        yield _("On orders from %(amount)s.") % {"amount": amount(version.minimum)}
    if version.maximum is not None:
        yield _("At most %(amount)s off.") % {"amount": amount(version.maximum)}
    if version.exclusive:
        yield _("Not together with other discounts; the better counts.")


def uses(grant: Any) -> str:
    left = grant.uses_left
    if left is None:
        return _("As often as they like.")
    return ngettext("Once.", "%(n)s times.", left) % {"n": number(left)} if left else _("Used up.")


def until(grant: Any) -> str:
    return day(local(grant.last_day)[0]) if grant.expires_at else ""


def refused(no: Refused) -> str:
    """Why it is not applied, for whoever stands at the till."""
    # What has expired ended with the midnight after its last day.
    at = no.at - timedelta(microseconds=1) if no.at and no.code == why_not.EXPIRED else no.at
    values = {
        "missing": amount(no.missing or Decimal(0)),
        "day": day(local(at)[0]) if at else "",
        "other": amount(no.other or Decimal(0)),
        "own": amount(no.own or Decimal(0)),
        "by": no.by.name if no.by else "",
    }
    return _sentence(no) % values


def _sentence(no: Refused) -> str:
    if no.code == why_not.NOT_YOURS and no.offer.for_anybody:
        return _("Each may use it only so often: say whose basket it is.")
    if no.code == why_not.BEATEN_BY and no.own == no.other:
        return _("“%(by)s” gives as much, and one of them counts.")
    if no.code == why_not.EXCLUSIVE_CONFLICT and no.by:
        return _("“%(by)s” cannot be combined and gives more: %(other)s instead of %(own)s.")
    return _SENTENCES[no.code]()


_SENTENCES = {
    why_not.NOT_YOURS: lambda: _("It belongs to somebody else."),
    why_not.NEEDS_APPROVAL: lambda: _("Somebody must approve it first."),
    why_not.PAUSED: lambda: _("It is paused."),
    why_not.NOT_STARTED: lambda: _("It begins on %(day)s."),
    why_not.EXPIRED: lambda: _("It ended on %(day)s."),
    why_not.USED_UP: lambda: _("It has been used, or is put aside for another order."),
    why_not.BUDGET_EMPTY: lambda: _("Its budget is spent."),
    why_not.EXCLUDED_ITEMS: lambda: _("Nothing in the basket is part of it."),
    why_not.BELOW_MINIMUM: lambda: _("%(missing)s more is needed for it."),
    why_not.BEATEN_BY: lambda: _("“%(by)s” gives more: %(other)s instead of %(own)s."),
    why_not.EXCLUSIVE_CONFLICT: lambda: _("It cannot be combined; the others give %(other)s instead of %(own)s."),
}


def why_in_general(code: str) -> str:
    """Of many orders, not of one basket."""
    return _("Orders below its minimum") if code == why_not.BELOW_MINIMUM else _("Orders with nothing it is for")


def state(grant: Any) -> tuple[str, str]:
    """(word, tone) of a grant now, asked for with what is held of it."""
    now = timezone.now()
    if grant.pending_until and not grant.withdrawn_at:
        return pgettext("a discount", "waits for approval"), "warn"
    if grant.uses_left == 0 and grant.held:
        return pgettext("a discount", "put aside at the till"), "warn"
    if grant.uses_left == 0:
        return pgettext("a discount", "used"), "good"
    if grant.withdrawn_at:
        return pgettext("a discount", "taken back"), ""
    if grant.expires_at and grant.expires_at <= now:
        return pgettext("a discount", "ran out"), ""
    if grant.starts_at and grant.starts_at > now:
        return _("from %(day)s") % {"day": day(local(grant.starts_at)[0])}, ""
    return pgettext("a discount", "can be used"), "ours"
