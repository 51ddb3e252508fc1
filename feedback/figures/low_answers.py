"""Who was not content the last time they said so: a reason why somebody may stay away (analytics shows it)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from feedback.models import Response
from feedback.surveys.kinds import SCALES, SCORED, Band
from shop.prepared import WHOEVER, IsOneOf, prepared

# Of LastScores: the last answer to a survey of some kind was a low one.
LOW_LAST = reduce(or_, (Q(**{f"{kind}__lte": scale.low}) for kind, scale in SCALES.items()))


@dataclass(frozen=True)
class LowAnswer:
    """`answered`: somebody has got back to the customer."""

    kind: str
    score: int
    at: datetime
    answered: bool


def low_answers(customers: Collection[int]) -> dict[int, LowAnswer]:
    """The newest low score of each customer, if they gave no better one to the same kind of survey since."""
    return low_among(last_answers(list(customers)))


@prepared
def last_answers(_customers: Any) -> Any:
    """The newest of each kind of survey."""
    rows = Response.objects.counted().named().filter(IsOneOf("customer_id", WHOEVER), score__isnull=False)
    newest = rows.filter(survey__kind__in=SCORED).select_related("survey", "complaint")
    return newest.order_by("customer", "survey__kind", "-at", "-pk").distinct("customer", "survey__kind")


def low_among(last: Iterable[Response]) -> dict[int, LowAnswer]:
    by_customer: dict[int, list[Response]] = {}
    for one in last:
        by_customer.setdefault(one.customer_id or 0, []).append(one)
    return {pk: low for pk, some in by_customer.items() if (low := low_of(some))}


def low_of(answers: Iterable[Response]) -> LowAnswer | None:
    """Of one customer's answers, the newest first of each kind."""
    last: dict[str, Response] = {}
    for one in answers:
        if one.score is not None:
            last.setdefault(one.survey.kind, one)
    low = [one for one in last.values() if one.band == Band.LOW]
    if not low:
        return None
    newest = max(low, key=lambda one: one.at)
    complaint = newest.complaint
    answered = complaint is None or complaint.acknowledged_at is not None or complaint.closed_at is not None
    return LowAnswer(newest.survey.kind, newest.score or 0, newest.at, answered)
