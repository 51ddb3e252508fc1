"""Rows that name customers leave as a file: after the password, and with a line in the audit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from shop.access import StaffRequest
from shop.confirmation import PasswordForm
from shop.models import AuditRow
from shop.spreadsheets import csv_file


@dataclass(frozen=True)
class Table:
    """`filter`: what was asked for, without anything that somebody typed."""

    name: str
    count: int
    rows: Iterable[list[Any]]
    filter: str


def hand_out(request: StaffRequest, table: Table, back: str) -> HttpResponse | StreamingHttpResponse:
    """A page that asks, then the file. What was asked for stands in the address."""
    form = PasswordForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        said = {"file": table.name, "count": table.count, "filter": table.filter or "*"}
        AuditRow.write("file.exported", by=request.user, **said)
        return csv_file(table.name, table.rows)
    context = {"form": form, "table": table, "back": back}
    return render(request, "shop/hand_out.html", context, status=422 if request.method == "POST" else 200)
