"""The audit: who saw, changed and exported what, when; and the same as a file."""

import csv
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.audit import showing
from crm.audit.asking import all_of, page_of
from crm.audit.forms import AuditForm
from crm.segments.files import plain
from shop.access import StaffRequest, right
from shop.confirmation import PasswordForm
from shop.models import AuditRow
from shop.spreadsheets import MARK, harmless

MOST = 20_000  # lines of one file, which is written while one waits


@require_safe
@right("audit.view")
def audit(request: HttpRequest) -> HttpResponse:
    names = showing.Names.all()
    form = AuditForm(request.GET, names=names)
    rows, following = page_of(form.asked, request.GET.get("before", "")) if form.is_valid() else ([], "")
    return render(
        request,
        "crm/audit/audit.html",
        {
            "form": form,
            "lines": showing.lines(rows, names),
            "following": _address(request, before=following) if following else "",
            "begun": "before" in request.GET,
            "filtered": form.has_changed(),
            "export": f"?{_address(request)}" if request.user.may("audit.export") else "",
        },
        status=200 if form.is_valid() else 422,
    )


def _address(request: HttpRequest, **more: Any) -> str:
    asked = request.GET.copy()
    asked.pop("before", None)
    for name, value in more.items():
        asked[name] = value
    return asked.urlencode()


@require_http_methods(["GET", "HEAD", "POST"])
@right("audit.export")
def audit_export(request: StaffRequest) -> HttpResponse:
    """The password once more, then the file; what was asked for stands in the address."""
    names = showing.Names.all()
    asked = AuditForm(request.GET, names=names)
    form = PasswordForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and asked.is_valid() and form.is_valid():
        return _file(request, asked, names)
    context = {"form": form, "asked": asked, "back": _address(request), "most": MOST}
    return render(request, "crm/audit/export.html", context, status=422 if request.method == "POST" else 200)


@transaction.atomic
def _file(request: StaffRequest, asked: AuditForm, names: showing.Names) -> HttpResponse:
    rows = list(all_of(asked.asked, MOST))
    AuditRow.write("audit.exported", by=request.user, count=len(rows), filter=asked.said)
    response = HttpResponse(MARK, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    response["Cache-Control"] = "no-store"
    writer = csv.writer(response)
    writer.writerow([_("When"), _("Who"), _("What"), _("Details"), _("Customer"), _("About")])
    for begin in range(0, len(rows), 1000):
        for line in showing.lines(rows[begin : begin + 1000], names):
            cells = [line.at, line.who, line.what, line.more, line.customer_id, line.subject]
            writer.writerow([harmless(plain(cell)) for cell in cells])
    return response
