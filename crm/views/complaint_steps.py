"""What is done with one complaint: its steps, its owner, its severity, what was found out and given."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from crm.complaints import giving
from crm.complaints.forms import AgreementForm, SolutionForm
from crm.complaints.stages import StepRefused
from crm.models import Complaint, Given
from crm.staff import Staff
from crm.views.complaints import complaint_page, find_complaint
from shop.access import right
from shop.toasts import toast

Step = Callable[[Complaint, HttpRequest, dict[str, Any]], bool]

STEPS: dict[str, Step] = {
    "acknowledged": lambda complaint, request, told: complaint.acknowledge(actor=request.user.actor),
    "in_work": lambda complaint, request, told: complaint.work_on(actor=request.user.actor),
    "solved": lambda complaint, request, told: complaint.solve(actor=request.user.actor, **told),
    "told": lambda complaint, request, told: complaint.tell(actor=request.user.actor, **told),
    "closed": lambda complaint, request, told: complaint.close(actor=request.user.actor),
    "reopened": lambda complaint, request, told: complaint.reopen(
        actor=request.user.actor, why=request.POST.get("why", "")[:300]
    ),
    "waiting": lambda complaint, request, told: complaint.wait(actor=request.user.actor),
    "resumed": lambda complaint, request, told: complaint.resume(actor=request.user.actor),
}
SAID = {
    "acknowledged": gettext_lazy("Written down: the customer has a first answer."),
    "in_work": gettext_lazy("It is being solved."),
    "solved": gettext_lazy("Solved. Tell the customer now."),
    "told": gettext_lazy("The customer knows; the time has stopped."),
    "closed": gettext_lazy("The complaint is closed."),
    "reopened": gettext_lazy("Open again, with a new deadline."),
    "waiting": gettext_lazy("The deadline stands still until the customer answers."),
    "resumed": gettext_lazy("The deadline runs on."),
}


@require_POST
@right("complaints.work")
def stage(request: HttpRequest, pk: int) -> HttpResponse:
    """POST `to`: one of STEPS."""
    complaint, to = find_complaint(request, pk), request.POST.get("to", "")
    if to not in STEPS:
        return HttpResponse(status=400)
    form = _form(to, request, complaint)
    if form and not form.is_valid():
        name = "solution" if to == "solved" else "agreement"
        return complaint_page(request, complaint, 422, **{name: form})
    try:
        taken = STEPS[to](complaint, request, form.cleaned_data if form else {})
    except StepRefused:
        toast(request, _("It has moved on meanwhile; look again."))
    else:
        toast(request, str(SAID[to]) if taken else _("Somebody had done that already."))
    return redirect(complaint)


def _form(to: str, request: HttpRequest, complaint: Complaint) -> SolutionForm | AgreementForm | None:
    """What is asked with a step."""
    if to == "solved":
        return SolutionForm(request.POST, complaint=complaint)
    return AgreementForm(request.POST) if to == "told" else None


@require_POST
@right("complaints.work")
def cause(request: HttpRequest, pk: int) -> HttpResponse:
    complaint = find_complaint(request, pk)
    form = SolutionForm(request.POST, complaint=complaint)
    if not form.is_valid():
        return complaint_page(request, complaint, status=422, solution=form)
    if complaint.note_cause(**form.cleaned_data, actor=request.user.actor):
        toast(request, _("Written down."))
    return redirect(complaint)


@require_POST
@right("complaints.work")
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    """To oneself, what nobody has; to anybody, with the right to assign."""
    complaint, chosen = find_complaint(request, pk), request.POST.get("owner", "")
    taking = chosen == str(request.user.pk) and complaint.owner_id is None
    if not taking and not request.user.may("complaints.assign"):
        toast(request, _("Your role may not hand complaints to others."))
        return redirect(complaint)
    new = next((one for one in Staff.all().present if str(one.pk) == chosen), None)
    if new is None:
        return HttpResponse(status=400)
    if complaint.assign(new, actor=request.user.actor):
        toast(request, _("%(name)s has it now.") % {"name": new})
    return redirect(complaint)


@require_POST
@right("complaints.work")
def severity(request: HttpRequest, pk: int) -> HttpResponse:
    complaint, chosen = find_complaint(request, pk), request.POST.get("severity", "")
    if chosen not in {str(value) for value in Complaint.Severity.values}:
        return HttpResponse(status=400)
    if complaint.regrade(int(chosen), actor=request.user.actor):
        toast(request, _("The deadlines are reckoned anew."))
    return redirect(complaint)


@require_POST
@right("complaints.work")
def given(request: HttpRequest, pk: int) -> HttpResponse:
    """Name what this customer got as given for the complaint."""
    complaint = find_complaint(request, pk)
    gift = giving.find(complaint, request.POST.get("gift", ""))
    if gift is None:
        raise Http404
    if giving.name(complaint, gift, request.user):
        toast(request, _("It counts as given for this complaint."))
    return redirect(complaint)


@require_POST
@right("complaints.work")
def given_removal(request: HttpRequest, pk: int, given_id: int) -> HttpResponse:
    """What the customer got stays theirs; only that it was given for this complaint is taken back."""
    complaint = find_complaint(request, pk)
    Given.objects.filter(pk=given_id, complaint=complaint).delete()
    return redirect(complaint)
