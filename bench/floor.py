"""The floor view: what the least possible signed-in page costs under the same middleware. It is not slowed."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from crm.models import Customer

PAGE = engines["django"].from_string(
    "<!doctype html><title>Floor</title><ul>{% for row in rows %}<li>{{ row.0 }} {{ row.1 }}</li>{% endfor %}</ul>"
)


@login_required
def floor(request: HttpRequest) -> HttpResponse:
    after = int(request.GET.get("after", 0))
    rows = Customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "name")[:25]
    return HttpResponse(PAGE.render({"rows": rows}))


urlpatterns = [path("bench/floor/", floor), path("", include("config.urls"))]
