from datetime import date

import pytest
from django.urls import reverse

from crm.models import Customer
from tests import build

LIST = "/customers/"


def names(response) -> list[str]:
    return [str(row.customer) for row in response.context["rows"]]


def test_customers_stand_in_the_order_of_their_names(as_sam, cleo, ana, ben):
    page = as_sam.get(LIST)

    assert names(page) == ["Ana Lindqvist", "Ben Okafor", "Cleo Marczak"]


def test_a_filter_takes_any_of_its_values_and_filters_go_together(as_sam, ana, ben, cleo, sam):
    for customer, city, owner in [(ana, "Ludlow", sam), (ben, "Hereford", sam), (cleo, "Ludlow", None)]:
        customer.edit(actor="", city=city, owner=owner)

    both_towns = as_sam.get(LIST, {"city": ["ludlow", "Here"]})
    mine_in_ludlow = as_sam.get(LIST, {"city": "Ludlow", "owner": str(sam.pk)})
    nobodys = as_sam.get(LIST, {"owner": "-"})

    assert names(both_towns) == ["Ana Lindqvist", "Ben Okafor", "Cleo Marczak"]
    assert names(mine_in_ludlow) == ["Ana Lindqvist"]
    assert names(nobodys) == ["Cleo Marczak"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"created": "2026-02-30"}, "not a date"),
        ({"created": "soon.."}, "not a date"),
        ({"created": ".."}, "not a date"),
        ({"owner": "abc"}, "not one of the choices"),
        ({"city": "a\x07b"}, "cannot be looked for"),
        ({"city": "x" * 500}, "cannot be looked for"),
        ({"q": "a\x07b"}, "cannot be looked for"),
    ],
)
def test_a_value_that_cannot_be_read_is_said_and_finds_nobody(as_sam, ana, asked, says):
    page = as_sam.get(LIST, asked)

    assert page.status_code == 200
    assert says in page.content.decode()
    assert names(page) == []


@pytest.mark.parametrize("asked", [{"sort": "password"}, {"sort": "-city"}, {"after": "abc"}, {"before": "eyJ:x:y"}])
def test_an_order_or_a_place_that_is_not_there_is_said_and_the_first_page_shown(as_sam, ana, asked):
    page = as_sam.get(LIST, asked)

    assert names(page) == ["Ana Lindqvist"]
    assert page.context["question"].problems


def test_a_form_with_two_ends_becomes_one_range_in_the_address(as_sam, ana):
    answer = as_sam.get(LIST, {"q": "ana", "created.from": "2026-01-01", "created.to": "2026-03-31"})

    assert answer.status_code == 302
    assert answer["Location"] == "?q=ana&created=2026-01-01..2026-03-31"


def test_days_are_days_of_the_shop(as_sam, ana):
    Customer.objects.filter(pk=ana.pk).update(created_at="2026-07-01T23:30:00Z")  # half past midnight in London

    assert names(as_sam.get(LIST, {"created": "2026-07-02"})) == ["Ana Lindqvist"]
    assert names(as_sam.get(LIST, {"created": "2026-07-01"})) == []


@pytest.mark.parametrize("sort", ["name", "-name", "created", "-created"])
def test_pages_follow_each_other_without_gap_or_repeat_and_lead_back(as_sam, sort):
    day = date(2026, 5, 1)
    for number in range(60):
        build.customer("Twin Same" if number % 2 else f"Name {number:02}", created_at=f"{day}T00:00:00Z")

    seen, address, pages = [], f"?sort={sort}", []
    while address:
        page = as_sam.get(LIST + address)
        pages.append([row.customer.pk for row in page.context["rows"]])
        seen += pages[-1]
        address = page.context["after"] and "?" + page.context["after"]
    back = as_sam.get(f"{LIST}?{page.context['before']}")

    assert len(seen) == len(set(seen)) == 60
    assert [row.customer.pk for row in back.context["rows"]] == pages[-2]


def test_the_list_asks_as_often_for_fifty_rows_as_for_one(
    as_sam, django_assert_num_queries, django_assert_max_num_queries
):
    build.identifier(build.customer("Only One"), "external", "R-ONE")
    as_sam.get(LIST)
    with django_assert_max_num_queries(12) as one:
        as_sam.get(LIST, {"size": "50"})
    for number in range(50):
        customer = build.customer(f"More {number}")
        build.identifier(customer, "external", f"R-{number}")

    with django_assert_num_queries(len(one)):
        as_sam.get(LIST, {"size": "50"})


def test_the_count_comes_by_itself(as_sam, ana, ben):
    answer = as_sam.get(reverse("crm:customers_count"), {"name": "ana"})

    assert answer.content.decode().strip().endswith("1 customer")


def test_a_merged_card_is_not_listed(as_sam, ana, ben):
    Customer.objects.filter(pk=ben.pk).update(merged_into=ana)

    assert names(as_sam.get(LIST)) == ["Ana Lindqvist"]


def test_what_a_person_typed_is_shown_as_typed(as_sam):
    build.customer("<b>Bold</b> & Co")

    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in as_sam.get(LIST).content.decode()


def test_an_empty_shop_says_what_to_do(as_mira):
    assert "No customers yet" in as_mira.get(LIST).content.decode()


def test_sorting_and_filtering_are_links_that_keep_the_question(as_sam, ana):
    page = as_sam.get(LIST, {"city": "", "name": "ana", "sort": "-created"}).content.decode()

    assert "?sort=created&amp;name=ana" in page
    assert "Remove the filter on Customer" in page
