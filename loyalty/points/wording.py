"""Entries of the ledger in plain words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from loyalty.models import Entry

# What staff choose from when they adjust.
CHOICES: dict[str, Any] = {
    "gesture": gettext_lazy("A gesture of goodwill"),
    "complaint": gettext_lazy("After a complaint"),
    "missing": gettext_lazy("Points that were missing"),
    "mistake": gettext_lazy("A mistake put right"),
    "other": pgettext_lazy("a reason", "Something else"),
}

REASONS: dict[str, Any] = {
    **CHOICES,
    "order": gettext_lazy("For an order"),
    "bought": gettext_lazy("For an order"),
    "order_paid": gettext_lazy("Paid with at the till"),
    "reward": gettext_lazy("For a reward"),
    "over": gettext_lazy("Not used in time"),
    "erased": gettext_lazy("The customer was erased"),
    "goods_returned": gettext_lazy("Goods came back"),
    "order_returned": gettext_lazy("Goods came back that had been paid with them"),
    "written_off": gettext_lazy("The shop bears what had been spent"),
    "off_refund": gettext_lazy("Taken off the refund"),
    "merged": gettext_lazy("Two cards became one"),
    "unmerged": gettext_lazy("Two cards were taken apart"),
    "opening": gettext_lazy("Brought from before"),
    "opening_undone": gettext_lazy("What was brought is taken back"),
    "birthday": gettext_lazy("For the birthday"),
    "first_order": gettext_lazy("For the first order"),
    "referral": gettext_lazy("For inviting somebody"),
    "invited": gettext_lazy("For being invited"),
    "profile": gettext_lazy("For a complete profile"),
    "survey": gettext_lazy("For answering a survey"),
    "challenge": gettext_lazy("For a challenge"),
    "badge": gettext_lazy("For a badge"),
}


def reason_of(entry: Entry) -> str:
    """A reason that is not known here was said by a person or another room: it is shown as it is."""
    return str(REASONS.get(entry.reason, entry.reason))


def what(entry: Entry) -> str:
    """What happened, in a word or two."""
    if entry.kind == Entry.Kind.ADJUST:
        return _("Given by staff") if entry.points > 0 else _("Taken by staff")
    return str(entry.get_kind_display())
