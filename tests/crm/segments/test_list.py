import re
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import unquote

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from analytics import recompute
from analytics.facets import without_figures
from analytics.models import Scores, Stale
from analytics.models.scores import State
from analytics.refreshing import refresh
from crm.models import Customer
from crm.segments import pages
from tests import build
from tests.analytics.standing import stand

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
def test_a_value_that_cannot_be_read_is_said_and_the_rest_is_answered(as_sam, ana, ben, asked, says):
    page = as_sam.get(LIST, {**asked, "name": "ana"})

    assert page.status_code == 200
    assert says in page.content.decode()
    assert names(page) == ["Ana Lindqvist"]
    assert list(page.context["question"].customers) == []  # nobody is written to by a question that is half read


@pytest.mark.parametrize("asked", [{"sort": "password"}, {"sort": "-city"}, {"after": "abc"}, {"before": "eyJ:x:y"}])
def test_an_order_or_a_place_that_is_not_there_is_said_and_the_first_page_shown(as_sam, ana, asked):
    page = as_sam.get(LIST, asked)

    assert names(page) == ["Ana Lindqvist"]
    assert page.context["question"].problems


def test_a_form_with_two_ends_becomes_one_range_in_the_address(as_sam, ana):
    answer = as_sam.get(LIST, {"q": "ana", "created.from": "2026-01-01", "created.to": "2026-03-31"})

    assert answer.status_code == 302
    assert unquote(answer["Location"]) == "?q=ana&created=2026-01-01..2026-03-31"


def test_days_are_days_of_the_shop(as_sam, ana):
    Customer.objects.filter(pk=ana.pk).update(created_at="2026-07-01T23:30:00Z")  # half past midnight in London

    assert names(as_sam.get(LIST, {"created": "2026-07-02"})) == ["Ana Lindqvist"]
    assert names(as_sam.get(LIST, {"created": "2026-07-01"})) == []


@pytest.mark.parametrize("sort", ["name", "-name", "created", "-created"])
def test_pages_follow_each_other_without_gap_or_repeat_and_lead_back(as_sam, sort):
    day = date(2026, 5, 1)
    for number in range(60):
        build.customer("Twin Same" if number % 2 else f"Name {number:02}", created_at=f"{day}T00:00:00Z")

    seen, address, found = [], f"?sort={sort}", []
    while address:
        page = as_sam.get(LIST + address)
        found.append([row.customer.pk for row in page.context["rows"]])
        seen += found[-1]
        address = page.context["after"] and "?" + page.context["after"]
    back = as_sam.get(f"{LIST}?{page.context['before']}")

    assert len(seen) == len(set(seen)) == 60
    assert [row.customer.pk for row in back.context["rows"]] == found[-2]


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
    answer = as_sam.get(reverse("crm:customers_counts"), {"tabs": "all,owner", "question": "name=ana"})

    assert "\n1 customer\n" in answer.content.decode()
    assert re.findall(r'id="count-(\w+)"[^>]*>(\d+)', answer.content.decode()) == [("all", "2"), ("owner", "0")]


def test_a_merged_card_is_not_listed(as_sam, ana, ben):
    Customer.objects.filter(pk=ben.pk).update(merged_into=ana)

    assert names(as_sam.get(LIST)) == ["Ana Lindqvist"]


def test_what_a_person_typed_is_shown_as_typed(as_sam):
    build.customer("<b>Bold</b> & Co")

    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in as_sam.get(LIST).content.decode()


def test_an_empty_shop_says_what_to_do(as_mira):
    assert "No customers yet" in as_mira.get(LIST).content.decode()


def test_sorting_and_filtering_are_links_that_keep_the_question(as_sam, ana):
    page = as_sam.get(LIST, {"city": "", "name": "ana", "sort": "-last_on"}).content.decode()

    assert "?sort=last_on&amp;name=ana" in page
    assert "Remove the filter on Customer" in page


def figures(customer, net: int) -> Scores:
    return stand(customer, orders=1 + net % 4, occasions=1, net=net, average_order=net, last_spend=net, rfm="new")


@pytest.fixture
def with_figures(db) -> list[str]:
    """Thirty with figures, thirty who never bought."""
    bought = [build.customer(f"Bought {number:02}") for number in range(30)]
    never = [build.customer(f"Never {number:02}") for number in range(30)]
    for number, customer in enumerate(bought):
        figures(customer, net=10 + number // 3)  # three of each amount
    return [str(customer) for customer in bought + never]


@pytest.mark.parametrize("sort", ["net", "-net", "orders", "-last_on"])
def test_those_without_a_figure_come_last_whichever_way_the_list_runs(as_mira, with_figures, sort):
    seen, address = [], f"?sort={sort}"
    while address:
        page = as_mira.get(LIST + address)
        seen.append(names(page))
        address = page.context["after"] and "?" + page.context["after"]
    back = as_mira.get(f"{LIST}?{page.context['before']}")

    everybody = [name for one in seen for name in one]
    assert sorted(everybody) == sorted(with_figures)
    assert all(name.startswith("Never") for name in everybody[30:])
    assert names(back) == seen[-2]


def test_a_range_of_a_figure_finds_whoever_is_in_it(as_mira, with_figures):
    assert len(names(as_mira.get(LIST, {"net": "10..11", "size": "50"}))) == 6
    assert len(names(as_mira.get(LIST, {"net": "..10,00", "size": "50"}))) == 3
    assert len(names(as_mira.get(LIST, {"net": "-", "size": "50"}))) == 30
    assert len(names(as_mira.get(LIST, {"state": ["no_orders"], "size": "50"}))) == 30


@pytest.mark.parametrize(
    "asked", [{"orders": "abc"}, {"net": "1e1000000"}, {"net": "NaN"}, {"state": "'"}, {"orders": "٣"}]
)
def test_a_figure_that_is_no_number_is_said(as_mira, ana, asked):
    page = as_mira.get(LIST, asked)

    assert page.context["question"].problems
    assert not page.context["question"].customers.exists()


def test_support_cannot_ask_what_only_reports_tell(as_sam, ana):
    assert "at_stake" not in as_sam.get(LIST, {"at_stake": "5.."}).context["question"].facets


def test_every_state_finds_exactly_those_who_show_it(as_mira, ana, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # states begin with a day
    day = timezone.localdate()
    dates = ["overdue_on", "at_risk_on", "likely_lost_on", "second_due_on"]
    for number in range(16):
        row = figures(build.customer(f"Somebody {number}"), net=10)
        begun = {field: day - timedelta(days=1 - 2 * (number >> bit & 1)) for bit, field in enumerate(dates)}
        Scores.objects.filter(pk=row.pk).update(**begun)
    Stale.mark([ana.pk])  # who has bought and has no figures waits for them

    shown = {str(row.customer): str(row.cells[4].html) for row in as_mira.get(LIST, {"size": "50"}).context["rows"]}
    for state in State:
        found = names(as_mira.get(LIST, {"state": state.value, "size": "50"}))
        assert set(found) == {name for name, html in shown.items() if str(state.label) in html}


@pytest.mark.parametrize("gives_up", [0, 1, 2])
def test_a_page_is_the_same_whether_it_is_walked_to_at_once_later_or_gathered(as_sam, monkeypatch, gives_up):
    for number in range(6):
        build.customer(f"Name {number}", city="Ludlow" if number % 2 else "Hereford")
    tries, walked = [], pages._walked
    for name, value in (("CROWD", 2), ("PATIENCE", 60_000), ("WALK", 60_000)):
        monkeypatch.setattr(pages, name, value)

    def walk(*asked, **how):
        tries.append(how)
        return walked(*asked, **how) if len(tries) > gives_up else None

    monkeypatch.setattr(pages, "_walked", walk)

    page = as_sam.get(LIST, {"city": "Ludlow", "sort": "-name"})

    assert names(page) == ["Name 5", "Name 3", "Name 1"]
    assert tries == [{}, {"along": True}][: gives_up + 1]
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_sort")
        assert cursor.fetchone() == ("on",)


@pytest.mark.parametrize("in_time", [True, False])
def test_a_page_is_the_same_when_gathering_takes_too_long(as_sam, monkeypatch, in_time):
    for number in range(60):
        build.customer(f"Name {number:02}", city="Ludlow" if number % 2 else "Hereford")
    monkeypatch.setattr(pages, "SEVERAL", 0)
    monkeypatch.setattr(pages, "_walked", lambda *asked, **how: None)
    if not in_time:
        monkeypatch.setattr(pages, "_all_or_a_crowd", lambda question: None)

    first = as_sam.get(LIST, {"city": "Ludlow", "sort": "-name"})
    second = as_sam.get(f"{LIST}?{first.context['after']}")

    assert names(first) == [f"Name {number:02}" for number in range(59, 9, -2)]
    assert names(second) == [f"Name {number:02}" for number in range(9, 0, -2)]


@pytest.mark.parametrize("asked", ["net=-", "state=no_orders", "at_stake=-"])
def test_whose_only_order_was_given_back_is_without_figures_also_when_they_are_gathered(as_mira, asked, monkeypatch):
    build.order(build.customer("Nell Ray"), "20.00").refund(Decimal("20.00"))
    build.order(build.customer("Otto Fay"), "20.00")
    recompute.full()
    monkeypatch.setattr(pages, "_walked", lambda *how, **more: None)

    found = names(as_mira.get(f"{LIST}?{asked}"))

    assert "Nell Ray" in found
    assert "Otto Fay" not in found or asked == "at_stake=-"  # nobody has a forecast in so small a shop


def test_who_was_refreshed_is_looked_at_as_one_without_figures_only_where_there_are_none(db):
    bought, never = build.customer("Nell Ray"), build.customer("Otto Fay")
    build.order(bought)
    recompute.full()
    Stale.mark([bought.pk, never.pk])
    waiting = {row["customer"] for row in without_figures("-")}
    refresh()

    assert waiting == {bought.pk, never.pk}
    assert [row["customer"] for row in without_figures("-")] == [never.pk]
