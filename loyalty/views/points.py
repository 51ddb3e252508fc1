"""Points on the staff's pages: the statement, giving and taking, what is owed, and whether the ledger fits."""

import secrets
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Customer
from loyalty.models import Account, Adjustment, CannotDecide, Entry, LedgerCheck
from loyalty.points import keeping_watch, liability, statement, wording
from loyalty.points.balance import Balance
from loyalty.points.errors import NotEnoughPoints
from loyalty.points.forms import AdjustForm
from loyalty.points.limits import limit_of
from loyalty.points.owed_chart import owed_chart
from shop.access import StaffRequest, right
from shop.charts.download import csv_response
from shop.formats import number
from shop.handing_out import Table, hand_out
from shop.models import Job, User
from shop.spreadsheets import csv_file
from shop.toasts import toast
from shop.typed import number_in

ENTRIES = 50


def staff_names() -> dict[str, str]:
    return {user.actor: user.name for user in User.objects.only("pk", "name")}


@right("customers.view")
@require_GET
def points(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement of one customer."""
    customer = Customer.objects.allowed(request.user, "customers.view").get_or_404(pk)
    account = Account.objects.filter(customer=customer).first()
    before = request.GET.get("before", "")
    found: dict[str, Any] = {"lines": [], "following": None}
    if account:
        found = statement.page_of(account, staff_names(), before=number_in(before))
    context = {
        "customer": customer,
        "balance": Balance.of(account),
        "may_adjust": request.user.may("points.adjust"),
        "is_first": not before,
        **found,
    }
    return render(request, "loyalty/points/statement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("points.adjust")
def adjust(request: HttpRequest, pk: int) -> HttpResponse:
    customer = Customer.objects.allowed(request.user, "points.adjust").get_or_404(pk)
    form = AdjustForm(request.POST or None, initial={"key": secrets.token_urlsafe(12)})
    if request.method == "POST" and form.is_valid():
        try:
            return _adjusted(request, customer, form.cleaned_data)
        except NotEnoughPoints as refused:
            form.add_error(
                "points",
                ngettext("There is only %(n)s.", "There are only %(n)s.", refused.available)
                % {"n": number(refused.available)},
            )
    context = {
        "customer": customer,
        "form": form,
        "limit": limit_of(request.user),
        "balance": Balance.of(Account.objects.filter(customer=customer).first()),
    }
    return render(request, "loyalty/points/adjust.html", context, status=422 if form.is_bound else 200)


def _adjusted(request: HttpRequest, customer: Customer, said: dict[str, Any]) -> HttpResponse:
    asked = Adjustment.ask(
        Account.of(customer),
        said["points"],
        reason=said["reason"],
        note=said["note"],
        by=request.user,
        key=f"{request.user.pk}:{said['key']}",
    )
    if asked.state == Adjustment.State.WAITING:
        text = _("That is above your limit. Somebody else has 72 hours to approve it; nothing changes before.")
    elif asked.points > 0:
        text = ngettext("Gave %(n)s point.", "Gave %(n)s points.", asked.points) % {"n": number(asked.points)}
    else:
        text = ngettext("Took %(n)s point.", "Took %(n)s points.", -asked.points) % {"n": number(-asked.points)}
    toast(request, text)
    return redirect("loyalty:points", customer.pk)


@require_POST
@right("points.adjust")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes or no to what somebody else asked for."""
    asked = get_object_or_404(Adjustment.objects.select_related("account__customer"), pk=pk)
    customer = Customer.objects.allowed(request.user, "points.adjust").get_or_404(asked.account.customer_id)
    try:
        if request.POST.get("say") == "yes":
            asked.approve(by=request.user)
            toast(request, _("Approved."))
        else:
            asked.refuse(by=request.user)
            toast(request, _("Refused."))
    except CannotDecide as refused:
        toast(request, _why_not(refused.why))
    except NotEnoughPoints:
        toast(request, _("There are no longer so many points."))
    return redirect("loyalty:points", customer.pk)


def _why_not(why: str) -> str:
    return {
        "own": _("Nobody approves what they asked for themselves."),
        "limit": _("That is above your limit too."),
    }.get(why, _("It was decided or has lapsed meanwhile."))


@right("reports.view")
@require_GET
def owed(request: HttpRequest) -> HttpResponse:
    """What the shop owes in points."""
    report = liability.Liability()
    context = {
        "report": report,
        "chart": owed_chart(report) if report.net or report.rows else None,
        "may_export": request.user.may("customers.export"),
        "may_check": request.user.may("settings.edit"),
        "check": LedgerCheck.objects.order_by("-started_at").first(),
        "checking": Job.objects.live().filter(lane=keeping_watch.KIND).first(),
    }
    return render(request, "loyalty/points/owed.html", context)


@right("reports.view")
@require_GET
def owed_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """By month and kind; `what=ends`: the figures of the chart."""
    if request.GET.get("what") == "ends":
        return csv_response(owed_chart(liability.Liability()), "points-owed.csv")
    head = [_("Month"), pgettext("a movement of points", "What"), _("Points")]
    return csv_file("points-by-month.csv", chain([head], liability.by_month()))


@right("reports.view")
@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """The rows behind a number of the report."""
    found = _asked_for(request)
    before = number_in(request.GET.get("before", ""))
    page = found.filter(pk__lt=before) if before is not None else found
    rows = list(page.select_related("account__customer", "order").order_by("-pk")[: ENTRIES + 1])
    context = {
        "rows": [(entry, wording.what(entry), wording.reason_of(entry)) for entry in rows[:ENTRIES]],
        "following": rows[ENTRIES - 1].pk if len(rows) > ENTRIES else None,
        "asked": _said_again(request),
        "label": _label(request.GET.get("what", "")),
        "month": liability.Month.read(request.GET.get("month", "")),
        "until": liability.Month.read(request.GET.get("until", "")),
        "may_export": request.user.may("customers.export"),
    }
    return render(request, "loyalty/points/entries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.export")
def entries_csv(request: StaffRequest) -> HttpResponse | StreamingHttpResponse:
    head = [_("When"), _("Customer"), pgettext("a movement of points", "What"), _("Reason"), _("Order"), _("Points")]
    found, asked = _asked_for(request), _said_again(request)
    rows = found.select_related("account__customer", "order").order_by("pk")
    table = Table("points.csv", found.count(), chain([head], _lines(rows)), asked)
    return hand_out(request, table, back=f"{reverse('loyalty:points_entries')}?{asked}")


def _lines(rows: Any) -> Iterator[list[Any]]:
    for entry in rows.iterator(chunk_size=2_000):
        line = statement.Line(entry, "")
        yield [
            entry.recorded_at.isoformat(timespec="seconds"),
            str(entry.account.customer),
            line.what,
            line.reason,
            str(entry.order or ""),
            entry.points,
        ]


def _asked_for(request: HttpRequest) -> Any:
    """By a group of kinds, and by a month or all that was until its end; anything else is left out of the question."""
    found, what = Entry.objects.all(), request.GET.get("what", "")
    if what == "ended":
        found = found.filter(kind__in=liability.ENDED, recorded_at__gte=liability.looked_back())
    elif kinds := liability.KINDS.get(what):
        found = found.filter(kind__in=kinds)
    if month := liability.Month.read(request.GET.get("month", "")):
        found = found.filter(recorded_at__gte=month.begin, recorded_at__lt=month.next.begin)
    if until := liability.Month.read(request.GET.get("until", "")):
        found = found.filter(recorded_at__lt=until.next.begin)
    return found


def _said_again(request: HttpRequest) -> str:
    """What was understood of the question, for the addresses of the next page and of the file."""
    what = request.GET.get("what", "")
    said = {"what": what if what in liability.KINDS or what == "ended" else ""}
    for name in ("month", "until"):
        month = liability.Month.read(request.GET.get(name, ""))
        said[name] = month.name if month else ""
    return urlencode({name: value for name, value in said.items() if value})


def _label(what: str) -> Any:
    if what == "ended":
        return _("Spent, given back and expired in two years")
    return next((label for known, label, _kinds in liability.GROUPS if known == what), _("All movements"))


@require_POST
@right("settings.edit")
def check(request: HttpRequest) -> HttpResponse:
    keeping_watch.request_check(by=request.user)
    toast(request, _("The ledger is being checked."))
    return redirect("loyalty:points_owed")
