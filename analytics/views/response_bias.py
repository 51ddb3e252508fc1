"""Beside the score of a survey: who did not answer it. A part of its own: counting orders of many takes a moment."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.reports import response_bias
from feedback.figures import chosen
from feedback.figures.overview import Report
from shop import formats
from shop.access import StaffRequest, right
from shop.currency import currency_in_force
from shop.intervals import FEW, Interval


@require_GET
@right("reports.view")
def who_did_not_answer(request: StaffRequest) -> HttpResponse:
    report = chosen.report(request.GET.dict())
    if report is None:
        raise Http404
    found = response_bias.of(report)
    context = {"report": report, "tile": found and _in_words(report, found), "silent": silent_url(report)}
    template = "analytics/_response_bias.html" if request.htmx else "analytics/response_bias.html"
    return render(request, template, context)


def silent_url(report: Report) -> str:
    return report.url("feedback:asked", list="silent")


def _in_words(report: Report, bias: response_bias.Bias) -> dict[str, Any]:
    verdict = bias.change.verdict()
    return {
        "silent": _money(bias.silent.average_order.value),
        "answered": _money(bias.answered.average_order.value),
        "orders": (formats.number(bias.silent.orders_each, 1), formats.number(bias.answered.orders_each, 1)),
        "verdict": {"up": _("They spend more"), "down": _("They spend less"), "cannot_tell": _("Cannot tell")}[verdict],
        "change": _between(bias.change, _money),
        "weighed": bias.weighed and _weighed(report, bias.weighed),
        "is_small": min(bias.silent.buyers, bias.answered.buyers) < FEW,
    }


def _weighed(report: Report, found: Interval) -> tuple[str, str]:
    assert report.measure
    return report.measure.say(found.value), _between(found, report.measure.say)


def _between(found: Interval, write: Any) -> str:
    return _("%(low)s to %(high)s") % {"low": write(found.low), "high": write(found.high)}


def _money(value: float) -> str:
    return formats.money(value, currency_in_force(), whole=True)
