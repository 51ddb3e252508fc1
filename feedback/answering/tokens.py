"""From the secret of a link to the invitation behind it."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from crm.models import Identifier
from feedback.models import Invitation, InvitationToken
from feedback.models.invitation import LASTS
from shop.prepared import planned

ANSWER = InvitationToken.Purpose.ANSWER
SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
MALFORMED, UNKNOWN, EXPIRED, OVER, USED, OPEN = "malformed", "unknown", "expired", "over", "used", "open"


def issue(invitation: Invitation) -> str:
    """A secret of its own for each mail; all of them open the same form."""
    lasts = max(invitation.expires_at - timezone.now(), timedelta()) if invitation.expires_at else LASTS
    return InvitationToken.issue(purpose=ANSWER, lasts=lasts, invitation=invitation)


def form_url(secret: str, *, whole: bool = True, **said: Any) -> str:
    """`said`: score (chosen, nothing stored), lang, way. `whole`: with the name of the site, for mails."""
    known = {name: value for name, value in said.items() if value not in (None, "")}
    path = reverse("feedback:form", args=[secret])
    site = settings.SITE_URL.rstrip("/") if whole else ""
    return f"{site}{path}?{urlencode(known)}" if known else site + path


def look(secret: str) -> tuple[str, InvitationToken | None]:
    """(state, the link with all that its page shows)."""
    if not SHAPE.fullmatch(secret):
        return MALFORMED, None
    found = next(iter(_with_everything(InvitationToken._digest(ANSWER, secret))), None)
    if found is None or found.invitation.customer.erased_at:
        return UNKNOWN, None
    found.invitation.survey = found.invitation.version.survey
    return state_of(found), found


def state_of(token: InvitationToken) -> str:
    invitation = token.invitation
    if invitation.state == Invitation.State.ANSWERED:
        return USED
    if invitation.survey.archived_at or invitation.state == Invitation.State.NOT_SENT:
        return OVER
    ends = min(filter(None, [token.expires_at, invitation.expires_at]))
    return OPEN if ends > timezone.now() else EXPIRED


# What the page shows, and what an answer needs: the whole rows are four times as much to ask for.
SHOWN = {
    "": "purpose expires_at invitation",
    "invitation__": "state expires_at channel test opened_at answered_at customer survey version order",
    "invitation__version__": "number survey languages texts published_at",
    "invitation__version__survey__": "kind name names owner archived_at review_url",
    "invitation__customer__": "language erased_at merged_into given_name family_name owner",
    "invitation__order__": "placed_at customer",
}


@planned
def _with_everything(digest: Any) -> Any:
    phones = Identifier.objects.filter(customer=OuterRef("invitation__customer"), kind=Identifier.Kind.PHONE)
    joined = [f"invitation__{one}" for one in ("version__survey", "customer", "order")]
    shown = [before + name for before, names in SHOWN.items() for name in names.split()]
    found = InvitationToken.objects.filter(purpose=ANSWER, digest=digest).select_related(*joined).only(*shown)
    return found.annotate(phone=Subquery(phones.order_by("pk").values("normalised")[:1]))
