"""Takes two merged cards apart: every row becomes what it was, and what came since goes where it belongs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from crm.duplicates.since import Since
from crm.duplicates.twice import twice
from crm.models import Change, Customer, Event, Merge
from crm.policies import policies
from crm.undo.taking_back import take_back


class CannotUnmerge(Exception):
    """`why`: undone, late, merged_on or erased."""

    def __init__(self, merged: Merge, why: str) -> None:
        super().__init__(f"merge {merged.pk}: {why}")
        self.merged, self.why = merged, why


@dataclass(frozen=True)
class Outcome:
    """Rows as they were, rows that came since and went to the other card, fields that were edited since and stay."""

    restored: int
    went: int
    edited: list[str]


def why_not(merged: Merge, stays: Customer) -> str:
    if merged.undone_at:
        return "undone"
    if merged.until < timezone.now() or merged.changes_id is None:
        return "late"
    if stays.erased_at:
        return "erased"
    return "merged_on" if stays.merged_into_id else ""


@transaction.atomic
def unmerge(merged: Merge, *, actor: str, by: Any = None, chosen: Mapping[str, bool] | None = None) -> Outcome:
    """`chosen`: for rows that came since, whether they go to the card that went. Raises CannotUnmerge."""
    pair = [merged.stays_id, merged.goes_id]
    cards = {card.pk: card for card in Customer.objects.select_for_update().filter(pk__in=pair).order_by("pk")}
    merged = Merge.objects.select_for_update().get(pk=merged.pk)
    if why := why_not(merged, cards[merged.stays_id]):
        raise CannotUnmerge(merged, why)

    going = Since(merged, chosen).going()
    edited = edited_since(merged)
    _spare(merged, edited)
    assert merged.changes  # why_not looked
    outcome = take_back(merged.changes, by=by)
    went = _send(merged, going)
    for policy in policies(Customer):
        if policy.merge.word == "pairs":
            policy.merge.way_back(merged, policy, actor=actor)
    merged.undone_at = timezone.now()
    merged.save(update_fields=["undone_at"])
    for customer in sorted(pair):
        Event.record(
            "customer.unmerged",
            customer_id=customer,
            subject=merged,
            actor=actor,
            merge=merged.pk,
            stays=merged.stays_id,
            goes=merged.goes_id,
        )
    return Outcome(outcome.restored, went, edited)


def edited_since(merged: Merge) -> list[str]:
    """Fields of the staying card that the merge set and somebody changed afterwards: they are kept."""
    noted = _noted(merged)
    if noted is None or not noted.after:
        return []
    now = _as_json(merged.stays_id)
    return [name for name, value in noted.after.items() if _differs(value, now[name])]


def _spare(merged: Merge, edited: list[str]) -> None:
    """The engine keeps a whole row when one of its fields was edited; of a card the other fields go back."""
    noted = _noted(merged)
    if noted and noted.before and noted.after and edited:
        noted.before = {name: value for name, value in noted.before.items() if name not in edited}
        noted.after = {name: value for name, value in noted.after.items() if name not in edited}
        noted.save(update_fields=["before", "after"])


def _noted(merged: Merge) -> Change | None:
    return Change.objects.filter(
        changes=merged.changes_id, model=Customer._meta.label, row_id=merged.stays_id, after__isnull=False
    ).first()


def _as_json(card: int) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(card)::text FROM crm_customer AS card WHERE id = %s", [card])
        return json.loads(cursor.fetchone()[0])


def _differs(then: Any, now: Any) -> bool:
    if isinstance(then, dict) and isinstance(now, dict):
        return any(now.get(key) != value for key, value in then.items())
    return then != now


def _send(merged: Merge, going: dict[Any, list[int]]) -> int:
    """What came since and belongs to the card that is back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('regulars.reason', %s, true)", [f"unmerge:{merged.pk}"])
        went = 0
        for policy, ids in going.items():
            there_already = twice(policy, merged.goes_id, merged.stays_id)
            rows = policy.rows.filter(pk__in=set(ids) - there_already)
            went += rows.update(**{policy.field.attname: merged.goes_id})
        cursor.execute("SELECT set_config('regulars.reason', '', true)")
    return went
