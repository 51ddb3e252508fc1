"""The catalogue: what points can be exchanged for."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from loyalty.models import Exchange, Reward
from loyalty.programme import wording
from loyalty.programme.forms import RewardForm
from loyalty.programme.rewards import offer
from loyalty.programme.telling import edited
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
        edited("reward", saved.pk, by=request.user)
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
    edited("reward", found.pk, by=request.user)
    return redirect("loyalty:rewards")
