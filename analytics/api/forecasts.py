"""What may come of one customer, for programs."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import shapes
from analytics.metrics.next_year import NextYear
from analytics.models import Figures, Generation
from crm.api.pages import query
from crm.models import Customer
from shop.api.told import Told
from shop.api.views import ApiView


class CustomerForecast(ApiView):
    right = "customers.view"
    told = {"GET": Told("Get a forecast", "What may come of one customer within a year.", shapes.FORECAST)}

    def get(self, request: Request, pk: int | str) -> Response:
        query(request)
        figures = Figures.objects.filter(pk=Customer.objects.get_or_404(pk).pk).first()
        generation = Generation.objects.current()
        if figures is None or generation is None:
            raise Http404
        return Response({"as_of": generation.as_of.isoformat(), **_shown(figures), **_ranges(generation, figures)})


def _shown(figures: Figures) -> dict[str, Any]:
    silent = figures.p_silent_90
    return {
        "net": str(figures.net),
        "p_alive": figures.p_alive,
        "p_order_90": None if silent is None else round(1 - silent, 6),
        "orders_365": figures.expected_365,
        "value_365": None if figures.value_365 is None else str(figures.value_365),
    }


def _ranges(generation: Generation, figures: Figures) -> dict[str, Any]:
    found = NextYear.of(figures, generation)
    bought, value = (found.orders, found.value) if found else (None, None)
    return {
        "p_nothing_365": found and round(found.nothing, 4),
        "orders_10_to_90": bought and [round(bought.low), round(bought.high)],
        "value_10_to_90": value and [f"{value.low:.2f}", f"{value.high:.2f}"],
    }
