"""How many answer to a question. Exact up to ten thousand; beyond that what the planner of the database expects."""

import hashlib
import json
from typing import Any, NamedTuple

import psycopg
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.segments.question import Question

COUNTED_TO = 10_000
KEPT = 60  # seconds
LONGEST = 1500  # milliseconds a count may take


class Count(NamedTuple):
    """`about`: it was not counted to the end."""

    n: int
    about: bool


def count(question: Question) -> Count:
    """Kept for a minute by each process, so that many tabs of many people cost little."""
    key = _key(question)
    known = cache.get(key)
    if known is None:
        known = _counted(question.listed.order_by())
        cache.set(key, tuple(known), KEPT)
    return Count(*known)


def _key(question: Question) -> str:
    """What may change the answer: the question, who asks it, the facets they may use, and the day."""
    asker = getattr(question.asker, "pk", 0)
    parts = [question.saved_address(), question.picked, asker, sorted(question.facets), timezone.localdate()]
    return "count:" + hashlib.sha256(json.dumps([*map(str, parts)]).encode()).hexdigest()


def _counted(customers: QuerySet[Any]) -> Count:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(LONGEST)])
            n = customers[: COUNTED_TO + 1].count()
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise
        return Count(_expected(customers), True)
    return Count(n, False) if n <= COUNTED_TO else Count(max(_expected(customers), COUNTED_TO), True)


def _expected(customers: QuerySet[Any]) -> int:
    """The planner's estimate to two digits, which is more than it is worth."""
    plan = json.loads(customers.values("pk").explain(format="json"))
    rows = int(plan[0]["Plan"]["Plan Rows"])
    size = 10 ** max(len(str(rows)) - 2, 0)
    return round(rows / size) * size
