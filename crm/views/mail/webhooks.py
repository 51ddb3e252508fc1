"""What the mail provider calls: bounces and complaints."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.mail import tracking
from shop.access import public


@public
@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Open to all, but only the provider in use is listened to, and only with its signature or our secret."""
    view = tracking.listener(provider)
    if view is None:
        raise Http404
    if request.method == "POST":
        tracking.hear(view, request)
    return HttpResponse()
