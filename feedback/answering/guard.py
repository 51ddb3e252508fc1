"""Against robots, without a third party: a signed form that knows its time, an empty field, limits.

Nobody loses a word by it: whoever is refused gets the form back as it was filled in.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from shop.addresses import client_address
from shop.models import Throttle

HOUR = timedelta(hours=1)
LEAST = 2  # seconds; nobody reads a question and answers it faster
LONGEST = timedelta(days=1)
PER_LINK = 30  # posts an hour of one link, right or wrong
EMPTY = "website"
_signer = signing.TimestampSigner(salt="feedback form")


def stamp(about: str) -> str:
    """When this form was handed out, and for what; no two are alike."""
    return _signer.sign(f"{_short(about)}{secrets.token_urlsafe(9)}")


def fault(data: Any, about: str) -> str:
    """Why this is not taken for the word of a person, as a sentence; empty is good."""
    if data.get(EMPTY, ""):
        return _(
            "One field has to stay empty: it is there to catch robots. Your answer is still here, please send it again."
        )
    try:
        signed = _signer.unsign(data.get("stamp", ""), max_age=LONGEST)
    except signing.BadSignature:
        return _("This page was open for a long time. Your answer is still here, please send it again.")
    if not signed.startswith(_short(about)):
        return _("This page was open for a long time. Your answer is still here, please send it again.")
    try:
        _signer.unsign(data["stamp"], max_age=LEAST)
    except signing.SignatureExpired:
        return ""
    return _("That was very fast. Your answer is still here: please look at it once more and send it again.")


def keep_stamp(data: Any, about: str) -> str:
    """Whoever was too fast has begun already; whoever was too slow begins anew."""
    try:
        signed = _signer.unsign(data.get("stamp", ""), max_age=LONGEST)
    except signing.BadSignature:
        return stamp(about)
    return data["stamp"] if signed.startswith(_short(about)) else stamp(about)


def too_many(request: HttpRequest, about: str) -> int:
    """Seconds to wait; 0 is good."""
    tries = [("answers of address", client_address(request), settings.ANSWERS_PER_HOUR)]
    if about:  # anybody may open the others: who posts there in vain must not shut out the rest
        tries.append(("answers of link", _short(about), PER_LINK))
    return max((one.retry_after for one in Throttle.hit_each(tries, HOUR) if not one.allowed), default=0)


def first_use(stamped: str) -> bool:
    """Of a form that anybody may open: sent twice, it is one answer."""
    return Throttle.hit("form sent", stamped, 1, LONGEST).allowed


def _short(about: str) -> str:
    return hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:12]
