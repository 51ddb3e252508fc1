"""How fast the team is, so that people are helped, not watched: of a person only they and the manager see more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.complaints.figures import MONTHS, team_figures
from crm.models import Customer
from crm.panels import panels
from crm.staff import Staff
from shop.access import right


@require_GET
@right("complaints.work")
def team(request: HttpRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "complaints.work")
    people: dict[int | None, str] = {request.user.pk: request.user.name}
    if request.user.may("team.view"):
        people = {int(actor.removeprefix("staff:")): name for actor, name in Staff.all().names.items()}
        people[None] = _("nobody")
    context = {
        "figures": team_figures(people),
        "months": MONTHS,
        "everybody": request.user.may("team.view"),
        "panels": panels("team", request).get("main", []),
    }
    return render(request, "crm/complaints/team.html", context)
