"""Surveys: the list, a new one, one of them with its state, its settings."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.models import CannotAsk, Survey
from feedback.surveys import wording
from feedback.surveys.figures import lately
from feedback.surveys.forms import SurveyForm
from feedback.surveys.kinds import Kind
from feedback.surveys.ready import first_question, make, ready
from shop.access import right
from shop.toasts import toast
from shop.typed import number_in

SIZE = 50
WAY_BACK = {"paused": "start", "archived": "restore", "restored": "archive", "started": "pause"}


@require_GET
@right("reports.view")
def surveys(request: HttpRequest) -> HttpResponse:
    put_away = request.GET.get("show") == "put-away"
    found = Survey.objects.filter(archived_at__isnull=not put_away).order_by("-pk")
    if (after := number_in(request.GET.get("after", ""))) is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: SIZE + 1])
    following = rows[SIZE - 1].pk if len(rows) > SIZE else 0
    rows = rows[:SIZE]
    counts = lately(rows)
    context = {
        "rows": [(one, wording.state(one), wording.sent_when(one), counts[one.pk]) for one in rows],
        "put_away": put_away,
        "following": following,
        "may_edit": request.user.may("surveys.edit"),
    }
    return render(request, "feedback/surveys/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("surveys.edit")
def survey_new(request: HttpRequest) -> HttpResponse:
    """Ready surveys to begin with; the one that is taken can be sent as it is."""
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        if kind not in Kind.values:
            raise Http404
        return redirect(make(ready()[kind], kind, by=request.user, actor=request.user.actor))
    language = (get_language() or "en")[:2]
    kinds = [
        {
            "kind": kind,
            "name": ready()[kind]["names"].get(language) or ready()[kind]["names"]["en"],
            "question": first_question(kind, language) if kind != Kind.OWN else "",
            "sent": wording.sent_when(Survey(kind=kind, **ready()[kind]["settings"])),
            "measures": wording.measures(kind),
        }
        for kind in Kind.values
    ]
    return render(request, "feedback/surveys/new.html", {"kinds": kinds})


@require_http_methods(["GET", "HEAD", "POST"])
@right("surveys.edit")
def survey_edit(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_object_or_404(Survey, pk=pk)
    form = SurveyForm(request.POST or None, instance=survey)
    if request.method == "POST" and form.is_valid():
        if form.has_changed():
            form.instance.settle(actor=request.user.actor)
        toast(request, _("Saved. It counts for who is asked from now on."))
        return redirect(survey)
    status = 422 if request.method == "POST" else 200
    return render(request, "feedback/surveys/settings.html", {"form": form, "survey": survey}, status=status)


@require_POST
@right("surveys.edit")
def survey_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Started, paused, put away, brought back."""
    survey = get_object_or_404(Survey, pk=pk)
    verbs: dict[str, tuple[Any, str]] = {
        "start": (survey.start, "started"),
        "pause": (survey.pause, "paused"),
        "archive": (survey.archive, "archived"),
        "restore": (survey.bring_back, "restored"),
    }
    do = request.POST.get("do") or request.GET.get("do", "")
    if do not in verbs:
        raise Http404
    verb, what = verbs[do]
    try:
        if verb(actor=request.user.actor):
            undo = f"{reverse('feedback:survey_state', args=[pk])}?do={WAY_BACK[what]}"
            toast(request, wording.happened(what, survey), undo=undo)
    except CannotAsk:
        toast(request, _("Publish the questions first."))
    return redirect(survey)
