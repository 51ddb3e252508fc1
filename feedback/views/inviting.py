"""Sending a survey from a card, and who waits to be asked."""

import re
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Customer
from feedback.inviting import by_hand, waiting_list
from feedback.inviting.reasons import of_budget, why_not
from feedback.models import CannotAsk, Invitation
from shop.access import right
from shop.toasts import toast

KEY = re.compile(r"[0-9a-f]{32}")


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def invite_one(request: HttpRequest, pk: int) -> HttpResponse:
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    form, answer = by_hand.InviteForm(request.POST or None), by_hand.may_ask(customer)
    waits = answer.from_ is not None
    if request.method == "POST" and form.is_valid() and (answer.allowed or waits):
        key = request.POST.get("key", "")
        try:
            asked = by_hand.send(
                customer, form.cleaned_data["survey"], key=key if KEY.fullmatch(key) else uuid.uuid4().hex
            )
            return _sent(request, customer, asked)
        except CannotAsk:
            form.add_error("survey", _("It was paused meanwhile."))
    context = {
        "customer": customer,
        "form": form,
        "answer": answer,
        "waits": waits,
        "why_not": of_budget(answer.why, answer.from_),
        "key": uuid.uuid4().hex,
    }
    return render(request, "feedback/inviting/one.html", context, status=422 if request.method == "POST" else 200)


def _sent(request: HttpRequest, customer: Customer, asked: Invitation) -> HttpResponse:
    undo = reverse("feedback:invitation_taken_back", args=[asked.pk])
    if asked.state == Invitation.State.NOT_SENT:
        toast(request, why_not(asked.why))
    elif asked.message_id:
        toast(
            request, _("“%(survey)s” goes to %(name)s in a minute.") % {"survey": asked.survey, "name": customer}, undo
        )
    else:
        toast(request, why_not(asked.why, asked.due_at), undo)
    return redirect(customer)


@require_GET
@right("customers.edit")
def invite_button(request: HttpRequest, pk: int) -> HttpResponse:
    """The button of the card, which says why when it cannot be pressed. Asked for by the card once it stands."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    answer = by_hand.may_ask(customer)
    context = {
        "customer": customer,
        "can": answer.allowed or answer.from_ is not None,
        "why_not": of_budget(answer.why, answer.from_),
    }
    return render(request, "feedback/inviting/_button.html", context)


@require_POST
@right("customers.edit")
def taken_back(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(Invitation.objects.select_related("customer"), pk=pk)
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(asked.customer_id)
    if by_hand.take_back(Invitation.objects.filter(pk=pk)):
        toast(request, _("It is not sent."))
    else:
        toast(request, _("It is out already."))
    return redirect(customer)


@require_GET
@right("reports.view")
def waiting(request: HttpRequest) -> HttpResponse:
    context = {"page": waiting_list.read(request.GET), "lists": waiting_list.LISTS}
    return render(request, "feedback/inviting/waiting.html", context)
