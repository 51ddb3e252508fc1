"""Staff on the phone write down what a customer answers; the answer says that it was told to them."""

import secrets

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.models import Customer, Identifier
from feedback.answering.fields import take
from feedback.answering.sheet import fields_for, language_for, sheet
from feedback.models import AlreadyAnswered, CannotAsk, Invitation, Survey, SurveyVersion
from feedback.models.invitation import Channel
from feedback.views.customers import in_another_language
from shop.access import StaffRequest, right
from shop.toasts import toast


@require_GET
@right("customers.edit")
def surveys(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Which survey it is about."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(customer_id)
    asked = Invitation.objects.open().filter(customer=customer, test=False).order_by("-pk")
    open_of = {one.survey_id: one for one in asked}
    rows = [(survey, open_of.get(survey.pk)) for survey in Survey.objects.running().order_by("name", "pk")]
    return render(request, "feedback/answering/assisted.html", {"customer": customer, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def answer(request: StaffRequest, customer_id: int, pk: int) -> HttpResponse:
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(customer_id)
    survey = get_object_or_404(Survey.objects.running(), pk=pk)
    invitation = Invitation.objects.open().filter(customer=customer, survey=survey, test=False).order_by("pk").first()
    version = invitation.version if invitation else survey.version
    assert version is not None, "a survey that runs has a version"
    language = language_for(version, request.GET.get("lang", ""), translation.get_language() or "")
    fields = fields_for(version, language, {})
    looking = request.method != "POST" or in_another_language(request, fields)
    values = {} if looking else take(fields, request.POST)
    if looking or any(one.error for one in fields):
        return _form(request, customer, version, language, fields, status=200 if looking else 422)
    how = {"callback": "callback" in request.POST, "nameless": "nameless" in request.POST}
    try:
        with transaction.atomic():
            asked = invitation or Invitation.objects.invite(
                customer, survey, cause=f"staff:{secrets.token_hex(8)}", trigger="hand", channel=Channel.STAFF
            )
            asked.answer(values, language=language, channel=Channel.STAFF, assisted_by=request.user, **how)
        toast(request, _("The answer of %(name)s is written down.") % {"name": customer})
    except (AlreadyAnswered, CannotAsk):
        toast(request, _("Nothing was stored: this survey is answered or over."))
    return HttpResponseRedirect(customer.get_absolute_url(), status=303)


def _form(
    request: StaffRequest, customer: Customer, version: SurveyVersion, language: str, fields: list, *, status: int
) -> HttpResponse:
    phone = Identifier.objects.filter(customer=customer, kind=Identifier.Kind.PHONE).order_by("pk").first()
    more = {"assisted": customer, "phone": phone.normalised if phone else ""}
    more |= {"callback": "callback" in request.POST, "nameless": "nameless" in request.POST}
    with translation.override(language):
        context = sheet(request, version, language, fields, **more)
        return render(request, "feedback/answering/form.html", context, status=status)
