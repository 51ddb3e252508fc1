"""The figures of a chart as a file."""

import csv
from typing import Any

from django.http import HttpResponse

from shop.charts.base import Chart

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_response(chart: Chart, filename: str) -> HttpResponse:
    """Raw values, shares as fractions; a text that a spreadsheet would run as a formula gets a quote before it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([harmless(column.title) for column in chart.columns])
    writer.writerows([harmless(value) for value in row.values] for row in chart.rows())
    return response


def harmless(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(RISKY) else text
