"""The mails about a customer's own matters that every shop sends."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from crm.mail.kinds import Mail

SOME_DAY = date(2026, 11, 24)

MAILS = [
    Mail(
        "preferences_link",
        _("Link to the preferences"),
        "service",
        placeholders={"link": _("address of the page")},
        mint="crm.mail.links.preferences",
        samples={"link": "https://shop.example/p/…"},
    ),
    Mail(
        "card_link",
        _("Link to their own card"),
        "service",
        placeholders={"link": _("address of the page")},
        mint="crm.mail.links.card",
        samples={"link": "https://shop.example/c/…"},
    ),
    Mail(
        "complaint_received",
        _("Complaint received"),
        "service",
        placeholders={"number": _("number of the complaint"), "answer_by": _("until when it is answered")},
        mint="crm.mail.complaints.minted",
        still_true="crm.mail.complaints.received_still",
        samples={"number": "1042", "answer_by": SOME_DAY},
    ),
    Mail(
        "complaint_solved",
        _("Complaint solved"),
        "service",
        placeholders={"number": _("number of the complaint"), "outcome": _("what was done")},
        mint="crm.mail.complaints.minted",
        still_true="crm.mail.complaints.solved_still",
        samples={"number": "1042", "outcome": "…"},
    ),
    Mail(
        "data_copy",
        _("Copy of one’s own data"),
        "service",
        placeholders={"link": _("address of the page"), "until": _("until when the link works")},
        mint="crm.privacy.asking.minted",
        samples={"link": "https://shop.example/c/…", "until": SOME_DAY},
    ),
]
