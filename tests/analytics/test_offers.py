"""Whether each discount helped, side by side."""

import pytest
from django.urls import reverse

from analytics.reports.offers import PAGE, Report
from tests.loyalty.discounts import making


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


def given(mira, name, **counts):
    discount = making.discount(name)
    making.drawn(discount, mira, **{"reached": 60, "held_back": 60, **counts})
    return discount


def test_offers_stand_newest_first_with_what_each_did(manager, mira):
    given(mira, "Ten off", bought=40, bought_held=5)
    given(mira, "Five off", bought=5, bought_held=40)
    making.discount("Given to nobody by lot")

    offers = Report.of("").offers
    page = manager.get(reverse("analytics:offers")).content.decode()

    assert [offer.discount.name for offer in offers] == ["Five off", "Ten off"]
    assert [offer.window.verdict for offer in offers] == ["did_not", "helped"]
    assert all(offer.url in page for offer in offers)
    assert "Given to nobody by lot" not in page


def test_lots_whose_days_are_not_over_say_when_there_will_be_figures(manager, mira):
    given(mira, "Fresh", bought=0, bought_held=0, days_ago=10)

    assert "First figures on" in manager.get(reverse("analytics:offers")).content.decode()


def test_without_lots_the_page_says_how_to_get_them(manager):
    assert "Nobody was held back yet" in manager.get(reverse("analytics:offers")).content.decode()


@pytest.mark.django_db
def test_many_offers_are_shown_page_by_page_in_the_same_number_of_questions(mira, django_assert_num_queries):
    for n in range(PAGE + 1):
        given(mira, f"Offer {n}", reached=2, held_back=2, bought=1, bought_held=0)

    with django_assert_num_queries(3):
        first = Report.of("")
    second = Report.of(str(first.after))

    assert (len(first.offers), [offer.discount.name for offer in second.offers]) == (PAGE, ["Offer 0"])


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["x", "-1", "9" * 30, "²"])
def test_a_place_that_is_none_is_the_beginning(asked):
    assert Report.of(asked).offers == []


def test_the_file_has_a_row_for_each_offer(manager, mira):
    given(mira, "=Ten off", bought=40, bought_held=5)
    given(mira, "Fresh", bought=0, bought_held=0, days_ago=10)

    lines = manager.get(reverse("analytics:offers_csv")).content.decode("utf-8-sig").splitlines()

    assert len(lines) == 3
    assert lines[2].startswith("'=Ten off,60,60,30,")
