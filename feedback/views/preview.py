"""A survey as customers see it, to be tried: what is answered here is marked and never counted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from feedback.models import Survey
from feedback.views.builder import built
from shop.access import right


@require_GET
@right("reports.view")
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Survey, pk=pk)
    return render(request, "feedback/surveys/preview.html", built(request, found))
