"""Every metric of a period and a group, with n, interval, completeness and what it was before."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import shapes
from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.metrics.spans import MONTH, Span
from analytics.metrics.table import BY_NAME, METRICS, MONTHLY, WINDOW, Metric
from analytics.models import Generation
from analytics.reports import behind, figures, told
from analytics.reports.choice import AGAINST, Choice
from crm.api.pages import query
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView
from shop.typed import number_in

ASKED = ("period", "group", "compare", "mode")
LONGEST = 36  # months


ASKING: dict[str, Any] = {
    "period": "2026-02, 2026-Q1 or 2026; the last whole month when left out.",
    "group": "A segment or a part of the customers, as on the page Retention.",
    "compare": {
        "description": "What it is held against.",
        "schema": {"type": "string", "enum": list(AGAINST)},
    },
    "mode": {
        "description": "Within a window that rolls, or by the months of the calendar.",
        "schema": {"type": "string", "enum": [WINDOW, MONTHLY]},
    },
}


class MetricList(ApiView):
    right = "reports.view"
    told = {
        "GET": Told(
            "List metrics",
            "Every metric of a period and a group.",
            shapes.METRICS,
            query=ASKING,
            refusals=("no_figures",),
        )
    }

    def get(self, request: Request) -> Response:
        choice = _choice(self.key, query(request, *ASKED))
        return Response(told.of_choice(choice, figures.all_of(choice, figures.sums_of(choice))))


class MetricNames(ApiView):
    right = "reports.view"
    told = {"GET": Told("List names of metrics", "What there is, each with its one definition.", shapes.NAMES)}

    def get(self, request: Request) -> Response:
        """What there is, each with its one definition."""
        query(request)
        return Response({"results": [_defined(one) for one in METRICS]})


class MetricDetail(ApiView):
    right = "reports.view"
    told = {
        "GET": Told(
            "Get a metric",
            "With n, interval, and what it was before.",
            shapes.ONE_METRIC,
            query=ASKING,
            refusals=("no_figures",),
        )
    }

    def get(self, request: Request, name: str) -> Response:
        metric, choice = _metric(name), _choice(self.key, query(request, *ASKED))
        (found,) = figures.all_of(choice, figures.sums_of(choice), [metric.name])
        return Response({**_defined(metric), **told.asked(choice), **told.figure(found)})


class MetricMonths(ApiView):
    right = "reports.view"
    told = {
        "GET": Told(
            "Get a metric by months",
            "The last complete months, the oldest first.",
            shapes.MONTHS,
            query={
                "group": ASKING["group"],
                "mode": ASKING["mode"],
                "months": {
                    "description": "How many, 1 to 36.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": LONGEST, "default": 12},
                },
            },
            refusals=("no_figures",),
        )
    }

    def get(self, request: Request, name: str) -> Response:
        """The last complete months, the oldest first."""
        asked = query(request, "group", "mode", "months")
        metric, choice = _metric(name), _choice(self.key, {**asked, "compare": "none"})
        spans = _months(choice.generation, _how_many(asked.get("months", "12")))
        sums = asking.sums(choice.generation, [Question(span, choice.group) for span in spans])
        rows = [_month(choice, metric, *one) for one in zip(spans, sums, strict=True)]
        return Response({**_defined(metric), **told.of_generation(choice.generation), "results": rows})


class MetricCustomers(ApiView):
    """Who stands behind a number: naming customers takes their own scope too."""

    right = "reports.view"
    told = {
        "GET": Told(
            "List the customers of a metric",
            "Who stands behind the number, who spent most first. Also needs the scope `customers.view`.",
            list_of=shapes.BEHIND,
            query={name: ASKING[name] for name in ("period", "group", "mode")},
            refusals=("no_figures",),
            paged=("cursor",),
        )
    }

    def get(self, request: Request, name: str) -> Response:
        asked, metric = query(request, "period", "group", "mode", "cursor"), _metric(name)
        if not self.key.may("customers.view"):
            scope = "customers.view"
            raise Refused("scope_missing", _("The key lacks the scope %s.") % scope, status=403, scope=scope)
        choice = _choice(self.key, {key: value for key, value in asked.items() if key != "cursor"})
        question = {"period": choice.span.key, "group": choice.group.key, "mode": choice.mode, "who": metric.who}
        found = behind.asked(choice.generation, question, self.key)
        if found is None:
            raise Http404
        rows, following = behind.page(found.customers, asked.get("cursor", ""))
        results = [{"id": row.customer_id, "net": str(row.net)} for row in rows]
        return Response({"results": results, "next": following or None})


def _choice(key: Any, asked: Mapping[str, str]) -> Choice:
    """A question that cannot be read is refused: another period's figures would be taken for this one's."""
    generation = Generation.objects.current()
    if generation is None or not generation.customers:
        raise Refused("no_figures", _("There are no figures yet."), status=409)
    for name, words in (("compare", AGAINST), ("mode", (WINDOW, MONTHLY))):
        if asked.get(name, words[0]) not in words:
            raise serializers.ValidationError({name: [", ".join(words)]})
    wanted = {**asked, "against": asked.get("compare", "before")}
    last = Span.of(generation.as_of, MONTH).before
    choice = Choice.read(generation, wanted, key, mode=WINDOW, span=last)
    if choice.unread:
        raise serializers.ValidationError({"question": list(choice.unread)})
    return choice


def _metric(name: str) -> Metric:
    if name not in BY_NAME:
        raise Http404
    return BY_NAME[name]


def _defined(metric: Metric) -> dict[str, Any]:
    return {"name": metric.name, "label": str(metric.label), "means": str(metric.says), "unit": metric.unit}


def _how_many(months: str) -> int:
    number = number_in(months, digits=2) or 0
    if not 1 <= number <= LONGEST:
        raise serializers.ValidationError({"months": [_("From 1 to %(most)s.") % {"most": LONGEST}]})
    return number


def _months(generation: Generation, most: int) -> list[Span]:
    span, found = Span.of(generation.as_of, MONTH).before, list[Span]()
    while len(found) < most and generation.history_from and span.last >= generation.history_from:
        found.append(span)
        span = span.before
    return found[::-1]


def _month(choice: Choice, metric: Metric, span: Span, sums: Any) -> dict[str, Any]:
    (found,) = figures.all_of(choice.of(span), (sums, None), [metric.name])
    return {"period": told.period(span), **told.figure(found)}
