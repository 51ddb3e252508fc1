"""What an erased person refused still holds for the address when it comes back; the address itself is not kept."""

import pytest

from crm.models import Consent, ConsentInForce, Suppression
from crm.privacy.erasing import erase
from tests import build

ADDRESS = "ana@people.example"


@pytest.fixture(autouse=True)
def erased_file(settings, tmp_path):
    settings.ERASED_FILE = tmp_path / "erased.jsonl"


def say(customer, **choices):
    return Consent.say(customer, "email", ADDRESS, choices, method="page", wording="I want offers by mail.")


def decides(purpose):
    row = Consent.objects.current("email", ADDRESS).get(purpose)
    return row and row.state


def test_a_withdrawal_still_decides_when_the_address_comes_back(ana):
    say(ana, offers="given", feedback="given")
    say(ana, offers="withdrawn")

    erase(ana, why="asked")
    build.customer("Somebody New", email=ADDRESS)

    assert decides("offers") == "withdrawn"
    assert decides("feedback") is None


def test_neither_consents_nor_what_is_in_force_hold_the_address(ana):
    say(ana, offers="withdrawn", points="given")

    erase(ana, why="asked")

    assert not Consent.objects.filter(address__contains="ana").exists()
    assert not ConsentInForce.objects.filter(address__contains="ana").exists()
    assert [row.state for row in ConsentInForce.objects.all()] == ["withdrawn"]


def test_whoever_has_the_address_later_can_allow_again(ana):
    say(ana, offers="withdrawn")
    erase(ana, why="asked")

    new = build.customer("Somebody New", email=ADDRESS)
    say(new, offers="given")

    assert decides("offers") == "given"


def test_an_address_refused_and_erased_twice_is_remembered_once(ana):
    say(ana, offers="refused")
    erase(ana, why="asked")
    new = build.customer("Somebody New", email=ADDRESS)
    say(new, offers="given")
    say(new, offers="withdrawn")

    erase(new, why="asked")

    assert decides("offers") == "withdrawn"
    assert ConsentInForce.objects.count() == 1


def test_the_consents_of_an_address_that_a_family_shares_stay_with_the_others(ana):
    nils = build.customer("Nils Lindqvist", email=ADDRESS)
    say(ana, offers="given")

    erase(ana, why="asked")

    assert decides("offers") == "given"
    assert not nils.consents.exists()
    assert Consent.objects.get().customer is None


def test_nothing_goes_to_a_suppressed_address_whoever_has_it_later(ana):
    Suppression.note(ADDRESS, "complaint", customer=ana)

    erase(ana, why="asked")

    held = Suppression.objects.in_force().get()
    assert held.address.startswith("erased:")
    assert held.customer is None
