"""What is known of a phone number beforehand is what the library says, however it is written."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import phones

COUNTRIES = ["GB", "PL", "UA", "RU", "US", "DE", "IT", "FR", "CZ", "BR", "MX", "AR", "KZ", "CA", "SM", "HU", "IN", ""]
CODES = ["44", "48", "380", "7", "1", "49", "39", "33", "420", "55", "52", "54", "36", "91", "800", "999"]
DIGITS = st.text("0123456789", min_size=3, max_size=12)
MARKS = st.sampled_from(["", " ", " (0)", "-", ".", "("])
NUMBERS = st.one_of(
    st.tuples(st.just("+"), st.sampled_from(CODES), MARKS, DIGITS).map("".join),
    st.tuples(st.sampled_from(["", "0", "8", "1", "00", "06", "011"]), DIGITS, MARKS, DIGITS).map("".join),
)


@pytest.mark.slow
@settings(max_examples=1_500)
@given(text=NUMBERS, country=st.sampled_from(COUNTRIES))
def test_a_number_told_quickly_is_the_one_that_the_library_tells(text, country):
    known = phones._plain(text) or phones._at_home(text, country)

    assert not known or known == phones._looked_up(text, country)


@pytest.mark.parametrize("country", [country for country in COUNTRIES if country])
@pytest.mark.parametrize("writing", [0, 1, 2])
def test_an_example_of_each_country_comes_out_right(country, writing):
    number = phonenumbers.example_number(country)

    found = phones.e164(phonenumbers.format_number(number, writing), country)

    assert found == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+447700900142", "", "+447700900142"),
        ("+44 (0)7700 900142", "PL", "+447700900142"),
        ("07700 900142", "GB", "+447700900142"),
        ("601 234 567", "PL", "+48601234567"),
        ("067 123 45 67", "UA", "+380671234567"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("0039 06 1234 5678", "PL", "+390612345678"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("112", "GB", None),
        ("nobody", "GB", None),
        ("", "GB", None),
    ],
)
def test_numbers_as_people_write_them(text, country, number):
    assert phones.e164(text, country) == number


def test_most_numbers_need_no_looking_up(monkeypatch):
    monkeypatch.setattr(phones, "_looked_up", None)

    for text, country in [("+447700900142", ""), ("07700 900142", "GB"), ("601-234-567", "PL"), ("067 1234567", "UA")]:
        assert phones.e164(text, country)
