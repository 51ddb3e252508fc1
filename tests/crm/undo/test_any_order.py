"""Whatever moves are made and however they are taken back, newest first: every table is as it was."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import ChangeSet, Customer, Identifier, Note, Order, OrderLine, Task
from crm.undo import in_parts
from crm.undo.recording import note_after, note_before, note_created, noting
from crm.undo.taking_back import Outcome, take_back
from tests import build
from tests.digests import digests

TEXTS = st.sampled_from(["", "Ghent", "Bruges", 'it\'s "100 %"', "Łódź ☂", "\\x00"])


class Shop:
    """A few rows and the moves that can be made over them; `n` picks which rows."""

    def __init__(self) -> None:
        self.owner = build.user("support")
        for n in range(4):
            customer = build.customer(f"P{n}", email=f"p{n}@people.example")
            OrderLine.objects.create(order=build.order(customer, at=n), position=1)
            build.note(customer)

    def _pick(self, model: Any, n: int) -> list[int]:
        return [pk for pk in model.objects.order_by("pk").values_list("pk", flat=True) if (pk + n) % 3]

    def edit(self, move: ChangeSet, n: int, text: str) -> None:
        ids = self._pick(Customer, n)
        with noting(move, Customer, ids):
            Customer.objects.filter(pk__in=ids).update(city=text, owner=self.owner if n % 2 else None)

    def make(self, move: ChangeSet, n: int, text: str) -> None:
        for pk in self._pick(Customer, n):
            note_created(move, Task, [build.task(self.owner, text or "x", customer=Customer(pk=pk)).pk])
        made = build.customer("New", email=f"new{n}@people.example")
        note_created(move, Customer, [made.pk])
        note_created(move, Identifier, made.identifiers.all())

    def delete(self, move: ChangeSet, n: int, text: str) -> None:
        for model in (OrderLine, Note):
            ids = self._pick(model, n)
            note_before(move, model, ids)
            model.objects.filter(pk__in=ids).delete()
            note_after(move, model)

    def hand_over(self, move: ChangeSet, n: int, text: str) -> None:
        """Everything of some goes to one of them, as in a merge."""
        ids = self._pick(Customer, n)
        for model in (Order, Note, Task):
            rows = list(model.objects.filter(customer__in=ids).values_list("pk", flat=True))
            with noting(move, model, rows, fields=("customer_id",)):
                model.objects.filter(pk__in=rows).update(customer=ids[0])


MOVES = st.lists(
    st.tuples(st.sampled_from(["edit", "make", "delete", "hand_over"]), st.integers(0, 5), TEXTS), max_size=5
)


def in_parts_of_two(change_set: ChangeSet, *, by: Any) -> Outcome:
    with patch.object(in_parts, "PART", 2):
        if not in_parts.can_be_parted(change_set):
            return take_back(change_set, by=by)
        in_parts.take_back_in_parts(change_set, tell=lambda part: None)
        return in_parts.finish(change_set, by=by)


@pytest.mark.slow
@pytest.mark.parametrize("back", [take_back, in_parts_of_two])
@pytest.mark.django_db
@settings(max_examples=15)
@given(sets=st.lists(MOVES, min_size=1, max_size=3))
def test_taking_back_the_newest_first_leaves_no_trace(back, sets):
    with transaction.atomic():
        shop = Shop()
        moments = []
        for moves in sets:
            before, change_set = digests(), ChangeSet.objects.create(kind="bulk", by=shop.owner)
            for name, n, text in moves:
                getattr(shop, name)(change_set, n, text)
            moments.append((change_set, before))

        for change_set, before in reversed(moments):
            outcome = back(change_set, by=shop.owner)

            assert outcome.kept == 0
            assert digests() == before
        transaction.set_rollback(True)
