"""Texts of which many cards have the same: whose contains something is found among the different ones, which are few.

An index of trigrams would hold them card by card, and is what takes longest in writing a million cards.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection

from crm.models import Customer

MOST = 500  # different ones; where there are more, everybody is looked at
UNKNOWN = "-"

# From one to the next along the index, not over the cards.
_DIFFERENT = """
    WITH RECURSIVE told (text) AS (
        (SELECT {column} FROM crm_customer ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM crm_customer WHERE {column} > told.text ORDER BY 1 LIMIT 1)
          FROM told WHERE told.text IS NOT NULL
    ) SELECT text, lower(text) FROM told WHERE text IS NOT NULL LIMIT %s
"""


def among(column: str) -> Callable[[str], Any]:
    """`column`: of the card, with an index."""
    statement = _DIFFERENT.format(column=f'"{column}"')

    def found(value: str) -> Any:
        if value == UNKNOWN:
            return Customer.objects.filter(**{column: ""}).values("pk")
        with connection.cursor() as cursor:
            cursor.execute(statement, [MOST + 1])
            different = cursor.fetchall()
        if len(different) > MOST:
            return None
        names = [text for text, lower in different if value.strip().lower() in lower]
        return Customer.objects.filter(**{f"{column}__in": names}).values("pk")

    return found
