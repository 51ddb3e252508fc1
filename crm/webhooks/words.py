"""Why an address is refused and why a message did not arrive, in sentences."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

REFUSED = {
    "malformed": _("This is no address that can be read."),
    "credentials": _("Name and password do not belong into the address. Messages are signed instead."),
    "host": _("This is no name of a machine."),
    "port": _("This port is for other services. Use 443, 80 or one from 1024 on."),
    "scheme": _("Only https:// is possible; http:// within your own network, where the settings name the machine."),
    "address": _("The machine is inside a network that is closed to webhooks. The settings can open it."),
    "unknown_host": _("No machine of this name was found."),
}

TROUBLE = {
    "timeout": _("No answer within ten seconds."),
    "connection": _("Nobody takes the call there."),
    "tls": _("Its certificate is not valid for this name."),
    "malformed": _("What came back is no answer of a web server."),
    "gone": _("The other side said that this address is gone (410)."),
    "too_old": _("It waited for five days."),
    "restored": _("It waited when a backup was restored, and may have gone out before."),
    "secret": _("The secret cannot be read with the SECRET_KEY of this site. Make a new one."),
    "late": _("The worker was busy; it is tried again."),
    **{f"refused_{why}": said for why, said in REFUSED.items()},
}

NO_TROUBLE = pgettext_lazy("webhook delivery", "Not tried so far.")

# What was done to a webhook.
STEPS = {
    "made": pgettext_lazy("a webhook", "made"),
    "changed": pgettext_lazy("a webhook", "changed"),
    "removed": pgettext_lazy("a webhook", "removed"),
    "paused": pgettext_lazy("a webhook", "paused"),
    "resumed": pgettext_lazy("a webhook", "taken up again"),
    "gone": pgettext_lazy("a webhook", "its owner says that it is no more"),
    "secret_changed": pgettext_lazy("a webhook", "new secret"),
    "former_secret_ended": pgettext_lazy("a webhook", "former secret ended"),
    "tested": pgettext_lazy("a webhook", "tried out"),
    "replayed": pgettext_lazy("a webhook", "messages sent again"),
}


def why_not(trouble: str, status: int | None) -> Any:
    """What the last attempt came to."""
    if trouble:
        return TROUBLE.get(trouble, trouble)
    return _("Answered with %(status)s.") % {"status": status} if status else NO_TROUBLE
