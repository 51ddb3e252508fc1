"""The catalogue: what points can be exchanged for; and the challenges, made in the same way."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Event
from loyalty.models import Challenge, Exchange, Progress, Reward
from loyalty.programme import wording
from loyalty.programme.challenges import span_of
from loyalty.programme.forms import ChallengeForm, RewardForm
from loyalty.programme.panels import how_far
from loyalty.programme.rewards import offer
from shop.access import right
from shop.toasts import toast

PAGE = 50


@require_GET
@right("reports.view")
def rewards(request: HttpRequest) -> HttpResponse:
    listed = Reward.objects.annotate(times=Count("exchanges")).select_related("tier").order_by("cost", "pk")
    today = timezone.localdate()
    rows = [
        {"reward": one, "gives": wording.gives(one), "conditions": wording.conditions(one), "over": _over(one, today)}
        for one in listed
    ]
    context = {
        "rows": [row for row in rows if not row["reward"].put_away_at],
        "away": [row for row in rows if row["reward"].put_away_at],
        "may_edit": request.user.may("programme.edit"),
    }
    return render(request, "loyalty/programme/rewards.html", context)


def _over(reward: Reward, today: Any) -> str:
    if reward.stock == 0:
        return _("none left")
    if reward.starts_on and reward.starts_on > today:
        return _("not yet")
    return _("over") if reward.ends_on and reward.ends_on < today else ""


@require_http_methods(["GET", "HEAD", "POST"])
@right("programme.edit")
def reward_new(request: HttpRequest) -> HttpResponse:
    return _edit_reward(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@right("reports.view", post="programme.edit")
def reward(request: HttpRequest, pk: int) -> HttpResponse:
    """Its terms, and who had it."""
    return _edit_reward(request, get_object_or_404(Reward, pk=pk))


def _edit_reward(request: HttpRequest, found: Reward | None) -> HttpResponse:
    form = RewardForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        offer(saved, by=request.user)
        _tell(request, "reward", saved.pk)
        toast(request, _("Saved “%(name)s”.") % {"name": saved})
        return redirect("loyalty:rewards")
    had = Exchange.objects.filter(reward__isnull=False, reward=found).select_related("customer").order_by("-at", "-pk")
    context = {
        "form": form,
        "reward": found,
        "had": list(had[:PAGE]),
        "may_edit": request.user.may("programme.edit"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "loyalty/programme/reward.html", context, status=status)


@require_POST
@right("programme.edit")
def reward_put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """And brought back. Whoever had it keeps it."""
    found = get_object_or_404(Reward, pk=pk)
    found.put_away_at = None if found.put_away_at else timezone.now()
    found.save(update_fields=["put_away_at"])
    _tell(request, "reward", found.pk)
    return redirect("loyalty:rewards")


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
        _tell(request, "challenge", saved.pk)
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
    _tell(request, "challenge", found.pk)
    return redirect("loyalty:challenges")


def _tell(request: HttpRequest, what: str, pk: int) -> None:
    Event.record("programme.changed", actor=request.user.actor, what=what, number=pk, since="")
