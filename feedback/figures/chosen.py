"""Which survey an address asks about, and the report that it names."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef
from django.utils import timezone

from feedback.figures.overview import Report
from feedback.models import Response, Survey, SurveyVersion
from feedback.surveys.kinds import Kind
from shop.typed import number_in

MOST = 12


def surveys() -> list[Survey]:
    """Those that have questions, by what they measure; those that somebody has answered first."""
    published = SurveyVersion.objects.published().filter(survey=OuterRef("pk"))
    answered = Exists(Response.objects.counted().filter(survey=OuterRef("pk")))
    rows = Survey.objects.present().filter(Exists(published)).annotate(answered=answered)
    rows = rows.order_by("-answered", "-created_at", "-pk")[:MOST]
    order = list(Kind.values)
    return sorted(rows, key=lambda one: order.index(one.kind))


def report(address: Mapping[str, str], among: list[Survey] | None = None) -> Report | None:
    """Of the survey in the address, also one that is put away; else of the first."""
    shown = surveys() if among is None else among
    asked = address.get("survey", "")
    chosen = next((one for one in shown if str(one.pk) == asked), None)
    if chosen is None and (number := number_in(asked)) is not None:
        chosen = Survey.objects.filter(pk=number).first()
    chosen = chosen or (shown[0] if shown else None)
    return Report.of(chosen, address, timezone.localdate()) if chosen else None
