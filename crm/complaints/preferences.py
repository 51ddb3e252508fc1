"""What an owner may decide about complaints."""

from django.utils.translation import gettext_lazy as _

from shop.preferences import Preference

HOURS = _("Counted in opening hours.")

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
        "Damaged on the way\nWrong thing sent\nFault in the goods\nDelivered late\nWrong price or invoice\n"
        "Unclear description\nConduct of staff\nMisunderstanding",
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
