"""The card of one customer: the page, its timeline, the next one of the list, a new card."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from crm import actions, panels
from crm.card import timeline
from crm.card.bought import bought, rhythm
from crm.card.fields import contacts, fields
from crm.card.panels import by_phone, find_card
from crm.complaints.panels import open_complaints
from crm.forms import CustomerForm, NoteForm
from crm.models import CardOpened, Customer
from crm.segments.pages import neighbour
from crm.segments.question import Question
from crm.staff import Staff
from crm.views.privacy import certificate_of
from shop.access import right
from shop.toasts import toast


@require_GET
@right("customers.view")
def card(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        customer = find_card(request.user, "customers.view", pk)
    except Http404:
        return certificate_of(request, pk)
    if customer.pk != pk:
        return redirect(customer)
    CardOpened.note(customer, request.user)
    return card_page(request, customer)


def card_page(
    request: HttpRequest, customer: Customer, form: NoteForm | None = None, status: int = 200
) -> HttpResponse:
    everybody = Staff.question()
    panels.ask("card", customer, request.user, everybody)
    staff = Staff.all(everybody)
    state = request.GET.get("from")  # empty: the list with nothing asked
    known = contacts(customer, staff.names)
    context = {
        "customer": customer,
        "may_edit": request.user.may("customers.edit"),
        "bought": bought(customer),
        "rhythm": rhythm(customer),
        "panels": panels.panels("card", request, customer),
        "actions": actions.offered(request.user, customer),
        "next_step": by_phone(panels.next_step("next_step", request, customer), known["channels"]),
        "contacts": known,
        "fields": fields(customer),
        "back": f"{reverse('crm:customers')}?{state}" if state is not None else "",
        "from_state": quote(state or ""),
        **composer(request, customer, staff, form),
        **happened(request, customer, staff),
    }
    return render(request, "crm/card/card.html", context, status=status)


def composer(request: HttpRequest, customer: Customer, staff: Staff, form: NoteForm | None = None) -> dict[str, Any]:
    form = form or NoteForm(initial={"kind": "call"})
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    owner = str(form["owner"].value() or request.user.pk)
    about = open_complaints(customer)
    return {"form": form, "about": about, "staff": staff.present, "owner": owner, "tomorrow": tomorrow}


def happened(request: HttpRequest, customer: Customer, staff: Staff) -> dict[str, Any]:
    show = request.GET.get("show", "")
    show = show if show in timeline.SHOWS else ""
    page = timeline.page_of(customer, staff.names, show=show, before=request.GET.get("before", ""))
    return {"page": page, "show": show, "shows": list(timeline.SHOWS.items())}


def card_changed(response: HttpResponse) -> HttpResponse:
    """A part of the card that was edited in place tells the timeline to read itself again."""
    return trigger_client_event(response, "card-changed")


@require_GET
@right("customers.view")
def happenings(request: HttpRequest, pk: int) -> HttpResponse:
    """The timeline alone, for its filter and its older pages."""
    customer = Customer.objects.allowed(request.user, "customers.view").get_or_404(pk)
    template = "crm/card/_timeline_entries.html" if request.GET.get("before") else "crm/card/_timeline.html"
    context = {"customer": customer, "may_edit": request.user.may("customers.edit")}
    return render(request, template, {**context, **happened(request, customer, Staff.all())})


@require_GET
@right("customers.view")
def neighbouring(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """The next or previous card in the order of the list one came from; at its end, the list."""
    customer = Customer.objects.allowed(request.user, "customers.view").get_or_404(pk)
    state = request.GET.get("from", "")
    found = neighbour(Question.read(QueryDict(state), request.user), customer, backwards=step == "previous")
    if found is None:
        toast(
            request, _("That was the first of the list.") if step == "previous" else _("That was the last of the list.")
        )
        return HttpResponseRedirect(f"{reverse('crm:customers')}?{state}")
    return HttpResponseRedirect(f"{reverse('crm:customer', args=[found])}?from={quote(state)}")


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def customer_new(request: HttpRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.edit")
    initial = {name: request.GET.get(name, "")[:120] for name in ("given_name", "email", "phone")}
    form = CustomerForm(request.POST or None, initial=initial)
    alike = []
    if request.method == "POST" and form.is_valid():
        alike = form.alike()
        if not alike or form.cleaned_data["anyway"]:
            values = {name: form.cleaned_data[name] for name in form.Meta.fields}
            customer = Customer.open_card(actor=request.user.actor, contacts=form.contacts, **values)
            toast(request, _("The card of %(name)s is there.") % {"name": customer})
            return redirect(customer)
    status = 422 if request.method == "POST" else 200
    return render(request, "crm/card/new.html", {"form": form, "alike": alike}, status=status)
