"""The figures of a chart as a file."""

import csv

from django.http import HttpResponse

from shop.charts.base import Chart
from shop.spreadsheets import MARK, harmless


def csv_response(chart: Chart, filename: str) -> HttpResponse:
    """Raw values, shares as fractions."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.write(MARK)
    writer = csv.writer(response)
    writer.writerow([harmless(column.title) for column in chart.columns])
    writer.writerows([harmless(value) for value in row.values] for row in chart.rows())
    return response
