from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from shop import health
from shop.access import public
from shop.addresses import is_local

livez, readyz = public(health.livez), public(health.readyz)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Anybody learns whether the site is well; what exactly is wrong is for those who can mend it."""
    report = health.report()
    user = request.user
    if not (is_local(request) or (user.is_authenticated and user.may("settings.edit"))):
        report = {"status": report["status"]}
    return JsonResponse(report)
