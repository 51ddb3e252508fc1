"""The papers of the API for programs: GET /api/v1/openapi.json, the same for everybody."""

from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from shop.access import PUBLIC
from shop.api.views import ApiView


class OpenApi(ApiView):
    right = PUBLIC
    authentication_classes = []

    def get(self, request: Request) -> HttpResponse:
        from shop.api.schema import papers  # what makes them is loaded when somebody asks

        return HttpResponse(JSONRenderer().render(papers()), content_type="application/json")
