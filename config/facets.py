"""What can be asked about a customer: list, filters, columns, sort, saved views, segments, API, export."""

from typing import Any

FACETS: list[Any] = []
