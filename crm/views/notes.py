"""Logging a conversation, with what must follow it; and having read one."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import retarget

from crm.card.panels import find_card, tasks_panel
from crm.complaints.files import NotTaken
from crm.forms import NoteForm
from crm.models import Attachment, Customer, Mention, Note
from crm.staff import Staff
from crm.views.card import card_page, composer, happened
from shop.access import right
from shop.navigation import back
from shop.toasts import toast


@require_POST
@right("customers.edit")
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    customer = find_card(request.user, "customers.edit", pk)
    form = NoteForm(request.POST, request.FILES, customer=customer)
    note = _logged(form, customer, request) if form.is_valid() else None
    if note is None:
        if not request.htmx:
            return card_page(request, customer, form, status=422)
        context = {"customer": customer, "may_edit": True, **composer(request, customer, Staff.all(), form)}
        return retarget(render(request, "crm/card/_composer.html", context, status=422), "#composer")

    follow_up = form.follow_up(request.user)
    said = _("%(kind)s with %(name)s logged.") % {"kind": note.get_kind_display(), "name": customer}
    toast(request, f"{said} {_('A task follows.')}" if follow_up else said)
    if not request.htmx:
        return redirect(customer)
    staff = Staff.all()
    context = {
        "customer": customer,
        "may_edit": True,
        **composer(request, customer, staff),
        **happened(request, customer, staff),
    }
    if follow_up:
        context["tasks"] = {**tasks_panel(request, customer).context, "elsewhere": True}
    return render(request, "crm/card/_logged.html", context)


def _logged(form: NoteForm, customer: Customer, request: HttpRequest) -> Note | None:
    """The conversation with its files, or none of it."""
    values = form.cleaned_data
    more = {"follow_up": form.follow_up(request.user), "complaint": values["complaint"]}
    try:
        with transaction.atomic():
            note = Note.log(customer, values["kind"], values["body"], by=request.user, **more)
            for upload in values["files"]:
                Attachment.keep(upload, customer=customer, by=request.user, note=note)
    except NotTaken as error:
        form.add_error("files", str(error))
        return None
    return note


@require_POST
@right("customers.view")
def mention_seen(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.view")
    get_object_or_404(Mention, pk=pk, user=request.user).see()
    return HttpResponse("") if request.htmx else back(request, otherwise=reverse("crm:today"))
