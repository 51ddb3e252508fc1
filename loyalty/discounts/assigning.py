"""Giving a discount: to one customer, to everybody by a code; what is above a limit waits for somebody else."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Event
from loyalty.discounts import codes, limits
from loyalty.discounts.worth import Usual
from loyalty.models import Assignment, Discount, Grant, Source
from loyalty.models.assignment import APPROVAL_LASTS


class HasItAlready(Exception):
    """The customer has this discount and has not used it."""

    def __init__(self, grant: Grant) -> None:
        super().__init__(grant.pk)
        self.grant = grant


class CannotBeGiven(Exception):
    """It is paused or put away."""


@dataclass(frozen=True)
class Terms:
    """Of a grant: from when to when, how often, why."""

    reason: str = ""
    source: str = Source.STAFF
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    uses: int | None = 1
    uses_each: int | None = None
    with_code: bool = False


@transaction.atomic
def give(discount: Discount, customer: Any, terms: Terms, *, by: Any = None, actor: str = "") -> Assignment:
    """To one customer. Given by the shop itself (`by` is None) it has no limits. Raises HasItAlready, CannotBeGiven."""
    _refuse_paused(discount)
    customer = customer.held()
    limits.take_turn_for(customer)
    if open_ := Grant.objects.usable().filter(customer=customer, discount=discount).first():
        raise HasItAlready(open_)
    assignment = _ask(discount, terms, by, Assignment.Whom.ONE, customer=customer)
    _grant(assignment, customer=customer)
    kind = "discount.asked" if assignment.over else "discount.assigned"
    tell(kind, assignment, customer, actor=by.actor if by else actor)
    return assignment


@transaction.atomic
def give_to_everybody(discount: Discount, terms: Terms, *, by: Any = None) -> Assignment:
    """By a code. It counts against limits as often as it may be used."""
    _refuse_paused(discount)
    assignment = _ask(discount, terms, by, Assignment.Whom.PUBLIC, wanted=terms.uses or 1)
    _grant(assignment)
    return assignment


def _refuse_paused(discount: Discount) -> None:
    if discount.paused_at or discount.archived_at:
        raise CannotBeGiven(discount.pk)


def _ask(discount: Discount, terms: Terms, by: Any, whom: str, *, customer: Any = None, wanted: int = 1) -> Assignment:
    version = discount.version
    worth = Usual.now().worth(version)
    over = []
    if by is not None:
        limits.take_turn(by)
        over = limits.passed(by, version, worth, wanted=wanted, customer=customer)
    told: dict[str, Any] = {
        "whom": whom,
        "customer": customer,
        "worth": worth,
        "wanted": wanted,
        "given": 0 if over else 1,
    }
    told["with_codes"] = terms.with_code or whom == Assignment.Whom.PUBLIC
    return write_down(version, terms, over, by=by, state=Assignment.State.DONE, **told)


def write_down(version: Any, terms: Terms, over: list[Any], *, by: Any, state: str, **told: Any) -> Assignment:
    """What was asked for. Above a limit it waits for somebody else; else it is in `state`."""
    now = timezone.now()
    if over:
        told |= {"over": [one.as_json() for one in over], "lapses_at": now + APPROVAL_LASTS}
    return Assignment.objects.create(
        version=version,
        state=Assignment.State.PENDING if over else state,
        source=terms.source,
        reason=terms.reason,
        starts_at=terms.starts_at,
        expires_at=terms.expires_at,
        uses=terms.uses,
        uses_each=terms.uses_each,
        asked_by=by,
        asked_at=now,
        **told,
    )


def _grant(assignment: Assignment, customer: Any = None) -> Grant:
    version = assignment.version
    return Grant.objects.create(
        discount=version.discount,
        version=version,
        assignment=assignment,
        customer=customer,
        code=codes.new() if assignment.with_codes else None,
        source=assignment.source,
        reason=assignment.reason,
        issued_by=assignment.asked_by,
        created_at=assignment.asked_at,
        starts_at=assignment.starts_at,
        expires_at=assignment.expires_at,
        uses=assignment.uses,
        uses_each=assignment.uses_each,
        worth=assignment.worth if customer else Decimal(0),
        budget=version.discount.budget,
        pending_until=assignment.lapses_at,
    )


def tell(kind: str, assignment: Assignment, customer: Any, *, actor: str) -> None:
    discount = assignment.version.discount
    data: dict[str, Any] = {"discount": discount.name}
    if kind == "discount.assigned":
        until = assignment.expires_at
        data["until"] = timezone.localtime(until).date().isoformat() if until else None
    Event.record(kind, customer=customer, subject=discount, actor=actor, **data)
