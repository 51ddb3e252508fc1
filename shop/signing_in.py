"""Through the door: e-mail and password, then a code where there is a second factor, and how often one may try."""

import time
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth import authenticate, login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import ngettext

from shop.addresses import client_address
from shop.devices import seen_from
from shop.models import AuditRow, SecondFactor, Setting, Throttle, User, Verdict

WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 30
CODES_PER_ACCOUNT = 5
DAY = timedelta(days=1)
WRONG_CODES_A_DAY = 20  # slowly guessed, six digits last for years

HALF, HALF_LASTS = "half", 10 * 60  # seconds
SECOND = "second"  # in the session of whoever typed a code to get in


def try_to_sign_in(request: HttpRequest, email: str, password: str) -> tuple[User | None, Verdict]:
    """Counts the try before it looks at the password, so that parallel guesses cannot pass together.

    Somebody unknown is counted, and their password hashed, just as somebody known. Whoever has a second factor is not
    in yet: `half_in` says who it is.
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
    enter(request, user)
    return user, verdict


def enter(request: HttpRequest, user: User) -> None:
    """In, or as far as the code. Half in is no session of the user: it has no rights and ends by itself."""
    if not SecondFactor.objects.filter(user=user).exists():
        sign_in(request, user)
        return
    request.session.flush()
    request.session[HALF] = {"user": user.pk, "hash": user.get_session_auth_hash(), "at": int(time.time())}


def half_in(request: HttpRequest) -> User | None:
    """Who gave the password a moment ago, unless it, the access or the second factor was taken away since."""
    half = request.session.get(HALF)
    if not half or not 0 <= time.time() - half["at"] < HALF_LASTS:
        return None
    with_factor = User.objects.active().exclude(second_factor=None).select_related("second_factor")
    user = with_factor.filter(pk=half["user"]).first()
    return user if user and constant_time_compare(user.get_session_auth_hash(), half["hash"]) else None


def try_code(request: HttpRequest, user: User, typed: str) -> tuple[bool, Verdict]:
    """The second step; counted before it is looked at, too."""
    passed, verdict = accept_code(user, typed)
    if passed:
        sign_in(request, user, second=True)
    return passed, verdict


def accept_code(user: User, typed: str) -> tuple[bool, Verdict]:
    """Wrong ones of the day are not forgiven by a right one: whoever guesses waits until the owner has typed it."""
    verdict = Throttle.hit("login code", str(user.pk), CODES_PER_ACCOUNT, WINDOW)
    if not verdict.allowed:
        return False, verdict
    of_day = Throttle.hit("login code day", str(user.pk), WRONG_CODES_A_DAY, DAY)
    if not of_day.allowed:
        return False, of_day
    kind = user.second_factor.accepts(typed)
    if kind is None:
        _note_wrong_code(user, of_day)
        return False, min(verdict, of_day, key=lambda one: one.left)
    if kind == "recovery":
        AuditRow.write("second_factor.recovered", by=user)
    Throttle.forget("login code", str(user.pk))
    Throttle.give_back("login code day", str(user.pk))
    return True, verdict


def _note_wrong_code(user: User, of_day: Verdict) -> None:
    AuditRow.write("second_factor.refused", subject=user)
    if of_day.left == 0:
        AuditRow.write("second_factor.stopped", subject=user)


def too_many_codes(verdict: Verdict) -> str:
    hours = -(-verdict.minutes // 60)
    if hours > 1:
        return (
            ngettext(
                "Too many wrong codes today. In %d hour you can try again, or once an administrator lets you.",
                "Too many wrong codes today. In %d hours you can try again, or once an administrator lets you.",
                hours,
            )
            % hours
        )
    return (
        ngettext(
            "There were too many tries. In %d minute you can try again.",
            "There were too many tries. In %d minutes you can try again.",
            verdict.minutes,
        )
        % verdict.minutes
    )


def stopped(people: Iterable[User]) -> set[int]:
    """Of whom no more codes are looked at today."""
    keys = [str(person.pk) for person in people]
    return {int(key) for key in Throttle.used_up("login code day", keys, WRONG_CODES_A_DAY)}


def look_at_codes_again(user: User) -> None:
    Throttle.forget("login code", str(user.pk))
    Throttle.forget("login code day", str(user.pk))


def sign_in(request: HttpRequest, user: User, *, second: bool = False) -> None:
    """A new session key, whatever key the browser came with."""
    request.session.pop(HALF, None)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session["since"] = request.session["seen"] = int(time.time())
    request.session["from"] = seen_from(request)
    if second:
        request.session[SECOND] = True
    AuditRow.write("staff.signed_in", by=user)


def _note_refusal(email: str) -> None:
    """As much work for somebody unknown as for somebody known; what was typed is not kept."""
    meant = User.objects.filter(email=email).first()
    AuditRow.write("staff.not_let_in" if meant else "staff.unknown", subject=meant)


def owes_second_factor(request: HttpRequest) -> bool:
    """An administrator without one, where the shop asks for it: everything else waits until there is one."""
    user = request.user
    if not isinstance(user, User) or user.role != User.Role.ADMINISTRATOR or request.session.get(SECOND):
        return False
    return bool(Setting.get("staff.second_factor")) and not SecondFactor.objects.filter(user=user).exists()


def forget_tries(user: User) -> None:
    Throttle.forget("login account", user.email)
