"""The vectors of RFC 4226 and RFC 6238, and what of them we accept."""

import base64

import pytest
import time_machine

from shop import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("counter", "code"),
    list(enumerate("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split())),
)
def test_codes_are_those_of_rfc_4226(counter, code):
    assert totp.code(SECRET, counter) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds, code):
    assert totp.code(SECRET, seconds // totp.STEP, digits=8) == code


@pytest.mark.parametrize(("off", "found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off_and_no_more(off, found):
    with time_machine.travel(1_800_000_000, tick=False):
        step = totp.now() + off

        assert totp.step_of(SECRET, totp.code(SECRET, step)) == (step if found else None)


def test_a_secret_has_160_bits_and_none_is_like_another():
    assert len(base64.b32decode(totp.new_secret())) == 20
    assert totp.new_secret() != totp.new_secret()


def test_the_address_tells_the_app_whose_it_is():
    assert totp.address("ABC", "ana+x@shop.example", "Tansy & Wren") == (
        "otpauth://totp/Tansy%20%26%20Wren%3Aana%2Bx%40shop.example?secret=ABC&issuer=Tansy%20%26%20Wren"
    )
