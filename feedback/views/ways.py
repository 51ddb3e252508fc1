"""Ways in that need no invitation: an open link, its QR code for print, one script tag for a website."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from feedback.answering import widget
from feedback.models import Brand, Survey
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
        _change(request, survey)
        return HttpResponseRedirect(reverse("feedback:survey_ways", args=[pk]), status=303)
    context = {"survey": survey, "sites": widget.sites(), "may_edit": request.user.may("surveys.edit")}
    if survey.open_code:
        link = link_of(survey)
        script = settings.SITE_URL.rstrip("/") + reverse("feedback:widget_script", args=[survey.open_code])
        tag = f'<script src="{script}" async></script>'
        context |= {"link": link, "tag": tag, "qr": qr.drawn(link, _("The link as a QR code")), **_poster(survey)}
    return render(request, "feedback/answering/ways.html", context)


def _change(request: StaffRequest, survey: Survey) -> None:
    """A new link, or none; the one before comes back by Undo, so that what is printed stays good."""
    former, wanted = survey.open_code, request.GET.get("back", "")
    if widget.CODE.fullmatch(wanted) and not Survey.objects.filter(open_code=wanted).exists():
        code: str | None = wanted
    else:
        code = None if request.POST.get("way") == "close" else widget.new_code()
    survey.open_to_all(code, actor=request.user.actor)
    undo = f"{reverse('feedback:survey_ways', args=[survey.pk])}?back={former}" if former and not wanted else ""
    toast(request, _("The open link works.") if survey.open_code else _("The open link is closed."), undo=undo)


def _poster(survey: Survey) -> dict[str, str]:
    """What is printed around the code: whose it is, and what is asked."""
    version = survey.version
    first = version.questions.first() if version else None
    ask = first.said("ask", version.languages[0]) if version and first else ""
    return {"sign": Brand.now().shown_name, "ask": ask}


@require_GET
@right("reports.view")
def qr_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    survey = get_object_or_404(Survey, pk=pk)
    if kind not in KINDS or not survey.open_code:
        raise Http404
    named = {"Content-Disposition": f'attachment; filename="survey-{pk}.{kind}"'}
    return HttpResponse(qr.file(link_of(survey), kind), content_type=KINDS[kind], headers=named)
