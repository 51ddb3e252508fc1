"""Ways in that need no invitation: an open link, its QR code for print, one script tag for a website."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from feedback.answering import widget
from feedback.models import Survey
from shop import qr
from shop.access import StaffRequest, right
from shop.toasts import toast

KINDS = {"svg": "image/svg+xml", "png": "image/png"}


def link_of(survey: Survey) -> str:
    return settings.SITE_URL.rstrip("/") + reverse("feedback:open_form", args=[survey.open_code])


@require_http_methods(["GET", "HEAD", "POST"])
@right("reports.view", post="surveys.edit")
def ways(request: StaffRequest, pk: int) -> HttpResponse:
    survey = get_object_or_404(Survey, pk=pk)
    if request.method == "POST":
        survey.open_code = None if request.POST.get("way") == "close" else widget.new_code()
        survey.save(update_fields=["open_code"])
        toast(request, _("The open link works.") if survey.open_code else _("The open link is closed."))
        return HttpResponseRedirect(reverse("feedback:survey_ways", args=[pk]), status=303)
    context = {"survey": survey, "sites": widget.sites(), "may_edit": request.user.may("surveys.edit")}
    if survey.open_code:
        link = link_of(survey)
        script = settings.SITE_URL.rstrip("/") + reverse("feedback:widget_script", args=[survey.open_code])
        tag = f'<script src="{script}" async></script>'
        context |= {"link": link, "tag": tag, "qr": qr.drawn(link, _("The link as a QR code"))}
    return render(request, "feedback/answering/ways.html", context)


@require_GET
@right("reports.view")
def qr_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    survey = get_object_or_404(Survey, pk=pk)
    if kind not in KINDS or not survey.open_code:
        raise Http404
    named = {"Content-Disposition": f'attachment; filename="survey-{pk}.{kind}"'}
    return HttpResponse(qr.file(link_of(survey), kind), content_type=KINDS[kind], headers=named)
