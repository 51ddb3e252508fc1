"""The door: signing in and out, and the language of whoever stands before it."""

from django.conf import settings
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import check_for_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from shop.access import public
from shop.forms import CodeForm, SignInForm
from shop.models import AuditRow, User, Verdict
from shop.navigation import address as address_of
from shop.signing_in import half_in, too_many_codes, try_code, try_to_sign_in


@public
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Both steps: whoever gave the password a moment ago is asked for the code, unless they begin anew."""
    back = safe_address(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return HttpResponseRedirect(back)
    begins = "email" in request.POST or "anew" in request.GET
    user = None if begins else half_in(request)
    return _ask_for_code(request, user, back) if user else _ask_for_password(request, back)


def _ask_for_password(request: HttpRequest, back: str) -> HttpResponse:
    form, verdict = SignInForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        user, verdict = try_to_sign_in(request, form.cleaned_data["email"], form.cleaned_data["password"])
        if user:
            return HttpResponseRedirect(next_step(request, back))
        form.add_error("password", wrong(verdict))
        form.look_at("password")
    return _door(request, form, back, verdict)


def _ask_for_code(request: HttpRequest, user: User, back: str) -> HttpResponse:
    form, verdict = CodeForm(request.POST or None, recovery="recovery" in request.GET), None
    if request.method == "POST" and form.is_valid():
        passed, verdict = try_code(request, user, form.cleaned_data["code"])
        if passed:
            return HttpResponseRedirect(back)
        form.add_error("code", no_such_code(verdict))
    return _door(request, form, back, verdict)


def next_step(request: HttpRequest, back: str) -> str:
    """Where somebody goes on who has just given the password."""
    return back if request.user.is_authenticated else f"{reverse('shop:login')}?{urlencode({'next': back})}"


def _door(request: HttpRequest, form: SignInForm | CodeForm, back: str, verdict: Verdict | None) -> HttpResponse:
    status = 200 if request.method != "POST" else 422 if verdict is None or verdict.allowed else 429
    context = {"form": form, "next": back, "way": urlencode({"next": back})}
    response = render(request, form.page, context, status=status)
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


def no_such_code(verdict: Verdict) -> str:
    if not verdict.allowed:
        return too_many_codes(verdict)
    if verdict.left == 0:
        return _("That code does not fit, or it was used already. That was the last try for now.")
    return (
        ngettext(
            "That code does not fit, or it was used already. %d try left.",
            "That code does not fit, or it was used already. %d tries left.",
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
