"""A survey for a segment: who would get it, how far it is, and taking it back."""

import re
import uuid
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Customer
from crm.segments.sampling import Sample, sample
from crm.segments.selection import Selection
from feedback.inviting import many
from feedback.inviting.by_hand import InviteForm
from feedback.inviting.reasons import why_not
from feedback.models import Invitation
from shop.access import right
from shop.formats import number
from shop.job_progress import progress_of
from shop.models import Job
from shop.toasts import toast

KEY = re.compile(r"[0-9a-f]{32}")


@require_http_methods(["GET", "HEAD", "POST"])
@right("surveys.edit")
def invite_many(request: HttpRequest) -> HttpResponse:
    """First who would get it and who would not, with the reasons; `do` sends it. Nothing is written before."""
    Customer.objects.allowed(request.user, many.RIGHT)
    told = request.POST if request.method == "POST" else request.GET
    selection = Selection.read(told, request.user)
    if selection.why_nobody:
        toast(request, selection.why_nobody)
        return redirect("crm:customers")
    form = InviteForm(told if "do" in told else None)
    key = told.get("key", "")
    if request.method == "POST" and "do" in told and form.is_valid() and KEY.fullmatch(key):
        asked = many.ask(form.cleaned_data["survey"], urlencode(selection.pairs), by=request.user, key=key)
        return redirect("feedback:sending", asked.pk)
    context = {"form": form, "pairs": selection.pairs, "back": selection.question.address(), "key": uuid.uuid4().hex}
    context |= _reach(sample(selection.customers))
    return render(request, "feedback/inviting/many.html", context, status=422 if "do" in told else 200)


def _reach(looked_at: Sample) -> dict[str, Any]:
    counts = looked_at.scaled(many.reach(looked_at.ids))
    return {
        "picked": looked_at.picked,
        "looked_at": len(looked_at.ids) if looked_at.about else 0,
        "now": counts.pop("", 0),
        "reasons": [(why_not(why), n) for why, n in counts.most_common()],
    }


@require_GET
@right("surveys.edit")
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(Job, pk=pk, kind=many.INVITE)
    rows = many.invitations_of(asked).values_list("state", "why").annotate(n=Count("pk")).order_by("-n")
    counts = list(rows)
    context = {
        "asked": asked,
        "live": asked.is_live,
        "total": sum(n for _state, _why, n in counts),
        "lines": [(_line(state, why), n) for state, why, n in counts],
        "can_undo": not asked.is_live and any(state == Invitation.State.WAITING for state, _why, _n in counts),
    }
    if asked.is_live:
        context |= {**progress_of(asked), "sent_total": context["total"]}
    template = "feedback/inviting/_sending.html" if request.htmx else "feedback/inviting/sending.html"
    return render(request, template, context)


def _line(state: str, why: str) -> str:
    if state == Invitation.State.WAITING and not why:
        return _("On their way: mails of a send to many wait a minute.")
    return why_not(why) if why else str(Invitation.State(state).label).capitalize()


@require_POST
@right("surveys.edit")
def sending_undo(request: HttpRequest, pk: int) -> HttpResponse:
    back = many.call_off(get_object_or_404(Job, pk=pk, kind=many.INVITE))
    said = ngettext("%(n)s mail is not sent.", "%(n)s mails are not sent.", back)
    toast(request, said % {"n": number(back)} if back else _("They are all out already."))
    return redirect("feedback:sending", pk)
