"""The floor views: what the least page and the least command cost under the same middleware. They are not slowed."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Customer
from shop.api.views import Command

PAGE = engines["django"].from_string(
    "<!doctype html><title>Floor</title><ul>{% for row in rows %}<li>{{ row.0 }} {{ row.1 }}</li>{% endfor %}</ul>"
)


@login_required
def floor(request: HttpRequest) -> HttpResponse:
    after = int(request.GET.get("after", 0))
    rows = Customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "name")[:25]
    return HttpResponse(PAGE.render({"rows": rows}))


class Answers(Command):
    """The key, the limit, the transaction, and one row: the answer that is kept."""

    right = "till.use"

    def act(self, request: Request, *args: object, **kwargs: object) -> Response:
        return Response({})


urlpatterns = [
    path("bench/floor/", floor),
    path("bench/floor/answers/", Answers.as_view()),
    path("", include("config.urls")),
]
