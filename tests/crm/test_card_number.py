"""Ten digits with a check digit, made of the row's own number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.models.card_number import card_number, customer_of
from crm.models.known_by import KnownBy
from crm.segments.search import find
from tests import build


@given(st.integers(1, 10**9 - 1))
def test_a_number_leads_back_to_its_customer(pk):
    number = card_number(pk)

    assert (len(number), customer_of(number)) == (10, pk)
    assert customer_of(f"{number[:5]} {number[5:]}") == pk


@given(st.integers(1, 10**9 - 1), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(pk, place, more):
    digits = list(card_number(pk))
    digits[place] = str((int(digits[place]) + more) % 10)

    assert customer_of("".join(digits)) is None


@pytest.mark.parametrize("typed", ["", "12", "12345678901", "x123456789", "١٢٣٤٥٦٧٨٩٠"])
def test_what_is_no_number_of_ours_leads_nowhere(typed):
    assert customer_of(typed) is None


def test_search_and_programs_find_a_customer_by_it_also_after_a_merge(ana, ben):
    number = ben.card_number
    assert find(number)[0].customer_id == ben.pk
    type(ben).objects.filter(pk=ben.pk).update(merged_into=ana)

    assert find(number)[0].customer_id == ana.pk
    assert KnownBy(source="till", card=number).find_or_create() == ana
    assert not ana.identifiers.filter(kind="card").exists()


def test_a_number_that_the_shop_brought_with_it_is_shown_instead(cleo, as_support):
    assert cleo.card_number in as_support.get(f"/customers/{cleo.pk}/").content.decode()

    build.identifier(cleo, "card", "AB-77")

    cleo = type(cleo).objects.get(pk=cleo.pk)
    page = as_support.get(f"/customers/{cleo.pk}/").content.decode()
    assert cleo.card_number == "AB-77"
    assert "AB-77" in page
    assert card_number(cleo.pk) not in page
