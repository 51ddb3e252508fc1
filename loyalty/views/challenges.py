"""The challenges, made and put away on their pages."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from loyalty.models import Challenge, Progress
from loyalty.programme import wording
from loyalty.programme.challenges import span_of
from loyalty.programme.forms import ChallengeForm
from loyalty.programme.panels import how_far
from loyalty.views import shelf
from shop.access import right


@require_GET
@right("reports.view")
def challenges(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    listed = Challenge.objects.select_related("badge").order_by("-pk")
    sums = _sums([(one.pk, span) for one in listed if (span := span_of(one, today))])
    rows = [
        {
            "challenge": one,
            "target": wording.counted(one.metric, one.target),
            "span": span_of(one, today),
            **sums.get(one.pk, {}),
        }
        for one in listed
    ]
    return shelf.listed(request, "challenge", rows)


def _sums(running: list[tuple[int, Any]]) -> dict[int, dict[str, int]]:
    """Who takes part in the period of today, and who has met it: for all challenges in one question."""
    asked = Q(pk=None)
    for pk, (first, _last) in running:
        asked |= Q(challenge=pk, began_on=first)
    rows = Progress.objects.filter(asked, counted__gt=0).values("challenge").order_by()
    counted = rows.annotate(taking=Count("pk"), met=Count("pk", filter=Q(reached_at__isnull=False)))
    return {row["challenge"]: {"taking": row["taking"], "met": row["met"]} for row in counted}


@require_http_methods(["GET", "HEAD", "POST"])
@right("programme.edit")
def challenge_new(request: HttpRequest) -> HttpResponse:
    return _edit_challenge(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@right("reports.view", post="programme.edit")
def challenge(request: HttpRequest, pk: int) -> HttpResponse:
    """Its terms, and how far whom it brought."""
    return _edit_challenge(request, get_object_or_404(Challenge, pk=pk))


def _edit_challenge(request: HttpRequest, found: Challenge | None) -> HttpResponse:
    form = ChallengeForm(request.POST or None, instance=found)
    return shelf.edit(request, "challenge", form, behind=lambda: {"rows": list(_leading(found)) if found else []})


def _leading(found: Challenge) -> Iterator[Progress]:
    rows = Progress.objects.filter(challenge=found, counted__gt=0).select_related("customer", "challenge")
    for row in rows.order_by("-began_on", "-counted", "customer_id")[: shelf.PAGE]:
        row.said = how_far(row)
        yield row


@require_POST
@right("programme.edit")
def challenge_put_away(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.put_away(request, "challenge", Challenge, pk)
