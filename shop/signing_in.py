"""Through the door: e-mail, password, and how often one may try."""

import time
from datetime import timedelta

from django.contrib.auth import authenticate, login
from django.http import HttpRequest

from shop.addresses import client_address
from shop.models import AuditRow, Throttle, User, Verdict

WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 30


def try_to_sign_in(request: HttpRequest, email: str, password: str) -> tuple[User | None, Verdict]:
    """Counts the try before it looks at the password, so that parallel guesses cannot pass together.

    Somebody unknown is counted, and their password hashed, just as somebody known.
    """
    email = User.objects.normalize_email(email)
    address = client_address(request)
    of_address = Throttle.hit("login address", address, TRIES_PER_ADDRESS, WINDOW)
    if not of_address.allowed:
        return None, of_address
    verdict = Throttle.hit("login account", email, TRIES_PER_ACCOUNT, WINDOW)
    if not verdict.allowed:
        return None, verdict

    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        _note_refusal(email)
        return None, verdict
    forget_tries(user)
    sign_in(request, user)
    return user, verdict


def sign_in(request: HttpRequest, user: User) -> None:
    """A new session key, whatever key the browser came with."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session["since"] = request.session["seen"] = int(time.time())
    AuditRow.write("staff.signed_in", by=user)


def _note_refusal(email: str) -> None:
    """As much work for somebody unknown as for somebody known; what was typed is not kept."""
    meant = User.objects.filter(email=email).first()
    AuditRow.write("staff.not_let_in" if meant else "staff.unknown", subject=meant)


def forget_tries(user: User) -> None:
    Throttle.forget("login account", user.email)
