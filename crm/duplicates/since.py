"""What came to a merged card since, and where each row belongs when the cards are taken apart again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from crm.duplicates.merging import numbered
from crm.models import Change, Customer, Duplicate, Event, Identifier, Merge
from crm.policies import Policy, policies

Row = tuple[str, int]  # label of the model, number of the row


@dataclass
class Came:
    """One row that came since. `asked`: whether staff can say where it goes; others follow what they belong to."""

    policy: Policy
    row: models.Model
    goes: bool = False
    asked: bool = True

    @property
    def key(self) -> Row:
        return self.policy.model._meta.label, self.row.pk

    @property
    def name(self) -> str:
        """As a form sends it."""
        return f"{self.key[0]}-{self.key[1]}"


class Since:
    """Everything that came since a merge. By default a row goes where the identifier leads that it came in with."""

    def __init__(self, merged: Merge, chosen: Mapping[str, bool] | None = None) -> None:
        self.merged, self.chosen = merged, chosen or {}
        self.addresses, self.numbers, self.sources = self._led_away()
        followed = _followed()
        self.things = {policy.model for policy in followed}
        self.came = {came.key: came for policy in followed for came in self._rows(policy)}
        self.parents = {key: self._parent(came) for key, came in self.came.items()}
        self.moved = self._moved(parent for parent in self.parents.values() if parent and parent not in self.came)
        for key, came in self.came.items():
            came.asked = self.parents[key] is None and not isinstance(came.row, Event) and not _by_address(came.row)
            came.goes = self._goes(key)

    @property
    def asked(self) -> list[Came]:
        return [came for came in self.came.values() if came.asked]

    def going(self) -> dict[Policy, list[int]]:
        found: dict[Policy, list[int]] = {}
        for came in self.came.values():
            if came.goes:
                found.setdefault(came.policy, []).append(came.row.pk)
        return found

    def _rows(self, policy: Policy) -> Iterable[Came]:
        label = policy.model._meta.label
        highest = self.merged.highest.get(label)
        if highest is None:
            return []
        others = Merge.objects.in_force().filter(stays=self.merged.stays_id).exclude(pk=self.merged.pk)
        brought = Change.objects.filter(changes__merge__in=others, model=label).values("row_id")
        rows = policy.rows_of(self.merged.stays_id).filter(pk__gt=highest).exclude(pk__in=brought)
        return [Came(policy, row) for row in rows.order_by("pk")]

    def _parent(self, came: Came) -> Row | None:
        """What a row belongs to: its order, its complaint, of an event what it tells about."""
        for field in came.row._meta.concrete_fields:
            value = getattr(came.row, field.attname)
            if value and isinstance(field, models.ForeignKey) and field.related_model in self.things:
                return field.related_model._meta.label, value
        if isinstance(came.row, Event) and came.row.subject_type and came.row.subject_id:
            subject = apps.get_model(came.row.subject_type)
            return (subject._meta.label, came.row.subject_id) if subject in self.things else None
        return None

    def _goes(self, key: Row, seen: tuple[Row, ...] = ()) -> bool:
        came, parent = self.came[key], self.parents[key]
        if parent in self.came and parent not in seen:
            return self._goes(parent, (*seen, key))
        if parent:
            return parent in self.moved
        usual = self._by_identifier(came.row)
        return self.chosen.get(came.name, usual) if came.asked else usual

    def _by_identifier(self, row: Any) -> bool:
        if _by_address(row):
            return row.address in self.addresses
        if came_by := getattr(row, "came_by", None):
            return came_by in self.numbers
        return getattr(row, "source", None) in self.sources

    def _moved(self, rows: Iterable[Row]) -> set[Row]:
        """Which of these were the other card's before."""
        wanted: dict[str, set[int]] = {}
        for label, number in rows:
            wanted.setdefault(label, set()).add(number)
        theirs = Change.objects.filter(changes=self.merged.changes_id, customer=self.merged.goes_id)
        any_of = Q(pk__in=[])
        for label, numbers in wanted.items():
            any_of |= Q(model=label, row_id__in=numbers)
        return set(theirs.filter(any_of).values_list("model", "row_id"))

    def _led_away(self) -> tuple[set[str], set[int], set[str]]:
        """Addresses, identifiers and sources that lead to the card that went, and not to the one that stayed."""
        label = Identifier._meta.label
        brought = Change.objects.filter(changes=self.merged.changes_id, model=label, after__isnull=False)
        theirs = Identifier.objects.filter(pk__in=brought.values("row_id"), customer=self.merged.stays_id)
        ours = Identifier.objects.filter(customer=self.merged.stays_id).exclude(pk__in=theirs.values("pk"))
        sources = set(theirs.filter(kind=Identifier.Kind.EXTERNAL).values_list("source", flat=True))
        return (
            set(theirs.values_list("normalised", flat=True)),
            set(theirs.values_list("pk", flat=True)),
            sources - set(ours.values_list("source", flat=True)),
        )


def _followed() -> list[Policy]:
    """Policies of rows that follow; cards and pairs of cards are found anew."""
    return [
        policy
        for policy in policies(Customer)
        if policy.merge.word in ("move", "fold")
        and numbered(policy.model)
        and policy.model not in (Customer, Duplicate)
    ]


def _by_address(row: models.Model) -> bool:
    return hasattr(row, "address")
