"""Editing in place: one field, one contact, and an old value put back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import retarget

from crm.card.fields import CONTACT_KINDS, contacts, form_for, is_editable, shown
from crm.card.putting_back import CannotPutBack, put_back
from crm.forms import ContactForm
from crm.models import Customer
from crm.views.card import card_changed
from shop.access import right
from shop.navigation import back
from shop.toasts import toast


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def field(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    customer = Customer.objects.allowed(request.user, "customers.edit").select_related("owner").get_or_404(pk)
    if not is_editable(name):
        raise Http404
    if request.method != "POST":
        if "leave" in request.GET:
            return _field(request, customer, name)
        return _ask(request, customer, "crm/card/_field_form.html", form=form_for(name, customer), name=name)

    before = Customer.objects.get(pk=customer.pk)
    form = form_for(name, before, request.POST)
    if not form.is_valid():
        return _ask(request, customer, "crm/card/_field_form.html", form=form, name=name, status=422)
    if customer.edit(actor=request.user.actor, **{name: form.cleaned_data[name]}):
        toast(request, _("%(field)s saved.") % {"field": shown(customer, name).label})
    return _field(request, customer, name) if request.htmx else redirect(customer)


def _field(request: HttpRequest, customer: Customer, name: str) -> HttpResponse:
    template = "crm/card/_about.html" if name == "about" else "crm/card/_field.html"
    context = {"customer": customer, "field": shown(customer, name), "may_edit": True}
    return card_changed(render(request, template, context)) if request.htmx else redirect(customer)


def _ask(request: HttpRequest, customer: Customer, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """The form in its place on the card, or without htmx on a page of its own."""
    whole = "crm/card/_in_place.html" if request.htmx else "crm/card/edit.html"
    return render(request, whole, {"customer": customer, "part": template, **context}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def contact(request: HttpRequest, pk: int, identifier: int = 0) -> HttpResponse:
    """Add an e-mail or a phone, change it, or take it away by leaving it empty."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    channels = customer.identifiers.filter(kind__in=CONTACT_KINDS)
    old = get_object_or_404(channels, pk=identifier) if identifier else None
    if request.method != "POST":
        if "leave" in request.GET:
            return contacts_again(request, customer)
        initial = {"kind": old.kind, "value": old.value} if old else {"kind": "phone"}
        return _ask(request, customer, "crm/card/_contact_form.html", form=ContactForm(initial=initial), old=old)

    form = ContactForm({**request.POST.dict(), "kind": old.kind} if old else request.POST)
    if form.is_valid() and (twin := _twin(form, channels, old)):
        form.add_error("value", _("%(value)s is on this card already.") % {"value": twin.value})
    if not form.is_valid():
        answer = _ask(request, customer, "crm/card/_contact_form.html", form=form, old=old, status=422)
        return retarget(answer, f"#contact-form-{old.pk if old else 'new'}")
    values = form.cleaned_data
    if customer.change_contact(values["kind"], old, values["value"], actor=request.user.actor):
        toast(request, _("Contact saved.") if values["value"] else _("Contact taken away."))
    return contacts_again(request, customer) if request.htmx else redirect(customer)


def _twin(form: ContactForm, channels: Any, old: Any) -> Any:
    values = form.cleaned_data
    normalised = channels.model.normalise(values["kind"], values["value"])
    return channels.filter(kind=values["kind"], normalised=normalised).exclude(pk=old and old.pk).first()


def contacts_again(request: HttpRequest, customer: Customer) -> HttpResponse:
    if not request.htmx:
        return redirect(customer)
    context = {"customer": customer, "contacts": contacts(customer), "may_edit": True}
    return card_changed(render(request, "crm/card/_contacts.html", context))


@require_POST
@right("customers.edit")
def change(request: HttpRequest, pk: int, event: int, name: str) -> HttpResponse:
    """Put the value back that this edit replaced."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    edit = get_object_or_404(customer.events.filter(kind="customer.edited"), pk=event)
    try:
        done = put_back(customer, edit, name, actor=request.user.actor)
        toast(request, _("The old value is back.") if done else _("The old value stands there already."))
    except CannotPutBack as refused:
        toast(request, _("It cannot be put back: %(why)s") % {"why": refused})
    return back(request, otherwise=customer.get_absolute_url())
