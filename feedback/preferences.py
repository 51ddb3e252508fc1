"""What an owner may decide about surveys."""

from django.utils.translation import gettext_lazy as _

from shop.preferences import Preference

PREFERENCES = [
    Preference(
        "feedback.promise_hours",
        "feedback",
        _("Hours until somebody answers a low score"),
        "integer",
        48,
        help=_("The form and the thank-you page promise it; the complaint that a low score opens has this deadline."),
        minimum=1,
        maximum=720,
    ),
    Preference(
        "feedback.widget_sites",
        "feedback",
        _("Websites that may show a survey"),
        "lines",
        "",
        help=_("One a line, such as https://www.example.com. No other site can put the form into its pages."),
    ),
]
