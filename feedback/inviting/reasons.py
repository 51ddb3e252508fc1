"""Why somebody is not asked, or not yet, in a sentence."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from crm.contact.reasons import REASONS as OF_BUDGET
from crm.contact.reasons import sentence
from crm.mail.reasons import in_words
from shop import formats

REASONS: dict[str, Any] = {
    "answered": _("They have answered."),
    "too_late": _("It could not be sent within 30 days, so it is not asked any more."),
    "survey_paused": _("The survey is paused."),
    "survey_over": _("The survey was put away."),
    "order_cancelled": _("The order was cancelled."),
    "order_refunded": _("Money was given back for the order."),
    "complaint_reopened": _("The complaint was opened again."),
    "came_back": _("The customer has bought again."),
    "another_first": _("Another survey is on its way to them."),
    "mail_refused": _("The mail server refused it."),
    "called_off": _("Somebody decided not to send it."),
    "gone": _("The card is not there any more."),
}


def why_not(why: str, from_: datetime | None = None) -> str:
    """“The last one was only a short time ago. They can be asked again on 4 March.”"""
    said = str(REASONS[why]) if why in REASONS else sentence(why) if why in OF_BUDGET else in_words(why)
    if not why or from_ is None:
        return said
    words = {"why": said, "day": formats.day(from_)}
    return _now("%(why)s They can be asked again on %(day)s.") % words


def of_budget(why: str, from_: datetime | None = None) -> str:
    """As the contact budget words it, for a customer who is looked at."""
    return why_not(why, from_) if from_ else sentence(why)
