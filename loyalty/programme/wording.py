"""Rules, tiers and rewards in sentences."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from loyalty.models import EarningRule, Reward, TierScheme
from shop import formats
from shop.currency import currency_in_force

PARTS = {
    "rule": pgettext_lazy("part of the programme", "how points are earned"),
    "scheme": pgettext_lazy("part of the programme", "tiers"),
    "reward": pgettext_lazy("part of the programme", "a reward"),
    "challenge": pgettext_lazy("part of the programme", "a challenge"),
}


def plain(value: Decimal | int) -> str:
    """1.500 → 1.5; 2.000 → 2, as one writes it."""
    exact = Decimal(value)
    digits = max(-int(exact.normalize().as_tuple().exponent), 0)
    return formats.number(exact, digits)


def money(value: Decimal) -> str:
    return formats.money(value, currency_in_force())


def points(n: Decimal | int) -> str:
    if n != int(n):
        return pgettext("a fraction, like 1.5", "%(n)s points") % {"n": plain(n)}
    return ngettext("%(n)s point", "%(n)s points", int(n)) % {"n": plain(n)}


def sentences(rule: EarningRule) -> list[str]:
    """What a rule says, the main thing first; what it does not do is left out."""
    return [*_spending(rule), *_bonuses(rule), _dates(rule)]


def _spending(rule: EarningRule) -> Iterator[str]:
    yield _("%(points)s for every %(money)s paid for goods.") % {
        "points": points(rule.points),
        "money": money(rule.per),
    }
    if rule.minimum:
        yield _("Orders below %(money)s earn nothing.") % {"money": money(rule.minimum)}
    for category in rule.categories.all():
        said = _("%(category)s: %(factor)s times as much.") if category.factor else _("%(category)s: no points.")
        yield said % {"category": category.category, "factor": plain(category.factor)}
    for row in rule.tiers.all():
        if row.factor != 1:
            yield _("%(tier)s: %(factor)s times as much.") % {"tier": row.tier, "factor": plain(row.factor)}


def _bonuses(rule: EarningRule) -> Iterator[str]:
    if rule.first_order:
        yield _("The first order: %(points)s more.") % {"points": points(rule.first_order)}
    if rule.birthday_factor != 1:
        said = ngettext(
            "Within %(n)s day of the birthday: %(factor)s times as much.",
            "Within %(n)s days of the birthday: %(factor)s times as much.",
            rule.birthday_days,
        )
        yield said % {"n": rule.birthday_days, "factor": plain(rule.birthday_factor)}
    for value, said in (
        (rule.birthday_gift, _("For the birthday: %(points)s.")),
        (rule.profile, _("For a card with name, e-mail and birthday: %(points)s, once.")),
        (rule.survey, _("For an answered survey: %(points)s.")),
        (rule.referral_inviter, _("For inviting somebody who buys: %(points)s.")),
        (rule.referral_invited, _("For coming on an invitation: %(points)s.")),
    ):
        if value:
            yield said % {"points": points(value)}


def _dates(rule: EarningRule) -> str:
    begin = _("at once")
    if rule.return_days:
        begin = ngettext("%(n)s day after payment", "%(n)s days after payment", rule.return_days)
        begin %= {"n": rule.return_days}
    end = _("for ever")
    if rule.keep_months:
        end = ngettext("for %(n)s month", "for %(n)s months", rule.keep_months) % {"n": rule.keep_months}
    return _("Points can be spent %(begin)s and are good %(end)s.") % {"begin": begin, "end": end}


def counted(metric: str, value: Decimal) -> str:
    """So much of what counts towards a tier."""
    if metric == TierScheme.Metric.SPEND:
        return money(value)
    if metric == TierScheme.Metric.POINTS:
        return points(value)
    return ngettext("%(n)s order", "%(n)s orders", int(value)) % {"n": plain(value)}


def how(scheme: TierScheme) -> str:
    said = _("What counts: %(metric)s, in %(window)s.")
    return said % {"metric": scheme.get_metric_display(), "window": scheme.get_window_display()}


def gives(reward: Reward) -> str:
    """What one gets for the points."""
    if reward.kind == Reward.Kind.PRODUCT:
        return reward.product
    if reward.kind == Reward.Kind.PERCENT:
        return _("%(n)s%% off") % {"n": plain(reward.percent or 0)}
    return _("%(money)s off") % {"money": money(reward.amount or Decimal(0))}


def conditions(reward: Reward) -> list[str]:
    said: list[Any] = []
    if reward.minimum:
        said.append(_("from a purchase of %(money)s") % {"money": money(reward.minimum)})
    if reward.tier:
        said.append(_("from %(tier)s on") % {"tier": reward.tier})
    if reward.starts_on:
        said.append(_("from %(day)s") % {"day": formats.day(reward.starts_on)})
    if reward.ends_on:
        said.append(_("until %(day)s") % {"day": formats.day(reward.ends_on)})
    return said
