"""What an owner may decide about surveys and what follows an answer."""

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
        "feedback.ask_again_days",
        "feedback",
        _("Ask again so many days after the complaint of a low score was closed"),
        "integer",
        7,
        help=_("The same question, once. 0: never."),
        minimum=0,
        maximum=90,
    ),
    Preference(
        "feedback.ask_for_review",
        "feedback",
        _("Ask who gave a high score for a review"),
        "yes_no",
        True,
        help=_("On the page that thanks them, where the survey says where reviews are written."),
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
