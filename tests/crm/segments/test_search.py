import pytest

from crm.models import Customer
from crm.segments.search import find
from tests import build

HTMX = {"HX-Request": "true"}


@pytest.fixture
def eleanor(db) -> Customer:
    eleanor = build.customer(
        "Eleanor Whitcombe", email="Eleanor.Whitcombe@people.example", phone="+44 7700 900388", city="Ludlow"
    )
    build.identifier(eleanor, "external", "R-20418", source="shop")
    build.identifier(eleanor, "card", "4000123456", source="ours")
    build.order(eleanor, reference="557120")
    return eleanor


@pytest.mark.parametrize(
    "words",
    [
        "Eleanor",
        "whitcombe",
        "Elanor Whitcomb",
        "eleonor",
        "Whitcombe Eleanor",
        "wihtcombe",
        "eleanor.whitcombe@people.example",
        "whitcombe@people",
        "eleanor.w",
        "07700 900388",
        "+44 7700 900388",
        "(07700) 900-388",
        "900388",
        "07700 900",
        "R-20418",
        "r-204",
        "4000123456",
        "557120",
        "#5571",
    ],
)
def test_a_person_is_found_by_anything_they_say(eleanor, ana, ben, words):
    if words == "07700 900":
        ana.identifiers.all().delete()

    assert [found.customer_id for found in find(words)] == [eleanor.pk]


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "a\x00b", "zzzzqqq", "\\", "'; DROP TABLE", "()+-", "🦊"])
def test_what_is_nobodys_finds_nobody(eleanor, words):
    assert find(words) == []


def test_cyrillic_and_polish_names_are_found_with_typos(db):
    olha = build.customer("Ольга Ковальчук")
    zofia = build.customer("Zofia Wójcik")

    assert [found.customer_id for found in find("ковалчук")] == [olha.pk]
    assert [found.customer_id for found in find("wójick")] == [zofia.pk]


def test_a_merged_card_is_found_as_the_one_it_went_into(ana, ben):
    Customer.objects.filter(pk=ben.pk).update(merged_into=ana)

    assert [found.customer_id for found in find("ben@people.example")] == [ana.pk]


def test_a_phone_as_it_is_dialled_at_home(db):
    per = build.customer("Ivan Petrov", phone="+7 916 123-45-67")

    assert [found.customer_id for found in find("8 916 123-45-67")] == [per.pk]


def test_no_more_than_a_dozen_come_to_the_box(as_sam):
    for number in range(30):
        build.customer(f"Twin Number{number}")

    page = as_sam.get("/find/", {"q": "twin"}, headers=HTMX).content.decode()

    assert page.count('role="option"') == 12


def test_the_box_says_what_was_seen_and_offers_a_card_for_nobody(as_sam, eleanor):
    assert "order 557120" in as_sam.get("/find/", {"q": "5571"}, headers=HTMX).content.decode()
    nobody = as_sam.get("/find/", {"q": "Nobody Here"}, headers=HTMX).content.decode()
    assert "/customers/new/?given_name=Nobody%20Here" in nobody


def test_what_the_box_asks_leads_to_the_list_when_it_is_opened_as_a_page(as_sam, eleanor):
    page = as_sam.get("/find/", {"q": "eleanor & co"}, follow=True)

    assert page.redirect_chain == [("/customers/?q=eleanor+%26+co", 302)]


def test_the_list_shows_who_was_found_the_likeliest_first(as_sam, eleanor):
    near = build.customer("Eleanora Whitcomber")

    rows = as_sam.get("/customers/", {"q": "eleanor whitcombe"}).context["rows"]

    assert [row.customer.pk for row in rows] == [eleanor.pk, near.pk]
