"""Consent beside the addresses of a card, as the customer told it to staff; an address that works again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import retarget

from crm.card.fields import CONTACT_KINDS
from crm.contact.forms import ConsentForm, LiftForm
from crm.models import Consent, Customer, Identifier, Suppression
from crm.views.fields import contacts_again
from shop.access import right
from shop.toasts import toast

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@right("customers.edit")
def consent(request: HttpRequest, pk: int, identifier: int) -> HttpResponse:
    customer, address = _asked(request, pk, identifier)
    if request.method != "POST" and "leave" in request.GET:
        return contacts_again(request, customer)
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        held = Consent.objects.current(address.kind, address.normalised)
        values = form.cleaned_data
        said = Consent.say(
            customer,
            address.kind,
            address.normalised,
            form.choices(held),
            method=values["method"],
            wording=values["wording"],
            by=request.user.actor,
        )
        toast(request, _("Consent saved.") if said else _("It was so already."))
        return contacts_again(request, customer)
    return _ask(request, customer, address, "consent", form=form)


@page
@right("customers.edit")
def release(request: HttpRequest, pk: int, identifier: int) -> HttpResponse:
    """An address that bounced works again; one whose owner called our mail spam stays as it is."""
    customer, address = _asked(request, pk, identifier)
    if request.method != "POST" and "leave" in request.GET:
        return contacts_again(request, customer)
    in_force = Suppression.objects.in_force().filter(channel=address.kind, address=address.normalised)
    suppression = in_force.exclude(reason=Suppression.Reason.COMPLAINED).first()
    if suppression is None:
        return contacts_again(request, customer)
    form = LiftForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if suppression.lift(why=form.cleaned_data["why"], by=request.user):
            toast(request, _("Mail goes to %(address)s again.") % {"address": address.value})
        return contacts_again(request, customer)
    return _ask(request, customer, address, "release", form=form)


def _asked(request: HttpRequest, pk: int, identifier: int) -> tuple[Customer, Identifier]:
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    return customer, get_object_or_404(customer.identifiers.filter(kind__in=CONTACT_KINDS), pk=identifier)


def _ask(request: HttpRequest, customer: Customer, one: Identifier, what: str, *, form: Any) -> HttpResponse:
    """In its place on the card, or without htmx on a page of its own."""
    whole = "crm/card/_in_place.html" if request.htmx else "crm/card/edit.html"
    context = {"customer": customer, "one": one, "form": form, "part": f"crm/contact/_{what}_form.html"}
    if request.method != "POST":
        return render(request, whole, context)
    return retarget(render(request, whole, context, status=422), f"#{what}-form-{one.pk}")
