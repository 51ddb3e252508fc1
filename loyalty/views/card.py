"""What staff do for one customer: the code of their card, points for a reward, a tier by hand."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Customer
from loyalty.models import Reward, RewardRefused, Tier
from loyalty.points.errors import NotEnoughPoints
from loyalty.programme.forms import GiveTierForm
from loyalty.programme.tiers import Ladder, give
from shop import formats, qr
from shop.access import StaffRequest, right
from shop.toasts import toast
from shop.typed import key_in

REFUSED = {
    "put_away": gettext_lazy("This reward is no longer offered."),
    "not_begun": gettext_lazy("This reward is not offered yet."),
    "over": gettext_lazy("This reward is over."),
    "gone": gettext_lazy("None of it is left."),
}


@require_GET
@right("customers.view")
def code(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The code of their card, as the till reads it: in its place on the card, without htmx on a page of its own."""
    customer = Customer.objects.allowed(request.user, "customers.view").get_or_404(customer_id)
    number = customer.card_number
    drawn = qr.drawn(number, _("The card of %(name)s, number %(code)s") % {"name": customer, "code": number})
    template = "loyalty/points/_card_code.html" if request.htmx else "loyalty/points/card_code.html"
    return render(request, template, {"customer": customer, "code": number, "qr": drawn})


@require_POST
@right("points.adjust")
def exchanges(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = Customer.objects.allowed(request.user, "points.adjust").get_or_404(customer_id)
    reward = get_object_or_404(Reward, pk=key_in(request.POST.get("reward", "")))
    key = f"card:{request.user.pk}:{request.POST.get('key', '')[:36]}"
    try:
        reward.redeem(customer, actor=request.user.actor, key=key)
    except RewardRefused as error:
        toast(request, _("Needs the tier %(tier)s.") % {"tier": error.tier} if error.tier else str(REFUSED[error.why]))
    except NotEnoughPoints as error:
        missing = ngettext("%(n)s more point is needed.", "%(n)s more points are needed.", error.missing)
        toast(request, missing % {"n": formats.number(error.missing)})
    else:
        said = _("%(name)s: exchanged for “%(reward)s”.")
        toast(request, said % {"name": customer, "reward": reward})
    return redirect(customer)


@require_http_methods(["GET", "HEAD", "POST"])
@right("programme.edit")
def tier(request: HttpRequest, customer_id: int) -> HttpResponse:
    """By hand, with a reason and an end."""
    customer = Customer.objects.allowed(request.user, "programme.edit").get_or_404(customer_id)
    ladder = Ladder.in_force()
    offered = Tier.objects.filter(pk__in=[step.tier_id for step in ladder.steps] if ladder else [])
    initial = {"until": timezone.localdate() + timedelta(days=365)}
    form = GiveTierForm(request.POST or None, tiers=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        give(customer, data["tier"], reason=data["reason"], until=data["until"], actor=request.user.actor)
        toast(
            request,
            _("%(name)s is %(tier)s until %(day)s.")
            % {"name": customer, "tier": data["tier"], "day": formats.day(data["until"])},
        )
        return redirect(customer)
    history = customer.tier_periods.select_related("tier").order_by("-began_on", "-pk")[:50]
    context = {"customer": customer, "form": form, "history": history, "ladder": ladder}
    return render(request, "loyalty/programme/give_tier.html", context, status=422 if request.method == "POST" else 200)
