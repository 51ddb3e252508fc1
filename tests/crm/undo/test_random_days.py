"""Real imports, bulk changes and merges in any order: taken back newest first, every table is as it was each time."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict

from crm.actions import action_for_many
from crm.bulk.running import Bulk
from crm.duplicates.choices import choices
from crm.duplicates.merging import merge
from crm.duplicates.unmerging import unmerge
from crm.imports import running, undoing
from crm.models import Customer, CustomField, Event, Tag
from crm.segments.question import Question
from crm.segments.selection import Selection
from loyalty.models import Account, Lot
from loyalty.points.checking import check
from tests import build
from tests.crm.duplicates.tables import everything
from tests.crm.imports.shapes import as_csv

pytestmark = pytest.mark.django_db

# Rows are only added to these; what was there stays as it was.
APPEND_ONLY = {"crm_event", "crm_reaction", "crm_consent", "loyalty_entry", "loyalty_allocation"}
# Of the move itself: what it remembers, how its file was read, and what is to be worked out anew.
OF_THE_MOVE = {"crm_import", "crm_rejectedrow", "crm_savedmapping", "crm_importedcustomer", "crm_merge"}
OF_THE_MOVE |= {"crm_changeset", "crm_change", "analytics_stale"}
# What follows from rows that are only added is compared by what it says, see `holding`.
FOLLOWS = {"loyalty_account", "loyalty_lot", "crm_consentinforce"}

# By 2 a card made by one file is refused something by a later one, by 5 opening points are merged and come back.
SEEDS = [2, 5, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 16))]
Back = Callable[[], object]
CITIES = ["", "Ghent", "Łódź", 'it\'s "5 %"']


def holding() -> tuple[Any, ...]:
    """What each card has in points; noughts of an account nobody had before say the same as no account."""
    sums = Account.objects.exclude(available=0, pending=0, held=0, debt=0)
    lots = Lot.objects.filter(remaining__gt=0)
    return (
        sorted(sums.values_list("customer", "available", "pending", "held", "debt")),
        sorted(lots.values_list("account__customer", "remaining", "expires_at"), key=str),
    )


class Day:
    """What a shop may do on one day, each with the way back."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance, self.folder, self.files = random.Random(seed), folder, 0
        self.sam = build.user("administrator")
        self.tags = [Tag.called(name) for name in ("VIP", "wholesale")]
        CustomField.define(key="size", label="Size", kind="number", actor="")
        for n in range(5):
            card = build.customer(f"P{n} Lis", email=f"p{n}@people.example")
            build.identifier(card, "external", f"{n}", source="shop")
            build.order(card, at=n + 1, reference=f"O-{n}")

    def _bring(self, kind: str, *rows: list[str]) -> Back:
        self.files += 1
        path = self.folder / f"{self.files}.csv"
        path.write_text(as_csv([*rows]))
        brought = running.begin(path, name=path.name, source="shop", kind=kind, owns_file=False)
        running.read(brought)
        running.apply(brought)
        return lambda: undoing.undo(brought, by=self.sam)

    def _some(self, beyond: int = 3) -> list[int]:
        """Numbers of customers: five are known at first, others come with the files."""
        return self.chance.sample(range(5 + beyond), self.chance.randint(2, 5))

    def customers_come(self) -> Back:
        pick = self.chance.choice
        header = ["customer_id", "email", "phone", "given_name", "city", "tags", "consent_offers"]
        rows = [
            [f"{n}", pick(["", f"p{n}@people.example", f"q{n}@people.example"]), pick(["", f"0770090010{n}"])]
            + [pick([f"P{n}", "Anna"]), pick(CITIES), pick(["", "vip", "new"]), pick(["", "", "no", "yes"])]
            for n in self._some()
        ]
        return self._bring("customers", header, *rows)

    def orders_come(self) -> Back:
        header = ["customer_id", "order_id", "ordered_at", "amount", "kind", "refund_of", "line_sku", "line_amount"]
        rows = []
        for n in self._some():
            amount = f"{self.chance.randint(10, 99)}.00"
            rows.append([f"{n}", f"A-{n}", f"2026-01-{n + 10}", amount, "sale", "", self.chance.choice("ab"), amount])
            if self.chance.random() < 0.4:
                rows.append([f"{n}", f"R-{n}", f"2026-02-{n + 10}", "3.00", "refund", f"A-{n}", "", ""])
        return self._bring("orders", header, *rows)

    def conversations_come(self) -> Back:
        rows = [[f"{n}", "2026-01-13 10:00", "call", self.chance.choice(["Rang.", "Łódź ☂"])] for n in self._some(0)]
        return self._bring("conversations", ["customer_id", "at", "kind", "body"], *rows)

    def points_come(self) -> Back:
        rows = [[f"{n}", f"{self.chance.randint(1, 500)}"] for n in self._some(0)]
        return self._bring("points", ["customer_id", "points"], *rows)

    def many_are_changed(self) -> Back:
        tag, number = self.chance.choice(self.tags), self.chance.choice([None, 38, 42])
        name, params = self.chance.choice(
            [
                ("tag", {"tag": tag.pk, "name": tag.name}),
                ("untag", {"tag": tag.pk, "name": tag.name}),
                ("assign", {"field": "owner", "value": self.sam.pk, "words": "Sam"}),
                ("edit_field", {"field": "city", "value": self.chance.choice(CITIES), "words": "", "label": "Town"}),
                ("edit_field", {"field": "custom__size", "value": number, "words": "", "label": "Size"}),
                ("leave_out", {"out": self.chance.random() < 0.5}),
            ]
        )
        ids = tuple(sorted(card.pk for card in self._cards(3)))
        bulk = Bulk.begin(action_for_many(name), Selection(self._nobody(), False, ids), params, by=self.sam)
        bulk.run()
        return lambda: bulk.take_back(by=self.sam)

    def two_are_merged(self) -> Back:
        stays, goes = self._cards(2)
        taken = {choice.name for choice in choices(stays, goes) if self.chance.random() < 0.5}
        merged = merge(stays, goes, actor=self.sam.actor, taken=taken)
        return lambda: unmerge(merged, actor=self.sam.actor)

    def _cards(self, how_many: int) -> list[Customer]:
        """Of those that were here: a card that a file made stays once staff had a hand in it, taken back or not."""
        here = Customer.objects.filter(merged_into=None, brought_by=None).order_by("pk")
        return self.chance.sample(list(here), how_many)

    def _nobody(self) -> Question:
        return Question.read(QueryDict(""), self.sam)

    def moves(self) -> list[Callable[[], Back]]:
        files = [self.customers_come, self.orders_come, self.conversations_come, self.points_come]
        return self.chance.choices([*files, self.many_are_changed, self.two_are_merged], k=5)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_a_day_brings_is_taken_back_to_what_every_table_was(seed, tmp_path):
    day = Day(seed, tmp_path)
    moments = []
    for move in day.moves():
        moments.append((move.__name__, everything(), holding()))
        moments[-1] += (move(),)

    for name, before, held, back in reversed(moments):
        back()

        after = everything()
        for table, rows in before.items():
            if table in OF_THE_MOVE | FOLLOWS:
                continue
            now = {key: row for key, row in after[table].items() if table not in APPEND_ONLY or key in rows}
            assert now == rows, (name, table)
        assert holding() == held, name
        assert check().count == 0


def test_a_file_and_its_way_back_are_told_once_each(tmp_path):
    day = Day(1, tmp_path)
    before = Counter(Event.objects.values_list("kind", flat=True))

    day.orders_come()()

    assert Counter(Event.objects.values_list("kind", flat=True)) - before == {"import.applied": 1, "import.undone": 1}
