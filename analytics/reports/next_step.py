"""The one sentence on top of a report that says what to do next, with the way there; none where nothing is pressing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Generation
from analytics.reports import rfm
from analytics.risk.lists import RiskList
from shop import formats
from shop.currency import currency_in_force


@dataclass(frozen=True)
class NextStep:
    text: str
    url: str
    label: Any


def of_risk(generation: Generation) -> NextStep | None:
    """Where the most is at stake today: as many as the list names."""
    found = RiskList(generation, "at_risk", timezone.localdate())
    n, stake = found.count(found.name), found.at_stake(found.name) or Decimal(0)
    if not n:
        return None
    text = ngettext(
        "%(n)s customer is at risk today, with %(money)s at stake. Begin there.",
        "%(n)s customers are at risk today, with %(money)s at stake. Begin with the first of them.",
        n,
    )
    names = {"n": formats.number(n), "money": formats.money(stake, currency_in_force(), whole=True)}
    return NextStep(text % names, reverse("analytics:at_risk"), _("Open the list"))


def of_groups(report: rfm.Report) -> NextStep | None:
    """Who was among the best and stays away."""
    group = next(one for one in report.standings if one.group == "cannot_lose")
    if not group.n:
        return None
    text = ngettext(
        "%(n)s customer who was among the best stays away. Call before you send a discount.",
        "%(n)s customers who were among the best stay away. Call them before you send a discount.",
        group.n,
    )
    return NextStep(text % {"n": formats.number(group.n)}, group.url, _("Open the list"))


def of_second_purchase(generation: Generation) -> NextStep | None:
    """By when a new customer should hear from the shop."""
    half = (generation.curves.get("second") or {}).get("half")
    if not half:
        return None
    text = _("Half of those who buy a second time have done so by day %(n)s. Remind new customers before that.")
    url = f"{reverse('analytics:at_risk')}?list=second_due"
    return NextStep(text % {"n": formats.number(half)}, url, _("Whose second purchase is due"))


def of_recovery(open_complaints: int) -> NextStep | None:
    if not open_complaints:
        return None
    text = ngettext(
        "%(n)s complaint is still open. An answer in time is what can be done today.",
        "%(n)s complaints are still open. An answer in time is what can be done today.",
        open_complaints,
    )
    return NextStep(text % {"n": formats.number(open_complaints)}, reverse("crm:complaints"), _("Open the complaints"))
