"""The start page of staff."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm import panels
from crm.models import Customer
from crm.today import due_tasks, greeting, is_empty, lead
from shop.access import right
from shop.navigation import address


@require_GET
@right("customers.view")
def today(request: HttpRequest) -> HttpResponse:
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
        "lacking": is_empty(request),
        "may_edit": request.user.may("customers.edit"),
        "import_url": address("crm:import") if request.user.may("imports.run") else "",
        "settings_url": address("shop:settings") if request.user.may("settings.edit") else "",
        "keys_url": address("shop:keys") if request.user.may("keys.manage") else "",
        "points_url": address("loyalty:programme") if request.user.may("programme.edit") else "",
        "survey_url": address("feedback:survey_new") if request.user.may("surveys.edit") else "",
    }
    return render(request, "crm/today/today.html", context)
