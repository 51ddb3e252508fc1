"""From the demo to a shop of one's own and back: each lives in its own database."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from shop.access import right
from shop.models import AuditRow
from shop.own_shop import copy_staff, other_shop, serve


@right("settings.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def own_shop(request: HttpRequest) -> HttpResponse:
    """POST names the shop to serve; the supervisor sees the file change and restarts the site."""
    other = other_shop()
    if not other:
        raise Http404
    if request.method != "POST":
        return render(request, "shop/own_shop.html", {"other": other})
    if request.POST.get("shop") != other:
        return HttpResponse(status=400)
    copy_staff(other)
    AuditRow.write("shop.switched", by=request.user)
    serve(other)
    return render(request, "shop/own_shop_waits.html", {"other": other})
