from django.conf import settings
from django.utils.translation import gettext_lazy as _

from shop.preferences import Preference


def languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


PREFERENCES = [
    Preference(
        "mail.from_address",
        "mail",
        _("From which address"),
        "email",
        "",
        help=_("Must be one your mail server may send for. Empty: the one from the environment."),
    ),
    Preference(
        "mail.reply_to",
        "mail",
        _("Where answers go"),
        "email",
        "",
        help=_("Empty: to the address it came from."),
    ),
    Preference(
        "mail.language",
        "mail",
        _("Language of customers whose card names none"),
        "choice",
        "en",
        choices=languages,
    ),
    Preference(
        "mail.held",
        "mail",
        _("Hold every mail back"),
        "yes_no",
        False,
        help=_("They wait under Mail until this is taken back. It is set when a backup has been restored."),
    ),
    Preference(
        "mail.complaint_received",
        "mail",
        _("Write to the customer when a complaint comes in"),
        "yes_no",
        False,
        help=_("With its number, and until when an answer comes."),
    ),
    Preference(
        "mail.complaint_solved",
        "mail",
        _("Write to the customer when a complaint is solved"),
        "yes_no",
        False,
        help=_("With what staff wrote under “What was done”."),
    ),
    Preference(
        "mail.keep_days",
        "mail",
        _("Days for which the text of a sent mail is kept"),
        "integer",
        90,
        help=_("Then only remains that it was sent, when, and to whom."),
        minimum=1,
        maximum=3650,
    ),
]
