"""Links from a mail: a new password, an invitation. Opening one changes nothing; the form behind it uses it up."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from shop.access import public
from shop.addresses import client_address
from shop.forms import AcceptInvitationForm, AskForLinkForm, NewPasswordForm
from shop.links import Purpose, ask_for_link
from shop.models import StaffToken, Throttle, User
from shop.signing_in import enter, forget_tries
from shop.views.door import next_step

HOUR = timedelta(hours=1)
LINKS_PER_ACCOUNT = 3
LINKS_PER_ADDRESS = 20
GUESSES_PER_ADDRESS = 30
OWN_PAGES = {"same-origin", "none"}

View = Callable[..., HttpResponse]
page = require_http_methods(["GET", "HEAD", "POST"])


@public
@page
def forgotten(request: HttpRequest) -> HttpResponse:
    """Says the same whether or not there is such an account, and does as much."""
    form = AskForLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verdict = Throttle.hit("reset address", client_address(request), LINKS_PER_ADDRESS, HOUR)
        if not verdict.allowed:
            return HttpResponse(status=429, headers={"Retry-After": str(verdict.retry_after)})
        _send_reset(User.objects.normalize_email(form.cleaned_data["email"]))
        return render(request, "shop/forgotten_sent.html", {"email": form.cleaned_data["email"]})
    return render(request, "shop/forgotten.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _send_reset(email: str) -> None:
    verdict = Throttle.hit("reset account", email, LINKS_PER_ACCOUNT, HOUR)
    if verdict.allowed:
        known = User.objects.active().filter(email=email).values_list("pk", flat=True).first()
        ask_for_link(Purpose.RESET, known or 0)


def from_a_link(purpose: str) -> Callable[[View], View]:
    """Hands the view the live token; whatever is wrong with a link looks the same, and guessing is counted."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, secret: str) -> HttpResponse:
            if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "none") not in OWN_PAGES:
                raise PermissionDenied
            token = StaffToken.of_staff(secret, purpose=purpose)
            response = view(request, token) if token else _no_such_link(request)
            response["Referrer-Policy"] = "no-referrer"
            return response

        # Without a referrer browsers send "Origin: null", which the CSRF check refuses: the secret is the proof here.
        return csrf_exempt(checked)

    return decorate


def _no_such_link(request: HttpRequest) -> HttpResponse:
    verdict = Throttle.hit("token guess", client_address(request), GUESSES_PER_ADDRESS, HOUR)
    if not verdict.allowed:
        return HttpResponse(status=429, headers={"Retry-After": str(verdict.retry_after)})
    return render(request, "shop/link_over.html", status=404)


@public
@page
@from_a_link(Purpose.RESET)
def reset(request: HttpRequest, token: StaffToken) -> HttpResponse:
    form = NewPasswordForm(request.POST or None, user=token.user)
    if request.method == "POST" and form.is_valid():
        if not token.choose_password(form.cleaned_data["password"]):
            return _no_such_link(request)
        forget_tries(token.user)
        messages.success(request, _("The new password is in force. Sign in with it."))
        return redirect("shop:login")
    status = 422 if request.method == "POST" else 200
    return render(request, "shop/reset.html", {"form": form, "person": token.user}, status=status)


@public
@page
@from_a_link(Purpose.INVITE)
def invitation(request: HttpRequest, token: StaffToken) -> HttpResponse:
    form = AcceptInvitationForm(request.POST or None, user=token.user, initial={"name": token.user.name})
    if request.method == "POST" and form.is_valid():
        password, name = form.cleaned_data["password"], form.cleaned_data["name"]
        if not token.choose_password(password, name=name):
            return _no_such_link(request)
        enter(request, token.user)
        return redirect(next_step(request, "/"))
    status = 422 if request.method == "POST" else 200
    return render(request, "shop/invitation.html", {"form": form, "person": token.user}, status=status)
