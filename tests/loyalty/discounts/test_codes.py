import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from loyalty.discounts import codes
from tests import build
from tests.loyalty.discounts import making
from tests.loyalty.till.making import Till, lines

letters = st.sampled_from(codes.ALPHABET)


def test_the_alphabet_has_31_characters_and_no_look_alikes():
    assert len(codes.ALPHABET) == len(set(codes.ALPHABET)) == 31
    assert not set("01ILO") & set(codes.ALPHABET)


def test_a_code_is_read_whatever_its_capitals_dashes_and_spaces():
    code = codes.new()
    written = f" {codes.shown(code).lower()} "

    assert codes.plain(written) == code
    assert codes.well_formed(written)


@given(st.text(codes.ALPHABET, min_size=10, max_size=10), st.integers(0, 10), letters)
def test_one_wrong_character_is_found(body, place, other):
    code = body + codes.check(body)
    wrong = code[:place] + other + code[place + 1 :]

    assert codes.well_formed(wrong) is (wrong == code)


@given(st.text(codes.ALPHABET, min_size=10, max_size=10), st.integers(0, 9))
def test_two_neighbours_that_changed_places_are_found(body, place):
    code = body + codes.check(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert codes.well_formed(swapped) is (swapped == code)


@pytest.fixture
def till(db):
    return Till()


@pytest.fixture
def ask(db):
    client = Client(headers={"Authorization": f"Bearer {build.api_key('webshop', 'till.use')}"})
    line = {"sku": "A", "quantity": 1, "unit_price": "10.00"}

    def ask(code, customer):
        told = {"customer": {"id": customer.pk}, "lines": [line], "codes": [code]}
        return client.post("/api/v1/till/quotes/", told, content_type="application/json")

    return ask


def test_nobody_finds_a_code_by_trying(ask, ana, ben):
    making.grant(code="REALCODE", uses=None)

    wrong = [ask(codes.new(), ana).status_code for _try in range(12)]

    assert wrong == [200] * 10 + [429] * 2
    assert ask("REALCODE", ana).json()["code"] == "too_many_codes"
    assert ask("REALCODE", ben).status_code == 200


def test_nobody_finds_a_code_by_asking_for_a_wrong_price(till, ana):
    """The answer to a wrong price is the right one, with what is said of the codes."""
    making.grant(code="REALCODE", uses=None)

    def refused(number, code):
        told = {"customer": {"id": ana.pk}, "lines": lines("10.00"), "codes": [code], "total": "0.01"}
        return till.hold(f"T-{number}", **told).json()["code"]

    tried = [refused(number, codes.new()) for number in range(12)]

    assert tried == ["price_changed"] * 10 + ["too_many_codes"] * 2
    assert refused(12, "REALCODE") == "too_many_codes"
