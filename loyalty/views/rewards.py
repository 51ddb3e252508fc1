"""The catalogue: what points can be exchanged for."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from loyalty.models import Exchange, Reward
from loyalty.programme import wording
from loyalty.programme.forms import RewardForm
from loyalty.programme.rewards import offer
from loyalty.views import shelf
from shop.access import right


@require_GET
@right("reports.view")
def rewards(request: HttpRequest) -> HttpResponse:
    listed = Reward.objects.annotate(times=Count("exchanges")).select_related("tier").order_by("cost", "pk")
    today = timezone.localdate()
    rows = [
        {"reward": one, "gives": wording.gives(one), "conditions": wording.conditions(one), "over": _over(one, today)}
        for one in listed
    ]
    return shelf.listed(request, "reward", rows)


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
    def save(form: Any) -> Reward:
        saved: Reward = form.save(commit=False)
        offer(saved, by=request.user)
        return saved

    def had() -> dict[str, Any]:
        exchanges = Exchange.objects.filter(reward__isnull=False, reward=found).select_related("customer")
        return {"had": list(exchanges.order_by("-at", "-pk")[: shelf.PAGE])}

    return shelf.edit(request, "reward", RewardForm(request.POST or None, instance=found), behind=had, save=save)


@require_POST
@right("programme.edit")
def reward_put_away(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.put_away(request, "reward", Reward, pk)
