"""Who invited whom; what is odd about a few, for a person to decide."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Customer
from loyalty.models import Referral, ReferralCode
from loyalty.programme.referrals import CannotRefer, code_of, decide, join, link_of, owner_of
from shop.access import right
from shop.toasts import toast
from shop.typed import number_in

PAGE = 50
LISTS = {
    "decide": gettext_lazy("To decide"),
    "under_way": pgettext_lazy("invitations", "Under way"),
    "rewarded": gettext_lazy("Rewarded"),
    "rejected": gettext_lazy("Rejected"),
}
REFUSED = {
    "unknown_code": gettext_lazy("Nobody has this code."),
    "known": gettext_lazy("Has bought before: only new customers can be invited."),
    "self": gettext_lazy("The same person: nobody invites themselves."),
    "referred": gettext_lazy("Somebody else invited them already."),
}


@require_GET
@right("reports.view")
def referrals(request: HttpRequest) -> HttpResponse:
    to_decide = Referral.objects.to_decide().count()
    asked = request.GET.get("list", "")
    name = asked if asked in LISTS else ("decide" if to_decide else "under_way")
    rows = _rows(name)
    if (after := number_in(request.GET.get("after", ""))) is not None:
        rows = rows.filter(pk__lt=after)
    listed = list(rows.select_related("inviter", "invited", "order").order_by("-pk")[: PAGE + 1])
    for row in listed:
        row.said = [Referral.FLAGS.get(flag, flag) for flag in row.flags]
    context = {
        "list": name,
        "tabs": [(key, label, key == name) for key, label in LISTS.items()],
        "to_decide": to_decide,
        "rows": listed[:PAGE],
        "following": listed[PAGE - 1].pk if len(listed) > PAGE else "",
        "may_edit": request.user.may("programme.edit"),
    }
    return render(request, "loyalty/programme/referrals.html", context)


def _rows(name: str) -> Any:
    if name == "decide":
        return Referral.objects.to_decide()
    if name == "under_way":
        return Referral.objects.under_way().filter(Q(flags=[]) | Q(decided_at__isnull=False))
    return Referral.objects.filter(state=name)


@require_POST
@right("programme.edit")
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Referral, pk=pk)
    allow = request.POST.get("allow") == "yes"
    note = " ".join(request.POST.get("note", "").split())[:200]
    if decide(found, allow=allow, actor=request.user.actor, note=note):
        said = (
            _("It is rewarded when the return window is over.") if allow else _("Rejected; nobody gets points for it.")
        )
        toast(request, said)
    return redirect("loyalty:referrals")


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def referral_of(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Their code, whom they invited; and a new customer names the code of whoever invited them."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(customer_id)
    if request.method != "POST":
        own = ReferralCode.objects.filter(customer=customer).first()
        context = {
            "customer": customer,
            "code": own,
            "link": link_of(own.code) if own else "",
            "came_by": Referral.objects.filter(invited=customer).select_related("inviter").order_by("-pk").first(),
            "brought": customer.referrals.select_related("invited").order_by("-pk")[:PAGE],
        }
        return render(request, "loyalty/programme/referral_of.html", context)
    try:
        inviter = owner_of(request.POST.get("code", ""))
        join(inviter, customer, actor=request.user.actor)
    except CannotRefer as error:
        toast(request, str(REFUSED[error.why]))
    else:
        toast(request, _("Invited by %(name)s.") % {"name": inviter})
    return redirect("loyalty:customer_referral", customer.pk)


@require_POST
@right("customers.edit")
def code(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The code to pass on; made when it is first asked for."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(customer_id)
    code_of(customer)
    return redirect("loyalty:customer_referral", customer.pk)
