"""The door: signing in and out, and the language of whoever stands before it."""

from django.conf import settings
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from shop.access import public
from shop.forms import SignInForm
from shop.models import AuditRow, Verdict
from shop.navigation import address as address_of
from shop.signing_in import try_to_sign_in


@public
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    back = safe_address(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return HttpResponseRedirect(back)

    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, verdict = try_to_sign_in(request, form.cleaned_data["email"], form.cleaned_data["password"])
        if user:
            return HttpResponseRedirect(back)
        form.add_error("password", wrong(verdict))
        form.look_at("password")
        return _door(request, form, back, verdict)
    return _door(request, form, back)


def _door(request: HttpRequest, form: SignInForm, back: str, verdict: Verdict | None = None) -> HttpResponse:
    status = 200 if request.method != "POST" else 422 if verdict is None or verdict.allowed else 429
    response = render(request, "shop/login.html", {"form": form, "next": back}, status=status)
    if status == 429 and verdict:
        response["Retry-After"] = str(verdict.retry_after)
    return response


def wrong(verdict: Verdict) -> str:
    """The same words for somebody known and unknown."""
    if not verdict.allowed:
        return (
            ngettext(
                "There were too many tries. In %d minute you can try again; a new password by mail works at once.",
                "There were too many tries. In %d minutes you can try again; a new password by mail works at once.",
                verdict.minutes,
            )
            % verdict.minutes
        )
    if verdict.left == 0:
        return _("E-mail and password do not go together. That was the last try for now.")
    return (
        ngettext(
            "E-mail and password do not go together. %d try left.",
            "E-mail and password do not go together. %d tries left.",
            verdict.left,
        )
        % verdict.left
    )


@public
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Drafts kept in the browser go too: the next one at this desk may be somebody else."""
    if request.user.is_authenticated:
        AuditRow.write("staff.signed_out", by=request.user)
    end_session(request)
    response = redirect("shop:login")
    response["Clear-Site-Data"] = '"storage"'
    return response


@public
@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Kept in a cookie, since nobody is signed in; the choice of a member of staff is in the profile.

    Pages behind a secret link send no referrer, so the CSRF check would refuse them; all it guards is a language.
    """
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_address(request, request.POST.get("next", "")))
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response


def safe_address(request: HttpRequest, address: str) -> str:
    """An address on this site, or the first page."""
    own = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if own and address.startswith("/") and address.isprintable() else first_page()


def first_page() -> str:
    return address_of(settings.LOGIN_REDIRECT_URL) or "/"
