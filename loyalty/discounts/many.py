"""A discount for a segment: some thousand customers at a time, with progress; it can be stopped and taken back.

Who gets it is asked anew when it is given. A worker that dies goes on where it was: whoever has it is not asked again.
"""

import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_noop

from crm.models import Customer
from crm.segments.selection import Selection
from loyalty.discounts import codes, limits
from loyalty.discounts.assigning import Terms, write_down
from loyalty.discounts.candidates import Candidates
from loyalty.models import Assignment, Drawn, Grant
from shop.jobs import job
from shop.models import Cancelled, Job

State = Assignment.State
PART = 5000
DRAW_FROM = 100  # fewer tell nothing, however they are divided
STAGES = {"give": gettext_noop("Giving the discount"), "back": gettext_noop("Taking it back")}

_GIVE = """
    WITH given AS (
        INSERT INTO loyalty_grant (discount_id, version_id, assignment_id, customer_id, code, source, reason,
                                   issued_by_id, created_at, starts_at, expires_at, uses, uses_each, taken, worth,
                                   budget_id)
        SELECT v.discount_id, v.id, a.id, wanted.customer, wanted.code, a.source, a.reason,
               a.asked_by_id, %(now)s, a.starts_at, a.expires_at, a.uses, a.uses_each, 0, a.worth, d.budget_id
          FROM unnest(%(ids)s::bigint[], %(codes)s::text[]) AS wanted (customer, code)
          JOIN loyalty_assignment AS a ON a.id = %(assignment)s
          JOIN loyalty_discountversion AS v ON v.id = a.version_id
          JOIN loyalty_discount AS d ON d.id = v.discount_id
         ORDER BY wanted.customer
        RETURNING customer_id, discount_id)
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, subject_id, data)
    SELECT 'discount.assigned', %(now)s, %(now)s, customer_id, %(actor)s, 'loyalty.discount', discount_id,
           jsonb_build_object('discount', %(name)s::text, 'until', %(until)s::text)
      FROM given
"""

_DRAW = """
    INSERT INTO loyalty_drawn (discount_id, assignment_id, customer_id, held_back, at)
    SELECT %(discount)s, %(assignment)s, customer, customer = ANY (%(held_back)s::bigint[]), %(now)s
      FROM unnest(%(ids)s::bigint[]) AS wanted (customer) ORDER BY customer
    ON CONFLICT (discount_id, customer_id) DO NOTHING
"""

_TAKE_BACK = """
    WITH back AS (
        UPDATE loyalty_grant SET withdrawn_at = %(now)s
         WHERE assignment_id = %(assignment)s AND withdrawn_at IS NULL AND taken = 0
        RETURNING customer_id, discount_id)
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, subject_id, data)
    SELECT 'discount.withdrawn', %(now)s, %(now)s, customer_id, %(actor)s, 'loyalty.discount', discount_id,
           jsonb_build_object('discount', %(name)s::text)
      FROM back WHERE customer_id IS NOT NULL
"""


class NoLongerAllowed(Exception):
    """Whoever asked for it may not give discounts any more."""


@transaction.atomic
def ask(version: Any, terms: Terms, *, by: Any, worth: Decimal, wanted: int, **whom: Any) -> Assignment:
    """Begins at once, or when somebody else has approved what is above a limit.

    `whom`: selection, question, complainers_too, held_back_percent.
    """
    limits.take_turn(by)
    over = limits.passed(by, version, worth, wanted=wanted)
    told: dict[str, Any] = {
        "whom": Assignment.Whom.MANY,
        "worth": worth,
        "wanted": wanted,
        "with_codes": terms.with_code,
        **whom,
    }
    assignment = write_down(version, terms, over, by=by, state=State.RUNNING, **told)
    if not over:
        start(assignment, by=by)
    return assignment


def start(assignment: Assignment, *, by: Any) -> Job:
    return _request("loyalty.assign_many", assignment, by)


def take_back_later(assignment: Assignment, *, by: Any) -> Job:
    return _request("loyalty.take_back_many", assignment, by)


def _request(kind: str, assignment: Assignment, by: Any) -> Job:
    wanted = Job.request(kind, lane=f"{kind}:{assignment.pk}", by=by, assignment=assignment.pk)
    Assignment.objects.filter(pk=assignment.pk).update(job=wanted)
    return wanted


@job("loyalty.assign_many")
def assign_many(claimed: Job) -> dict[str, Any]:
    assignment = _find(claimed)
    if assignment.state != State.RUNNING:
        return {}
    claimed.progress(STAGES["give"])
    try:
        given = give(assignment, lambda done, total: claimed.progress(STAGES["give"], done, total))
    except Cancelled:
        claimed.refresh_from_db()
        if claimed.cancel_requested_at:
            take_back(assignment, by=claimed.requested_by, state=State.STOPPED)
        raise
    return {"given": given}


@job("loyalty.take_back_many")
def take_back_many(claimed: Job) -> dict[str, Any]:
    claimed.progress(STAGES["back"])
    return {"taken_back": take_back(_find(claimed), by=claimed.requested_by)}


def _find(claimed: Job) -> Assignment:
    found = Assignment.objects.select_related("version__discount", "asked_by")
    return found.get(pk=claimed.params["assignment"])


def give(assignment: Assignment, say: Any = None) -> int:
    """How many have it now."""
    candidates = Candidates.of(assignment, selected(assignment))
    draw(assignment, candidates)
    ids = candidates.to_give()
    done, total = assignment.given, assignment.given + len(ids)
    for begin in range(0, len(ids), PART):
        done += _give_part(assignment, ids[begin : begin + PART])
        if say:
            say(done, total)
    Assignment.objects.filter(pk=assignment.pk, state=State.RUNNING).update(state=State.DONE)
    assignment.refresh_from_db()
    return assignment.given


def selected(assignment: Assignment) -> Selection:
    """As whoever asked for it would see them now. Raises NoLongerAllowed."""
    by = assignment.asked_by
    if by is None or not by.may("discounts.assign"):
        raise NoLongerAllowed
    Customer.objects.allowed(by, "discounts.assign")
    return Selection.read(QueryDict(assignment.selection), by)


@transaction.atomic
def draw(assignment: Assignment, candidates: Candidates) -> None:
    """Lots, once for this discount: exactly so many percent of those who were never drawn for it are held back."""
    locked = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if locked.drawn_at is None:
        ids, now = candidates.never_drawn(), timezone.now()
        held_back = drawn_lots(ids, locked.held_back_percent)
        if held_back:
            values: dict[str, Any] = {"ids": ids, "held_back": held_back, "now": now, "assignment": assignment.pk}
            with connection.cursor() as cursor:
                cursor.execute(_DRAW, {**values, "discount": assignment.version.discount_id})
        here = Drawn.objects.filter(assignment=assignment, held_back=True).count()
        Assignment.objects.filter(pk=assignment.pk).update(
            drawn_at=now, held_back=here, left_out=candidates.left_out(), wanted=candidates.picked
        )
    assignment.refresh_from_db()


def drawn_lots(ids: Sequence[int], percent: int) -> list[int]:
    if len(ids) < DRAW_FROM or not percent:
        return []
    return sorted(secrets.SystemRandom().sample(ids, round(len(ids) * percent / 100)))


@transaction.atomic
def _give_part(assignment: Assignment, ids: Sequence[int]) -> int:
    """The row of the assignment is locked: of two workers one waits, and then finds nobody left."""
    locked = Assignment.objects.select_for_update().select_related("version__discount").get(pk=assignment.pk)
    if locked.state != State.RUNNING:
        return 0
    have = set(Grant.objects.filter(assignment=locked, customer__in=ids).values_list("customer_id", flat=True))
    ids = [pk for pk in ids if pk not in have]
    until = locked.expires_at
    values: dict[str, Any] = {
        "ids": ids,
        "codes": [codes.new() if locked.with_codes else None for _ in ids],
        "assignment": locked.pk,
        "now": timezone.now(),
        "actor": assignment.asked_by.actor if assignment.asked_by else "",
        "name": locked.version.discount.name,
        "until": timezone.localtime(until).date().isoformat() if until else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, values)
    Assignment.objects.filter(pk=locked.pk).update(given=F("given") + len(ids))
    return len(ids)


@transaction.atomic
def take_back(assignment: Assignment, *, by: Any, state: str = State.UNDONE) -> int:
    """What was not used yet; what was stays. How many went. Done before, it does nothing."""
    locked = Assignment.objects.select_for_update().select_related("version__discount").get(pk=assignment.pk)
    now = timezone.now()
    values: dict[str, Any] = {
        "assignment": locked.pk,
        "now": now,
        "actor": by.actor if by else "",
        "name": locked.version.discount.name,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, values)
    back = Grant.objects.filter(assignment=locked, withdrawn_at=now).count()
    if back or locked.state == State.RUNNING:
        Assignment.objects.filter(pk=locked.pk).update(state=state, undone_at=now, undone_by=by)
    assignment.refresh_from_db()
    return back
