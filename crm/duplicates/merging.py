"""Two cards become one, in one transaction: every row that points at the one that goes follows, as the policies say.

What every row was before is noted (crm/undo), so that the cards can be taken apart again.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max, Q

from crm.duplicates import choices
from crm.duplicates.twice import twice
from crm.models import ChangeSet, Customer, Event, Merge
from crm.policies import Policy, policies
from crm.undo.recording import note_after, note_before


class CannotMerge(Exception):
    """`why`: same, merged or erased. `card`: the card to look at instead."""

    def __init__(self, why: str, card: Customer) -> None:
        super().__init__(f"card {card.pk}: {why}")
        self.why, self.card = why, card


@transaction.atomic
def merge(stays: Customer, goes: Customer, *, actor: str, by: Any = None, taken: Collection[str] = ()) -> Merge:
    """`taken`: the fields whose value of the card that goes is the one to keep. Raises CannotMerge."""
    stays, goes = locked(stays, goes)
    change_set = ChangeSet.objects.create(kind=ChangeSet.Kind.MERGE, by=by)
    merged = Merge.objects.create(stays=stays, goes=goes, actor=actor, changes=change_set, highest=highest())
    Moving(merged).everything(set(taken))
    for customer in (stays, goes):
        Event.record(
            "customer.merged",
            customer=customer,
            subject=merged,
            actor=actor,
            merge=merged.pk,
            stays=stays.pk,
            goes=goes.pk,
        )
    return merged


def locked(stays: Customer, goes: Customer) -> tuple[Customer, Customer]:
    """Both cards, and those that went into the second one earlier, locked in the order of their ids.

    Whoever comes second sees what the first one did, and is refused.
    """
    if stays.pk == goes.pk:
        raise CannotMerge("same", stays)
    wanted = Q(pk__in=[stays.pk, goes.pk]) | Q(merged_into=goes.pk)
    cards = {card.pk: card for card in Customer.objects.select_for_update().filter(wanted).order_by("pk")}
    for card in (cards[stays.pk], cards[goes.pk]):
        if card.merged_into:
            raise CannotMerge("merged", card.merged_into)
        if card.erased_at:
            raise CannotMerge("erased", card)
    return cards[stays.pk], cards[goes.pk]


def highest() -> dict[str, int]:
    """The newest row of every table that points at customers: what has a higher number came since."""
    models_with_rows = {policy.model for policy in policies(Customer) if numbered(policy.model)}
    newest = {model._meta.label: model._base_manager.aggregate(n=Max("pk"))["n"] for model in models_with_rows}
    return {label: number or 0 for label, number in sorted(newest.items())}


def numbered(model: type[models.Model]) -> bool:
    return isinstance(model._meta.pk, models.AutoField | models.BigAutoField)


class Moving:
    """One merge under way. Functions that fold get it, and change rows only through it, so that all is noted."""

    def __init__(self, merged: Merge) -> None:
        assert merged.changes
        self.stays, self.goes, self.actor = merged.stays, merged.goes, merged.actor
        self.changes: ChangeSet = merged.changes
        self.touched: set[type[models.Model]] = set()

    def everything(self, taken: set[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('regulars.reason', %s, true)", [f"merge:{self.changes.pk}"])
        for policy in policies(Customer):
            self.follow(policy)
        self._cards(taken)
        for model in self.touched:
            note_after(self.changes, model)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('regulars.reason', '', true)")

    def follow(self, policy: Policy) -> None:
        rows = policy.rows_of(self.goes)
        match policy.merge.word:
            case "move":
                self.delete(policy.rows.filter(pk__in=twice(policy, self.stays, self.goes)))
                self.update(rows, **{policy.field.attname: self.stays.pk})
            case "fold" | "pairs":
                policy.merge.function(self, policy)
            case "delete":
                self.delete(rows)
            case "blank":
                self.update(rows, **{name: empty(policy.model, name) for name in policy.merge.names})

    def update(self, rows: Any, **values: Any) -> int:
        """`values` by column. Only those are noted."""
        columns = [rows.model._meta.get_field(name).column for name in values]
        ids = self._ids(rows)
        if ids:
            self._note(rows.model, ids, columns)
            rows.model._base_manager.filter(pk__in=ids).update(**values)
        return len(ids)

    def delete(self, rows: Any) -> int:
        ids = self._ids(rows)
        if ids:
            self._note(rows.model, ids)
            doomed = rows.model._base_manager.filter(pk__in=ids)
            doomed._raw_delete(doomed.db)  # no cascade: a row that something else points at must not go unseen
        return len(ids)

    def _ids(self, rows: Any) -> list[int]:
        return list(rows.order_by("pk").values_list("pk", flat=True))

    def _note(self, model: type[models.Model], ids: Iterable[int], columns: Collection[str] = ()) -> None:
        note_before(self.changes, model, ids, fields=tuple(columns))
        self.touched.add(model)

    def _cards(self, taken: set[str]) -> None:
        self._note(Customer, [self.stays.pk])
        changed = choices.take(self.stays, self.goes, taken)
        if changed:
            self.stays.save(update_fields=changed)
        self.update(Customer.objects.filter(pk=self.goes.pk), merged_into_id=self.stays.pk)


def empty(model: type[models.Model], name: str) -> Any:
    field: Any = model._meta.get_field(name)
    return None if getattr(field, "null", False) else field.get_default()
