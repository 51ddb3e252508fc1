"""The challenges, made and put away on their pages."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from loyalty.models import Challenge, Progress
from loyalty.programme import wording
from loyalty.programme.challenges import span_of
from loyalty.programme.forms import ChallengeForm
from loyalty.programme.panels import how_far
from loyalty.programme.telling import edited
from shop.access import right
from shop.toasts import toast

PAGE = 50


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
    context = {
        "rows": [row for row in rows if not row["challenge"].put_away_at],
        "away": [row for row in rows if row["challenge"].put_away_at],
        "may_edit": request.user.may("programme.edit"),
    }
    return render(request, "loyalty/programme/challenges.html", context)


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
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        edited("challenge", saved.pk, by=request.user)
        toast(request, _("Saved “%(name)s”.") % {"name": saved})
        return redirect("loyalty:challenges")
    rows = []
    if found:
        leading = Progress.objects.filter(challenge=found, counted__gt=0).select_related("customer")
        rows = list(leading.select_related("challenge").order_by("-began_on", "-counted", "customer_id")[:PAGE])
        for row in rows:
            row.said = how_far(row)
    context = {"form": form, "challenge": found, "rows": rows, "may_edit": request.user.may("programme.edit")}
    status = 422 if request.method == "POST" else 200
    return render(request, "loyalty/programme/challenge.html", context, status=status)


@require_POST
@right("programme.edit")
def challenge_put_away(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Challenge, pk=pk)
    found.put_away_at = None if found.put_away_at else timezone.now()
    found.save(update_fields=["put_away_at"])
    edited("challenge", found.pk, by=request.user)
    return redirect("loyalty:challenges")
