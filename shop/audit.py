"""What members of staff and keys do that is no event of a customer, in words: the kinds of shop.models.AuditRow.

A new kind is one entry here. What somebody typed is no key: rows are kept for years and cannot be changed.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Deed:
    """`words` may name the keys of its data, and %(about)s: the row it was done to, by the name it has today."""

    label: Any
    words: Any
    keys: tuple[str, ...] = ()


DEEDS = {
    "staff.signed_in": Deed(pgettext_lazy("audit", "Sign-in"), _("Signed in")),
    "staff.signed_out": Deed(pgettext_lazy("audit", "Sign-out"), _("Signed out")),
    "staff.not_let_in": Deed(
        _("Failed sign-in"), _("Somebody tried to sign in as %(about)s with a password that is not theirs")
    ),
    "staff.unknown": Deed(
        _("Failed sign-in, nobody of the staff"), _("Somebody tried to sign in with an address that nobody here has")
    ),
    "staff.invited": Deed(_("Invitation of staff"), _("Invited %(about)s as %(role)s"), ("role",)),
    "staff.invited_again": Deed(_("Another invitation"), _("Sent %(about)s another invitation")),
    "staff.joined": Deed(_("Invitation accepted"), _("Accepted the invitation")),
    "staff.role_changed": Deed(
        _("Change of a role"), _("Made %(about)s %(role)s, formerly %(former)s"), ("role", "former")
    ),
    "staff.shut_out": Deed(_("Access taken away"), _("Took the access of %(about)s away")),
    "staff.let_in": Deed(_("Access given back"), _("Gave %(about)s the access back")),
    "staff.password_changed": Deed(_("New password"), _("Chose a new password")),
    "staff.profile_changed": Deed(_("Change of one's profile"), _("Changed their own profile")),
    "staff.made": Deed(_("Administrator made at the command line"), _("%(about)s was made at the command line")),
    "staff.session_ended": Deed(_("Another device signed out"), _("Signed another of their own devices out")),
    "staff.sessions_ended": Deed(
        _("All other devices signed out"), _("Signed all other devices of their own out: %(count)s"), ("count",)
    ),
    "second_factor.on": Deed(_("Second factor switched on"), _("Switched their second factor on")),
    "second_factor.off": Deed(_("Second factor switched off"), _("Switched their second factor off")),
    "second_factor.codes": Deed(_("New recovery codes"), _("Made new recovery codes")),
    "second_factor.recovered": Deed(_("Recovery code used"), _("Used a recovery code")),
    "second_factor.refused": Deed(
        _("Wrong code of a second factor"), _("Somebody typed a code that does not fit the second factor of %(about)s")
    ),
    "second_factor.stopped": Deed(
        _("Too many wrong codes of a second factor"),
        _("So many wrong codes for the second factor of %(about)s that no more are looked at for a day"),
    ),
    "second_factor.released": Deed(
        _("Codes of a second factor looked at again"), _("Let %(about)s type codes of the second factor again")
    ),
    "second_factor.taken": Deed(_("Second factor taken off"), _("Took the second factor of %(about)s off")),
    "key.made": Deed(_("API key made"), _("Made the key %(about)s for %(scopes)s"), ("scopes",)),
    "key.withdrawn": Deed(_("API key withdrawn"), _("Withdrew the key %(about)s")),
    "setting.changed": Deed(_("Change of a setting"), _("Set “%(name)s” to “%(value)s”"), ("name", "value")),
    "backup.asked": Deed(_("Backup"), _("Asked for a backup")),
    "backup.verified": Deed(_("Check of a backup"), _("Had the backup %(backup)s checked"), ("backup",)),
    "shop.switched": Deed(_("Change between demo and own shop"), _("Switched the site to the other shop")),
    "job.cancelled": Deed(_("Stopped work"), _("Stopped %(about)s"), ()),
    "form.sent": Deed(_("Another form"), _("Sent the form of %(address)s"), ("address",)),
    "clocks.asked": Deed(_("Retention clocks"), _("Had the retention clocks run")),
    "clock.ran": Deed(
        _("Rows whose time was over"), _("The clock “%(clock)s” took %(count)s rows away"), ("clock", "count")
    ),
    "audit.exported": Deed(
        _("Export of the audit"), _("Exported the audit: %(count)s lines; asked for: %(filter)s"), ("count", "filter")
    ),
    "file.exported": Deed(
        _("Export of a list"),
        _("Exported %(file)s: %(count)s rows; asked for: %(filter)s"),
        ("file", "count", "filter"),
    ),
}
