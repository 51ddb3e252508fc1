"""What is above a limit: another person says yes or no, within 72 hours, or nothing comes of it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from loyalty.discounts import many
from loyalty.discounts.assigning import tell
from loyalty.models import Assignment, Grant

State = Assignment.State


class NotYourOwn(PermissionDenied):
    """Whoever asked does not decide."""


class TooLate(Exception):
    """Somebody has decided, or the time is over."""


def may_decide(user: Any, assignment: Assignment) -> bool:
    return user.may("discounts.approve") and assignment.asked_by_id != user.pk


@transaction.atomic
def approve(assignment: Assignment, *, by: Any) -> Assignment:
    """Raises NotYourOwn, TooLate."""
    of_many = assignment.whom == Assignment.Whom.MANY
    _decide(assignment, State.RUNNING if of_many else State.DONE, by)
    if of_many:
        many.start(assignment, by=by)
    else:
        given = Grant.objects.filter(assignment=assignment).update(pending_until=None)
        Assignment.objects.filter(pk=assignment.pk).update(given=given)
        if assignment.customer:
            tell("discount.approved", assignment, assignment.customer, actor=by.actor)
            tell("discount.assigned", assignment, assignment.customer, actor=by.actor)
    return assignment


@transaction.atomic
def refuse(assignment: Assignment, *, by: Any) -> Assignment:
    """Raises NotYourOwn, TooLate."""
    _decide(assignment, State.REFUSED, by)
    Grant.objects.filter(assignment=assignment).update(withdrawn_at=timezone.now())
    if assignment.customer:
        tell("discount.refused", assignment, assignment.customer, actor=by.actor)
    return assignment


def _decide(assignment: Assignment, state: str, by: Any) -> None:
    if not may_decide(by, assignment):
        raise NotYourOwn
    now = timezone.now()
    mine = Assignment.objects.waiting().filter(pk=assignment.pk).update(state=state, decided_by=by, decided_at=now)
    assignment.refresh_from_db()
    if not mine:
        raise TooLate


@transaction.atomic
def lapse() -> int:
    """What nobody approved in time; its grants never began."""
    old = Assignment.objects.filter(state=State.PENDING, lapses_at__lte=timezone.now())
    ids = list(old.order_by("pk").select_for_update().values_list("pk", flat=True))
    Grant.objects.filter(assignment__in=ids).update(withdrawn_at=timezone.now())
    return Assignment.objects.filter(pk__in=ids).update(state=State.LAPSED)
