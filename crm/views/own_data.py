"""The customer's own data: asked for on their page, fetched by a link from a mail that works once.

Opening a link changes nothing; the button behind it uses it up.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from crm.models import CustomerToken, Event, PrivacyRequest
from crm.privacy.asking import ask
from crm.views.me import from_a_mail, from_our_page, languages, no_such_link, page
from crm.views.privacy import copy_file, copy_page
from shop.access import public

Purpose = CustomerToken.Purpose
Kind = PrivacyRequest.Kind
FILE_LASTS = timedelta(minutes=30)


@public
@page
@from_a_mail(Purpose.PREFERENCES, Purpose.ME_OPEN)
def data(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """Ask for a copy, or for erasure."""
    customer = token.customer.meant
    if request.method == "POST":
        from_our_page(request)
        what = request.POST.get("what")
        if what in Kind.values:
            ask(customer, what)
        chosen = {"lang": translation.get_language() or "", "asked": what if what in Kind.values else ""}
        return HttpResponseRedirect(f"{request.path}?{urlencode(chosen)}", status=303)
    waiting = {one.kind: one for one in PrivacyRequest.objects.open().filter(customer=customer)}
    context = {
        "languages": languages(request),
        "asked": request.GET.get("asked", ""),
        "copy": waiting.get(Kind.COPY),
        "erasure": waiting.get(Kind.ERASURE),
        "is_open": token.purpose == Purpose.ME_OPEN,
    }
    return render(request, "me/data.html", context)


@public
@page
@from_a_mail(Purpose.COPY)
def copy(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    customer = token.customer.meant
    if request.method != "POST":
        return render(request, "me/get_copy.html", {"languages": languages(request)})
    from_our_page(request)
    if customer.erased_at or not token.use():
        return no_such_link(request)
    for asked in PrivacyRequest.objects.open().filter(customer=customer, kind=Kind.COPY):
        asked.finish()
    Event.record("customer.copied", customer=customer, subject=customer, format="page")
    secret = CustomerToken.issue(
        purpose=Purpose.COPY_FILE,
        lasts=FILE_LASTS,
        customer=customer,
        channel=token.channel,
        address=token.address,
    )
    language = translation.get_language() or ""
    return copy_page(request, customer, language, file_url=reverse("crm:me_copy_file", args=[secret]))


@public
@page
@from_a_mail(Purpose.COPY_FILE)
def file(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """The same as a file for programs: within half an hour of the page, once."""
    customer = token.customer.meant
    if request.method != "POST":
        return render(request, "me/get_copy.html", {"languages": languages(request), "file": True})
    from_our_page(request)
    if customer.erased_at or not token.use():
        return no_such_link(request)
    return copy_file(customer)
