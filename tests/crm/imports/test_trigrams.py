"""What an import of many leaves for others to sort in: nothing."""

import pytest
from django.db import connection, transaction

from crm.imports.trigrams import MANY, sorted_in_beside
from tests import build


def left_to_sort_in() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('identifier_trigrams')")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(("rows", "left"), [(MANY, False), (MANY - 1, True)])
def test_trigrams_of_a_large_import_are_sorted_in_before_it_ends(db, rows, left):
    customer = build.customer("Ana")
    left_to_sort_in()

    with transaction.atomic(), sorted_in_beside(["crm_customer", "crm_identifier"], rows):
        customer.identifiers.create(kind="email", value="ana@shop.example", normalised="ana@shop.example")

    assert bool(left_to_sort_in()) is left


def test_an_import_goes_on_when_nobody_can_sort_in_beside_it(db):
    customer = build.customer("Ana")

    with transaction.atomic(), sorted_in_beside(["no_such_table"], MANY):
        customer.identifiers.create(kind="email", value="ana@shop.example", normalised="ana@shop.example")

    assert customer.identifiers.get().value == "ana@shop.example"
