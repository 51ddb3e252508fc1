"""Copy, erasure and certificate as staff meet them."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Customer, Erasure, Event, OldCard, PrivacyRequest
from crm.privacy import clock, erasing
from crm.privacy.erasing import erase
from shop.models import Setting
from tests import build


def address(name, customer):
    return reverse(f"crm:{name}", args=[customer.pk])


def test_opening_the_door_of_a_copy_writes_nothing_down(as_manager, ana):
    answer = as_manager.get(address("copy", ana))

    assert answer.status_code == 200
    assert not Event.objects.filter(kind="customer.copied").exists()


def test_a_copy_is_written_down_and_not_kept_by_browsers(as_manager, ana, mira):
    page = as_manager.post(address("copy", ana), {"format": "page", "language": "pl"})
    file = as_manager.post(address("copy", ana), {"format": "json"})

    assert "ana@people.example" in page.text
    assert page["Cache-Control"] == file["Cache-Control"] == "no-store"
    assert json.loads(file.text)["customer"][0]["family_name"] == "Lindqvist"
    written = Event.objects.filter(kind="customer.copied", actor=mira.actor).order_by("pk")
    assert [event.data["format"] for event in written] == ["page", "json"]


@pytest.mark.parametrize("language", ["en", "ru", "uk", "pl"])
def test_the_page_comes_in_the_language_that_was_chosen(as_manager, ana, language):
    page = as_manager.post(address("copy", ana), {"format": "page", "language": language})

    assert f'<html lang="{language}"' in page.text


def test_support_may_neither_copy_nor_erase(as_support, ana):
    for name in ("copy", "erasure"):
        assert as_support.post(address(name, ana), {"typed": ana.name, "why": "asked"}).status_code == 403

    ana.refresh_from_db()
    assert ana.erased_at is None


def test_nobody_is_erased_by_a_wrong_word(as_manager, ana):
    answer = as_manager.post(address("erasure", ana), {"why": "asked", "typed": "yes"})

    assert answer.status_code == 422
    assert not Erasure.objects.exists()


def test_the_name_typed_erases_and_shows_the_certificate(as_manager, ana, mira, monkeypatch):
    monkeypatch.setattr(erasing, "FEW", 10**9)  # the tables may remember the rows of other tests
    answer = as_manager.post(address("erasure", ana), {"why": "asked", "typed": " ana  lindqvist"}, follow=True)

    certificate = Erasure.objects.get()
    assert certificate.by == mira
    assert certificate.number in answer.text
    assert "Lindqvist" not in answer.text


def test_the_card_of_somebody_erased_leads_to_the_certificate(as_support, ana, cleo):
    cleo.merged_into = ana
    cleo.save()
    erase(ana, why="asked")

    for card in (ana, cleo):
        answer = as_support.get(card.get_absolute_url(), follow=True)
        assert answer.redirect_chain[-1][0] == address("certificate", ana)
    assert as_support.get(reverse("crm:customer", args=[10**6])).status_code == 404


def test_the_certificate_is_a_file_too(as_support, ana):
    erase(ana, why="asked")

    told = as_support.get(address("certificate_file", ana)).json()

    assert told["tables"]["crm.Order"] == {"kept": 5}
    assert told["cards"] == [ana.pk]


def test_lists_and_search_never_show_somebody_erased(as_manager, ana):
    reference = ana.orders.first().reference
    erase(ana, why="asked")

    assert address("customer", ana) not in as_manager.get(reverse("crm:customers")).text
    assert (
        address("customer", ana)
        not in as_manager.get(reverse("crm:find"), {"q": reference}, headers={"HX-Request": "true"}).text
    )


@pytest.mark.parametrize("name", ["timeline", "notes", "contact_new", "erasure", "copy", "objection"])
def test_every_other_door_of_an_erased_card_is_closed(as_administrator, ana, name):
    erase(ana, why="asked")

    answer = as_administrator.get(address(name, ana))

    to_the_certificate = name == "erasure" and answer.headers.get("Location") == address("certificate", ana)
    assert to_the_certificate or answer.status_code in (404, 405)
    assert as_administrator.post(address(name, ana), {"body": "x", "kind": "note"}).status_code in (404, 405)


def test_what_customers_asked_for_is_on_today_with_the_day_it_is_due(as_manager, ana):
    PrivacyRequest.ask(ana, "copy")

    page = as_manager.get(reverse("crm:today")).text

    assert "About their data" in page
    assert address("copy", ana) in page


def test_an_objection_switches_risk_scoring_off_and_on(as_support, ana):
    as_support.post(address("objection", ana))
    ana.refresh_from_db()
    assert ana.unprofiled_since
    assert "No risk scoring" in as_support.get(ana.get_absolute_url()).text

    as_support.post(address("objection", ana))
    ana.refresh_from_db()
    assert ana.unprofiled_since is None


class TestOldCards:
    @pytest.fixture
    def old(self, ada):
        Setting.put("privacy.years", 3, by=ada)
        made = timezone.now() - timedelta(days=5 * 365)
        return build.customer("Olga Old", created_at=made)

    def test_a_card_on_which_nothing_happens_is_proposed_and_not_erased(self, old, ana):
        assert clock.propose() == 1

        assert list(clock.proposed().values_list("customer", flat=True)) == [old.pk]
        assert not Erasure.objects.exists()

    def test_an_order_a_talk_and_an_edit_are_signs_of_life(self, old, ada):
        made = old.created_at
        bought, talked, edited = (build.customer(f"Old {n}", created_at=made) for n in range(3))
        build.order(bought, at=100)
        build.note(talked)
        edited.edit(actor=ada.actor, city="Ludlow")

        clock.propose()

        assert list(clock.proposed().values_list("customer", flat=True)) == [old.pk]

    def test_a_card_that_is_kept_is_not_proposed_again_for_a_year(self, old, as_manager):
        clock.propose()

        as_manager.post(reverse("crm:privacy"), {"card": [old.pk], "what": "keep"})

        assert clock.propose() == 0

    def test_picked_cards_are_erased_once_their_number_is_typed(self, old, as_manager, mira):
        clock.propose()
        wrong = as_manager.post(reverse("crm:privacy"), {"card": [old.pk], "what": "erase", "typed": "yes"})
        assert wrong.status_code == 422

        clock.erase_them([old.pk], by=mira, progress=lambda *args: None)

        assert Erasure.objects.get().why == "clock"
        assert not OldCard.objects.exists()

    def test_only_proposed_cards_can_be_erased_this_way(self, old, ana, mira):
        clock.propose()

        assert clock.erase_them([ana.pk], by=mira, progress=lambda *args: None) == 0

    def test_the_clock_stands_still_until_years_are_set(self, ana):
        assert clock.propose() == 0
        assert Customer.objects.present().count() == 1
