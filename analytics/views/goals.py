from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.forms import GoalForm
from analytics.models import Generation, Goal
from analytics.reports import pages
from analytics.reports.goals import Progress, progress_of
from shop.access import StaffRequest, right
from shop.toasts import toast

ENDED = 20  # shown below


def _progress(goals: Any) -> list[Progress]:
    generation = Generation.objects.current()
    rows = list(goals.select_related("made_by"))
    return progress_of(rows, generation) if generation and generation.customers else []


@right("reports.view")
@require_GET
def goals(request: StaffRequest) -> HttpResponse:
    ended = Goal.objects.exclude(ended_at=None).order_by("-ended_at", "-pk")[:ENDED]
    return pages.shown(
        request,
        "goals",
        rows=_progress(Goal.objects.running()),
        ended=_progress(ended),
        has_figures=Generation.objects.current() is not None,
        may_edit=request.user.may("goals.edit"),
    )


@right("goals.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def goal_new(request: StaffRequest) -> HttpResponse:
    return _edit(request, None)


@right("reports.view", post="goals.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def goal(request: StaffRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Goal.objects.select_related("made_by"), pk=pk))


def _edit(request: StaffRequest, found: Goal | None) -> HttpResponse:
    generation = Generation.objects.current()
    form = GoalForm(request.POST or None, user=request.user, generation=generation, goal=found)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        toast(request, _("The goal is set.") if found is None else _("The goal is changed."))
        return redirect("analytics:goal", saved.pk)
    shown = progress_of([found], generation)[0] if found and generation and generation.customers else None
    context = {
        "form": form,
        "goal": found,
        "progress": shown,
        "chart": shown.chart(csv=reverse("analytics:goal_csv", args=[found.pk])) if shown and found else None,
        "may_edit": request.user.may("goals.edit"),
    }
    return render(request, "analytics/goal.html", context, status=422 if form.is_bound else 200)


@right("reports.view")
@require_GET
def download(request: StaffRequest, pk: int) -> HttpResponse:
    shown = _progress(Goal.objects.filter(pk=get_object_or_404(Goal, pk=pk).pk))
    return pages.file(shown[0].chart() if shown else None, "goal")


@right("goals.edit")
@require_POST
def goal_end(request: StaffRequest, pk: int) -> HttpResponse:
    """Ended, or taken up again."""
    found = get_object_or_404(Goal, pk=pk)
    found.end(found.ended_at is None, actor=request.user.actor)
    toast(request, _("The goal has ended.") if found.ended_at else _("The goal is taken up again."))
    return redirect("analytics:goals")
