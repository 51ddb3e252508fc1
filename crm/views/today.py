"""The start page of staff."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm import panels
from crm.first_steps import first_steps
from crm.models import Customer
from crm.today import due_tasks, greeting, lead
from shop.access import StaffRequest, right, signed_in
from shop.toasts import toast


@require_GET
@right("customers.view")
def today(request: StaffRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.view")
    panels.ask("today", request, request.user)
    tasks = due_tasks(request)
    context = {
        "greeting": greeting(request.user.name, timezone.localtime()),
        "now": timezone.localdate(),
        "lead": lead(tasks),
        "tasks": tasks,
        "panels": panels.panels("today", request),
        "next_step": panels.next_step("today_next_step", request),
        "first_steps": first_steps(request),
        "may_edit": request.user.may("customers.edit"),
    }
    return render(request, "crm/today/today.html", context)


@require_POST
@signed_in
def steps_put_away(request: StaffRequest) -> HttpResponse:
    """Theirs alone: a colleague who has not finished still sees the first steps. `?back`: shown again."""
    if "back" in request.GET:
        request.user.show_first_steps()
    else:
        request.user.put_first_steps_away()
        toast(request, _("The first steps are put away."), undo=f"{request.path}?back")
    return redirect("crm:today")
