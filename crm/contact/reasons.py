"""Why a customer is not written to, in a sentence."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from shop import formats

REASONS: dict[str, Any] = {
    "no_address": _("There is no e-mail address on the card."),
    "invalid_address": _("The e-mail address cannot be right."),
    "bounced": _("The address does not exist: a mail came back."),
    "unreachable": _("Several mails did not arrive at the address."),
    "complained": _("A mail to this address was called spam."),
    "not_asked": _("The customer has not allowed it yet."),
    "refused": _("The customer said no to it."),
    "withdrawn": _("The customer does not want it any more."),
    "objected": _("The customer does not want to be chosen by figures about them."),
    "left_out": _("The card is left out of the figures, so it gets no surveys and no offers."),
    "complaint_open": _("A complaint is open; first it is solved."),
    "paused": _("The customer asked for a pause."),
    "too_soon": _("The last one was only a short time ago."),
    "too_many": _("The customer got as many mails as are allowed in 30 days."),
    "quiet_hours": _("It is evening or night where the customer lives."),
}


def sentence(why: str, from_: datetime | None = None) -> str:
    """In the reader's language; with a date when it is known from when on it is possible."""
    if not why:
        return ""
    said = str(REASONS.get(why, why))
    if from_ is None:
        return said
    return _now("%(why)s Possible from %(day)s on.") % {"why": said, "day": formats.day(from_)}
