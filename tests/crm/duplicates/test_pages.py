import json

import pytest
from django.test import Client

from crm.duplicates.finding import find_all
from crm.duplicates.merging import merge
from crm.models import Customer, Duplicate, Merge
from loyalty.models import Account
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    """Ana's second card: the same e-mail."""
    anna = build.customer("Anna Lindqvist", email="ANA@people.example", city="Lund")
    build.order(anna, "30.00", at=10)
    find_all()
    return anna


def test_the_queue_shows_the_pair_with_its_reason(as_manager, ana, anna):
    page = as_manager.get("/customers/duplicates/").content.decode()

    assert "Anna Lindqvist" in page
    assert "Same e-mail, ana@people.example" in page
    assert f"/customers/{ana.pk}/merge/{anna.pk}/" in page


def test_the_queue_asks_as_often_for_many_pairs_as_for_one(as_manager, ana, anna, django_assert_num_queries):
    address = "/customers/duplicates/"
    as_manager.get(address)
    with django_assert_num_queries(7) as one:
        as_manager.get(address)
    for number in range(20):
        build.customer(f"Lee {number}", email=f"lee{number}@people.example")
        build.customer(f"Lee {number}", email=f"lee{number}@people.example")
    find_all()

    with django_assert_num_queries(len(one.captured_queries)):
        as_manager.get(address)


def test_the_pages_of_the_queue_follow_each_other(as_manager, ana, anna, monkeypatch):
    build.customer("Ben Berg", phone="+44 7700 900999")
    build.customer("Bob Berg", phone="+44 7700 900999")
    find_all()
    monkeypatch.setattr("crm.duplicates.queue.SIZE", 1)

    first = as_manager.get("/customers/duplicates/")
    second = as_manager.get(f"/customers/duplicates/?after={first.context['following']}")

    pairs = [page.context["pairs"][0].duplicate.pk for page in (first, second)]
    assert len(set(pairs)) == 2
    assert second.context["following"] == ""


def test_support_may_not_merge(as_support, ana, anna):
    assert as_support.get("/customers/duplicates/").status_code == 403
    assert as_support.post(f"/customers/{ana.pk}/merge/{anna.pk}/", {"stays": ana.pk}).status_code == 403
    assert not Merge.objects.exists()


def test_both_cards_stand_side_by_side_with_a_sensible_choice(as_manager, ana, anna):
    page = as_manager.get(f"/customers/{anna.pk}/merge/{ana.pk}/")

    assert page.context["stays"] == ana
    taken = {line.name: line.taken_from for line in page.context["lines"]}
    assert taken["city"] == anna.pk


def test_the_points_of_both_cards_are_said_before_they_come_together(as_manager, ana, anna):
    Account.of(ana).earn(70, reason="order", key="k")
    Account.of(anna).earn(25, reason="order", key="k")

    page = as_manager.get(f"/customers/{ana.pk}/merge/{anna.pk}/")

    first = page.context["belongings"][0]
    assert (str(first.label), first.first, first.second) == ("Points", 70, 25)


def test_merging_takes_what_was_chosen_and_can_be_undone_at_once(as_manager, ana, anna):
    asked = {"stays": ana.pk, "field-city": anna.pk, "field-given_name": ana.pk}
    answer = as_manager.post(f"/customers/{ana.pk}/merge/{anna.pk}/", asked, follow=True)

    merged = Merge.objects.get()
    assert Customer.objects.get(pk=ana.pk).city == "Lund"
    assert f'action="/merges/{merged.pk}/"' in answer.content.decode()
    assert as_manager.get(f"/customers/{anna.pk}/").url == f"/customers/{ana.pk}/"

    as_manager.post(f"/merges/{merged.pk}/")
    assert Customer.objects.get(pk=anna.pk).merged_into is None
    assert Customer.objects.get(pk=ana.pk).city == ""


def test_undo_asks_first_when_something_came_since(as_manager, ana, anna, mira):
    merged = merge(ana, anna, actor=mira.actor)
    note = build.note(ana, "The lantern is broken.")

    assert as_manager.post(f"/merges/{merged.pk}/").url == f"/merges/{merged.pk}/"
    page = as_manager.get(f"/merges/{merged.pk}/").content.decode()
    assert "The lantern is broken." in page
    assert Merge.objects.in_force().exists()

    as_manager.post(f"/merges/{merged.pk}/", {"confirmed": "on", f"crm.Note-{note.pk}": "goes"})
    note.refresh_from_db()
    assert note.customer == anna


def test_the_card_tells_of_the_merge_and_leads_to_its_undoing(as_manager, ana, anna, mira):
    merged = merge(ana, anna, actor=mira.actor)

    page = as_manager.get(f"/customers/{ana.pk}/").content.decode()

    assert "The card of Anna Lindqvist went into this one." in page
    assert page.count(f'href="/merges/{merged.pk}/"') == 2


def test_two_cards_of_one_name_are_told_apart_after_they_were_merged(as_manager, ana, mira):
    second = build.customer(str(ana))
    merged = merge(ana, second, actor=mira.actor)

    page = as_manager.get(f"/merges/{merged.pk}/").content.decode()

    assert f"{ana} #{second.pk} went into {ana} #{ana.pk}" in page


def test_two_people_leave_the_queue_for_good(as_manager, ana, anna):
    as_manager.post(f"/customers/{ana.pk}/merge/{anna.pk}/dismissal/")
    find_all()

    assert as_manager.get("/customers/duplicates/").context["pairs"] == []
    assert "said that these are two people" in as_manager.get(f"/customers/{ana.pk}/merge/{anna.pk}/").content.decode()

    as_manager.post(f"/customers/{ana.pk}/merge/{anna.pk}/return/")
    assert Duplicate.objects.open().count() == 1


def test_one_card_is_no_pair(as_manager, ana):
    for address in (f"/customers/{ana.pk}/merge/{ana.pk}/", f"/customers/{ana.pk}/merge/{ana.pk}/dismissal/"):
        assert as_manager.post(address).status_code == 404


def test_after_a_merge_from_the_queue_comes_the_next_pair(as_manager, ana, anna):
    lee, lea = (build.customer("Lee Park", email="lee@people.example") for _ in range(2))
    find_all()

    answer = as_manager.post(f"/customers/{ana.pk}/merge/{anna.pk}/", {"stays": ana.pk, "then": "next"})

    assert answer.url == f"/customers/{lee.pk}/merge/{lea.pk}/?queue=1"


def test_the_other_card_is_found_by_anything_they_say(as_manager, ana, cleo):
    page = as_manager.get(f"/customers/{ana.pk}/merge/?q=marczak").content.decode()

    assert f"/customers/{ana.pk}/merge/{cleo.pk}/" in page


def test_a_new_card_warns_of_a_like_name_with_the_same_birthday(as_support, ana):
    Customer.objects.filter(pk=ana.pk).update(birthday="1990-03-01")
    asked = {"given_name": "Anna", "family_name": "Lindqvist", "birthday": "1990-03-01"}

    answer = as_support.post("/customers/new/", asked)

    assert answer.status_code == 422
    assert "Like name, same birthday" in answer.content.decode()
    as_support.post("/customers/new/", {**asked, "anyway": "on"})
    assert Customer.objects.count() == 2


def test_a_program_merges_once_with_its_key(ana, anna):
    headers = {"Authorization": f"Bearer {build.api_key('shop', 'customers.merge')}", "Idempotency-Key": "m-1"}
    program, asked = (
        Client(headers=headers),
        {"data": json.dumps({"other": anna.pk}), "content_type": "application/json"},
    )

    answers = [program.post(f"/api/v1/customers/{ana.pk}/merge/", **asked) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == {"id": Merge.objects.get().pk, "customer": ana.pk, "merged": anna.pk}
    assert Customer.objects.get(pk=ana.pk).city == "Lund"


def test_a_program_is_told_that_they_are_one_already(ana, anna):
    headers = {"Authorization": f"Bearer {build.api_key('shop', 'customers.merge')}"}
    answers = [
        Client(headers={**headers, "Idempotency-Key": key}).post(
            f"/api/v1/customers/{ana.pk}/merge/", json.dumps({"other": anna.pk}), content_type="application/json"
        )
        for key in ("m-1", "m-2")
    ]

    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "same_customer"
