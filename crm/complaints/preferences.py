"""What an owner may decide about complaints."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.preferences import Preference

HOURS = _("Counted in opening hours.")

CAUSES = [
    pgettext_lazy("root cause", "Damaged on the way"),
    pgettext_lazy("root cause", "Wrong thing sent"),
    pgettext_lazy("root cause", "Fault in the goods"),
    pgettext_lazy("root cause", "Delivered late"),
    pgettext_lazy("root cause", "Wrong price or invoice"),
    pgettext_lazy("root cause", "Unclear description"),
    pgettext_lazy("root cause", "Conduct of staff"),
    pgettext_lazy("root cause", "Misunderstanding"),
]


def usual_causes(values: dict[str, Any]) -> str:
    """What is chosen becomes data, so it has one language: the one the shop writes in, not the reader's."""
    with translation.override(values["mail.language"]):
        return "\n".join(str(cause) for cause in CAUSES)


PREFERENCES = [
    *(
        Preference(
            f"complaints.{what}_{severity}", "complaints", label, "integer", hours, help=HOURS, minimum=1, maximum=2000
        )
        for what, severity, label, hours in (
            ("answer", 1, _("First answer, urgent: within hours"), 2),
            ("answer", 2, _("First answer, normal: within hours"), 6),
            ("answer", 3, _("First answer, small: within hours"), 9),
            ("solution", 1, _("Solution, urgent: within hours"), 9),
            ("solution", 2, _("Solution, normal: within hours"), 27),
            ("solution", 3, _("Solution, small: within hours"), 45),
        )
    ),
    Preference(
        "complaints.causes",
        "complaints",
        _("Root causes"),
        "lines",
        usual_causes,
        help=_("One a line; chosen when a complaint is solved. What was noted before keeps its words."),
        maximum=80,
    ),
    Preference(
        "complaints.close_after_days",
        "complaints",
        _("Close a complaint so many days after the customer was told"),
        "integer",
        14,
        help=_("When nothing more came. 0: only by hand."),
        minimum=0,
        maximum=365,
    ),
    Preference(
        "complaints.file_megabytes",
        "complaints",
        _("Largest file that can be attached, in MB"),
        "integer",
        25,
        minimum=1,
        maximum=500,
    ),
]
