import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from shop import health
from shop import metrics as figures
from shop.access import public
from shop.addresses import is_local
from shop.signing_in import owes_second_factor

livez, readyz = public(health.livez), public(health.readyz)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Anybody learns whether the site is well; what exactly is wrong is for those who can mend it."""
    report = health.report()
    user = request.user
    if not (
        is_local(request) or (user.is_authenticated and user.may("settings.edit") and not owes_second_factor(request))
    ):
        report = {"status": report["status"]}
    return JsonResponse(report)


@public
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: from this machine, or with the METRICS_TOKEN. To everybody else there is no such page."""
    given = request.headers.get("Authorization", "")
    known = settings.METRICS_TOKEN and hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    if not (known or is_local(request)):
        raise Http404
    return HttpResponse(figures.as_text(), content_type=figures.CONTENT_TYPE)
