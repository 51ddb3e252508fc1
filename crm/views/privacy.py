"""Copy, erasure, certificate, old cards: the doors of staff."""

import json
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from crm.models import Customer, Erasure, Event, PrivacyRequest
from crm.privacy import clock, erasing, wording
from crm.privacy.copying import Copy, copy_of
from crm.privacy.forms import EraseForm, OldCardsForm
from shop.access import right
from shop.job_progress import progress_of
from shop.models import Job
from shop.toasts import toast

page = require_http_methods(["GET", "HEAD", "POST"])
OLD_SHOWN = 50


@page
@right("customers.export")
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """One button, since making a copy is written down; nothing of the copy is kept."""
    customer = Customer.objects.allowed(request.user, "customers.export").get_or_404(pk)
    if request.method == "POST":
        as_file = request.POST.get("format") == "json"
        Event.record(
            "customer.copied",
            customer=customer,
            subject=customer,
            actor=request.user.actor,
            format="json" if as_file else "page",
        )
        return copy_file(customer) if as_file else copy_page(request, customer, request.POST.get("language", ""))
    asked = PrivacyRequest.objects.open().filter(customer=customer, kind=PrivacyRequest.Kind.COPY).first()
    language = customer.language or translation.get_language()
    context = {"customer": customer, "asked": asked, "choices": settings.LANGUAGES, "language": language}
    return render(request, "crm/privacy/copy.html", context)


def copy_file(customer: Customer) -> HttpResponse:
    text = json.dumps(copy_of(customer).as_json(), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="copy-{customer.pk}.json"'
    return _not_kept(response)


def copy_page(request: HttpRequest, customer: Customer, language: str, **more: Any) -> HttpResponse:
    known = language if language in dict(settings.LANGUAGES) else translation.get_language() or "en"
    with translation.override(known):
        made: Copy = copy_of(customer)
        context = {"copy": made, "cards": wording.cards(made), "tables": wording.tables(made), **more}
        return _not_kept(render(request, "me/copy.html", context))


def _not_kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


@page
@right("customers.erase")
def erasure(request: HttpRequest, pk: int) -> HttpResponse:
    allowed = Customer.objects.allowed(request.user, "customers.erase")
    if request.method != "POST" and allowed.filter(pk=pk, erased_at__isnull=False).exists():
        return _to_certificate(request, pk)
    customer = allowed.get_or_404(pk)
    under_way = Job.objects.live().filter(lane=erasing.lane(customer)).first()
    if under_way and request.method != "POST":
        return render(request, "crm/privacy/erasing.html", {"customer": customer, **progress_of(under_way)})
    form = EraseForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        return _erase(request, customer, form.cleaned_data["why"])
    counts = erasing.preview(customer)
    context = {
        "customer": customer,
        "form": form,
        "lines": wording.lines(counts),
        "merged": len(erasing.family(customer.pk)) - 1,
    }
    return render(request, "crm/privacy/erase.html", context, status=422 if request.method == "POST" else 200)


def _erase(request: HttpRequest, customer: Customer, why: str) -> HttpResponse:
    try:
        if erasing.request(customer, why=why, by=request.user):
            return redirect("crm:erasure", customer.pk)
        toast(request, _("The card is erased. This is the certificate."))
    except erasing.AlreadyErased:
        toast(request, _("Somebody else was quicker: the card was erased already."))
    return redirect("crm:certificate", customer.pk)


def _to_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Also for the page on which somebody watches the work."""
    answer = certificate_of(request, pk)
    if request.htmx:
        return HttpResponseClientRedirect(answer["Location"])
    return answer


def certificate_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the card of somebody erased leads; 404 when there is no such card at all."""
    gone = get_object_or_404(Customer.objects.filter(erased_at__isnull=False).select_related("merged_into"), pk=pk)
    return redirect("crm:certificate", gone.merged_into_id or gone.pk)


def _found(request: HttpRequest, pk: int) -> Erasure:
    Customer.objects.allowed(request.user, "customers.view")
    found = Erasure.objects.select_related("by", "customer").filter(customer=pk).first()
    if found is None:
        raise Http404
    return found


@require_GET
@right("customers.view")
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    context = {"certificate": found, "lines": wording.lines(found.counts)}
    return render(request, "crm/privacy/certificate.html", context)


@require_GET
@right("customers.view")
def certificate_file(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    told = {
        "certificate": found.number,
        "customer": found.customer_id,
        "cards": found.cards,
        "erased_at": found.at,
        "why": found.why,
        "tables": found.counts,
    }
    response = JsonResponse(told, json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{found.number}.json"'
    return _not_kept(response)


@page
@right("customers.erase")
def privacy(request: HttpRequest) -> HttpResponse:
    """What customers asked for, old cards, who was erased."""
    Customer.objects.allowed(request.user, "customers.erase")
    form = OldCardsForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        return _decide(request, form.cleaned_data["what"], form.cleaned_data["ids"][: clock.MOST])
    old = list(clock.proposed().select_related("customer")[:OLD_SHOWN])
    context = {
        "form": form,
        "requests": PrivacyRequest.objects.open().select_related("customer").order_by("due_on", "pk")[:100],
        "old": old,
        "old_count": clock.proposed().count() if len(old) == OLD_SHOWN else len(old),
        "years": clock.years(),
        "job": Job.objects.live().filter(kind=clock.ERASE).first(),
        "erasures": Erasure.objects.select_related("by").order_by("-at", "-pk")[:50],
        "may_set": request.user.may("settings.edit"),
    }
    return render(request, "crm/privacy/privacy.html", context, status=422 if form else 200)


def _decide(request: HttpRequest, what: str, ids: list[int]) -> HttpResponse:
    if what == "keep":
        kept = clock.keep(ids)
        toast(
            request, ngettext("%(n)s card is kept for a year.", "%(n)s cards are kept for a year.", kept) % {"n": kept}
        )
    else:
        Job.request(clock.ERASE, by=request.user, ids=ids)
        toast(request, _("The cards are being erased. You can leave this page; the work goes on."))
    return redirect("crm:privacy")


@page
@right("customers.edit")
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Risk scoring off for one customer, and on again."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    if request.method != "POST":
        return render(request, "crm/privacy/objection.html", {"customer": customer})
    objects = not customer.unprofiled_since
    customer.object_to_profiling(objects, actor=request.user.actor)
    said = _("Risk scoring is off for %(name)s.") if objects else _("Risk scoring is on again for %(name)s.")
    toast(request, said % {"name": customer})
    return redirect(customer)
