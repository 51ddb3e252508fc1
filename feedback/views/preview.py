"""A survey as customers see it, to be tried: what is answered here is marked and never counted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from feedback.answering.fields import take
from feedback.answering.recording import answer_uninvited
from feedback.answering.sheet import fields_for, language_for, sheet
from feedback.models import Response, Survey
from feedback.models.invitation import Channel
from feedback.views.customers import in_another_language
from shop.access import right
from shop.formats import number
from shop.toasts import toast


@require_http_methods(["GET", "HEAD", "POST"])
@right("reports.view", post="surveys.edit")
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Of the draft where there is one. An answer to it is looked at and not kept: a draft still changes."""
    survey = get_object_or_404(Survey, pk=pk)
    version = survey.draft or survey.version
    assert version is not None, "a survey has a version"
    version.survey = survey
    language = language_for(version, request.GET.get("lang", ""), (get_language() or "")[:2])
    with translation.override(language):
        fields = fields_for(version, language, {}, request.GET.get("score", ""))
        looking = request.method != "POST" or in_another_language(request, fields)
        values = {} if looking else take(fields, request.POST)
        if looking or any(one.error for one in fields):
            action, nameless = f"?lang={language}", "nameless" in request.POST
            more = {"test": True, "staff": survey, "action": action, "stamp": "", "nameless": nameless}
            context = sheet(request, version, language, fields, **more)
            status = 200 if looking else 422
            return render(request, "feedback/answering/form.html", context, status=status)
    if version.is_draft:
        toast(request, _("It works. Answers to a draft are not kept; start or publish it first."))
    else:
        nameless = "nameless" in request.POST
        answer_uninvited(version, values, language=language, channel=Channel.STAFF, nameless=nameless, test=True)
        toast(request, _("Your test answer is kept, marked, and never counted."))
    return redirect(survey)


@require_POST
@right("surveys.edit")
def tests(request: HttpRequest, pk: int) -> HttpResponse:
    """Test answers go; nothing was counted from them."""
    survey = get_object_or_404(Survey, pk=pk)
    gone = Response.objects.filter(survey=survey, test=True, changes=None)
    n = gone.count()
    gone.delete()
    toast(request, ngettext("%(n)s test answer is gone.", "%(n)s test answers are gone.", n) % {"n": number(n)})
    return redirect(survey)
