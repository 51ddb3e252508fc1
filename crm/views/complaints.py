"""Complaints: the list, a new one, one with everything about it."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.complaints import giving
from crm.complaints.files import NotTaken
from crm.complaints.forms import AgreementForm, ComplaintForm, SolutionForm, TalkForm
from crm.complaints.question import LABELS, VIEWS, ComplaintQuestion
from crm.complaints.story import story
from crm.complaints.words import due_of, steps
from crm.models import Attachment, Complaint, Customer, Note
from crm.panels import panels
from crm.segments.search import find
from crm.staff import Staff
from shop.access import right
from shop.toasts import toast
from shop.typed import key_in, number_in


@require_GET
@right("complaints.work")
def complaints(request: HttpRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "complaints.work")
    question = ComplaintQuestion.read(request.GET, request.user, Staff.all())
    rows, following = question.page()
    counts, now = question.counts(), timezone.now()
    edit = request.GET.get("edit", "")
    context = {
        "question": question,
        "rows": [(row, due_of(row, now)) for row in rows],
        "following": following and question.address(after=following),
        "tabs": [(name, label, counts.get(name), name == question.view) for name, label in VIEWS.items()],
        "labels": {name: label for name, label in LABELS.items() if name not in question.asked},
        "editing": edit in LABELS and {"name": edit, "label": LABELS[edit], "options": question.options(edit)},
        "values": question.asked.get(edit, []),
        "kept": [(name, value) for name, values in question.asked.items() if name != edit for value in values],
        "state": question.address(),
    }
    return render(request, "crm/complaints/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("complaints.work")
def complaint_new(request: HttpRequest) -> HttpResponse:
    """For the customer in the address; without one, the page asks for whom."""
    allowed = Customer.objects.allowed(request.user, "complaints.work")
    about = number_in(request.GET.get("customer", ""))
    if about is None:
        return _for_whom(request)
    customer = allowed.get_or_404(about)
    files = request.FILES if request.method == "POST" else None
    form = ComplaintForm(request.POST or None, files, customer=customer, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            complaint = _opened(customer, form, request)
        except NotTaken as error:
            form.add_error("files", str(error))
        else:
            toast(request, _("The complaint of %(name)s is open.") % {"name": customer})
            return redirect(complaint)
    context = {"form": form, "customer": customer, "note": _note(request, customer)}
    return render(request, "crm/complaints/new.html", context, status=422 if request.method == "POST" else 200)


@transaction.atomic
def _opened(customer: Customer, form: ComplaintForm, request: HttpRequest) -> Complaint:
    values = dict(form.cleaned_data)
    files = values.pop("files")
    values.setdefault("owner", customer.owner or request.user)
    complaint = Complaint.open_for(customer, actor=request.user.actor, **values)
    for upload in files:
        Attachment.keep(upload, customer=customer, by=request.user, complaint=complaint)
    if note := _note(request, customer):
        Note.objects.filter(pk=note.pk).update(complaint=complaint)
    return complaint


def _note(request: HttpRequest, customer: Customer) -> Note | None:
    """The conversation out of which the complaint comes."""
    return customer.notes.filter(pk=key_in(request.GET.get("note", "")), complaint=None).first()


def _for_whom(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "")[:200].strip()
    found = find(q)
    people = Customer.objects.in_bulk([one.customer_id for one in found])
    rows = [(people[one.customer_id], one) for one in found if one.customer_id in people]
    status = 422 if request.method == "POST" else 200
    return render(request, "crm/complaints/for_whom.html", {"q": q, "rows": rows}, status=status)


@require_GET
@right("complaints.work")
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    return complaint_page(request, find_complaint(request, pk))


def find_complaint(request: HttpRequest, pk: int, right: str = "complaints.work") -> Complaint:
    Customer.objects.allowed(request.user, right)
    return get_object_or_404(Complaint.objects.select_related("customer", "owner", "order"), pk=pk)


def complaint_page(request: HttpRequest, complaint: Complaint, status: int = 200, **forms: Any) -> HttpResponse:
    staff, user = Staff.all(), request.user
    customer = complaint.customer
    context = {
        "complaint": complaint,
        "customer": customer,
        "due": due_of(complaint),
        "steps": steps(complaint),
        "story": story(complaint, staff.names),
        "staff": staff.present,
        "may_assign": user.may("complaints.assign"),
        "severities": Complaint.Severity.choices,
        "files": complaint.attachments.order_by("pk"),
        "given": giving.named(complaint),
        "gifts": giving.to_name(complaint),
        "talks": customer.notes.filter(complaint=None).order_by("-at", "-pk")[:20],
        "panels": panels("complaint", request, complaint),
        "solution": SolutionForm(complaint=complaint),
        "agreement": AgreementForm(),
        "talk": TalkForm(initial={"kind": "call"}),
        **forms,
    }
    return render(request, "crm/complaints/one.html", context, status=status)
