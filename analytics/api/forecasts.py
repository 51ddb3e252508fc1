"""What may come of one customer, for programs."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import shapes
from analytics.metrics.next_year import NextYear
from analytics.models import Generation, Scores
from crm.api.pages import query
from crm.models import Customer
from shop.api.told import Told
from shop.api.views import ApiView


class CustomerForecast(ApiView):
    right = "customers.view"
    told = {"GET": Told("Get a forecast", "What may come of one customer within a year.", shapes.FORECAST)}

    def get(self, request: Request, pk: int | str) -> Response:
        query(request)
        customer = Customer.objects.get_or_404(pk)
        scores = Scores.objects.filter(customer=customer).select_related("customer__figures").first()
        generation = Generation.objects.current()
        if scores is None or generation is None:
            raise Http404
        return Response({"as_of": generation.as_of.isoformat(), **_shown(scores), **_ranges(generation, scores)})


def _shown(scores: Scores) -> dict[str, Any]:
    silent = scores.p_silent_90
    return {
        "net": str(scores.figures.net),
        "p_alive": scores.p_alive,
        "p_order_90": None if silent is None else round(1 - silent, 6),
        "orders_365": scores.expected_365,
        "value_365": None if scores.value_365 is None else str(scores.value_365),
    }


def _ranges(generation: Generation, scores: Scores) -> dict[str, Any]:
    found = NextYear.of(scores, generation)
    bought, value = (found.orders, found.value) if found else (None, None)
    return {
        "p_nothing_365": found and round(found.nothing, 4),
        "orders_10_to_90": bought and [round(bought.low), round(bought.high)],
        "value_10_to_90": value and [f"{value.low:.2f}", f"{value.high:.2f}"],
    }
