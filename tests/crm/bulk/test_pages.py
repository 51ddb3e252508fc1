import pytest
from django.urls import reverse

from crm.bulk import jobs
from crm.models import ChangeSet, Customer, CustomField, Tag, Tagging
from crm.views import bulk
from shop.models import Job
from shop.rights import ROLES

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def ask(client, action, customers, **more):
    data = {"pick": [customer.pk for customer in customers], **more}
    return client.post(f"/customers/changes/{action}/", data)


def test_the_list_offers_the_actions_of_the_table(as_sam, ana):
    page = text(as_sam.get("/customers/"))

    for name in ("tag", "untag", "assign", "edit_field", "leave_out"):
        assert f'formaction="/customers/changes/{name}/"' in page


def test_what_a_role_may_not_is_shown_with_the_reason(as_sam, ana, monkeypatch):
    monkeypatch.setitem(ROLES, "support", {"customers.view"})

    page = text(as_sam.get("/customers/"))

    assert "formaction" not in page
    assert "Your role may not: Edit customers" in page


def test_first_it_asks_then_it_does_and_says_so_with_a_way_back(as_sam, ana, ben):
    asked = ask(as_sam, "tag", [ana, ben])
    assert asked.status_code == 200
    assert "2 customers" in text(asked)
    assert not Tagging.objects.exists()

    done = ask(as_sam, "tag", [ana, ben], do=1, name="VIP")

    assert (done.status_code, done.headers["Location"]) == (302, "/customers/?")
    page = text(as_sam.get("/customers/"))
    change = ChangeSet.objects.get()
    assert "Tagged 2 customers “VIP”." in page
    assert f'action="/customers/changes/{change.pk}/undo/"' in page
    assert Tagging.objects.count() == 2


def test_undo_takes_it_back_and_says_so(as_sam, ana, ben):
    ask(as_sam, "tag", [ana, ben], do=1, name="VIP")

    page = as_sam.post(f"/customers/changes/{ChangeSet.objects.get().pk}/undo/", follow=True)

    assert "Taken back for 2 customers." in text(page)
    assert not Tagging.objects.exists()


def test_undo_lists_who_was_changed_since(as_sam, ana, ben, sam):
    ask(as_sam, "edit_field", [ana, ben], do=1, field="city", value="Ghent")
    ana.refresh_from_db()
    ana.edit(actor=sam.actor, city="Bruges")

    page = text(as_sam.post(f"/customers/changes/{ChangeSet.objects.get().pk}/undo/", follow=True))

    assert "Taken back for 1 customer. 1 was changed since and stays." in page
    assert f'<a href="/customers/{ana.pk}/">Ana Lindqvist</a>' in page


def test_two_clicks_on_undo_are_one(as_sam, ana):
    ask(as_sam, "tag", [ana], do=1, name="VIP")
    address = f"/customers/changes/{ChangeSet.objects.get().pk}/undo/"
    as_sam.post(address)

    page = text(as_sam.post(address, follow=True))

    assert "This cannot be taken back any more." in page


def test_the_whole_view_is_done_in_the_background_and_the_page_shows_how_far(as_sam, ana, ben):
    data = {"all": "1", "question": "city=Ghent", "do": "1", "name": "VIP"}
    Customer.objects.filter(pk=ana.pk).update(city="Ghent")

    answer = as_sam.post("/customers/changes/tag/", data)

    change = ChangeSet.objects.get()
    assert answer.headers["Location"] == f"/customers/changes/{change.pk}/"
    assert "Waiting for its turn" in text(as_sam.get(answer.headers["Location"]))
    jobs.change_many(Job.objects.get().pk)
    page = text(as_sam.get(answer.headers["Location"]))
    assert "Tagged 1 customer “VIP”." in page
    assert "Undo" in page
    assert "the view it was about" in page


def test_a_view_that_cannot_be_read_means_nobody(as_sam, ana):
    data = {"all": "1", "question": "nothing=7", "do": "1", "name": "VIP"}

    page = text(as_sam.post("/customers/changes/tag/", data, follow=True))

    assert "A filter of this view cannot be read" in page
    assert not ChangeSet.objects.exists()


def test_many_are_taken_back_in_the_background(as_sam, ana, ben, monkeypatch):
    ask(as_sam, "tag", [ana, ben], do=1, name="VIP")
    monkeypatch.setattr(bulk, "AT_ONCE", 1)

    as_sam.post(f"/customers/changes/{ChangeSet.objects.get().pk}/undo/")

    assert Job.objects.get().kind == jobs.TAKE_BACK


def test_a_field_is_chosen_first_then_its_value(as_sam, ana):
    CustomField.define(key="size", label="Size", kind="choice", choices=["S", "L"], actor="")

    first = text(ask(as_sam, "edit_field", [ana]))
    second = text(ask(as_sam, "edit_field", [ana], do=1, field="custom__size"))
    wrong = ask(as_sam, "edit_field", [ana], do=1, field="custom__size", value="XL")
    ask(as_sam, "edit_field", [ana], do=1, field="custom__size", value="L")

    assert '<option value="custom__size">Size</option>' in first
    assert '<option value="S">S</option>' in second
    assert (wrong.status_code, "One of: S, L." in text(wrong)) == (422, True)
    ana.refresh_from_db()
    assert ana.custom == {"size": "L"}


@pytest.mark.parametrize("name", ["given_name", "birthday", "left_out_at", "merged_into", "custom__nothing", "pk"])
def test_a_field_that_is_one_persons_own_is_not_edited_for_many(as_sam, ana, name):
    answer = ask(as_sam, "edit_field", [ana], do=1, field=name, value="x")

    assert answer.status_code in (200, 422)
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize("door", [("crm:bulk_new", "tag"), ("feedback:invite_many",), ("loyalty:give_many",)])
@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "Nobody is selected."),
        ({"all": "1", "question": "no_such_facet=1"}, "A filter of this view cannot be read, so nobody knows who is"),
    ],
)
def test_why_nobody_is_meant_is_said_wherever_many_are_picked(as_manager, ana, door, told, said):
    name, *args = door

    for ask_for in (as_manager.get, as_manager.post):
        answer = ask_for(reverse(name, args=args), {**told, "do": "1"}, follow=True)

        assert answer.redirect_chain[-1][0] == reverse("crm:customers")
        assert said in text(answer)


def test_a_choice_that_is_not_one_is_refused(as_sam, ana):
    assert ask(as_sam, "untag", [ana], do=1, tag=77).status_code == 422
    assert ask(as_sam, "assign", [ana], do=1, owner=0).status_code == 422
    assert ask(as_sam, "tag", [ana], do=1, name="\u200b").status_code == 422
    assert as_sam.post("/customers/changes/no_such_action/").status_code == 404


def test_from_the_card_one_is_left_out_and_the_card_comes_back(as_sam, ana):
    card = text(as_sam.get(f"/customers/{ana.pk}/"))
    assert f"/customers/changes/leave_out/?pick={ana.pk}" in card

    answer = ask(as_sam, "leave_out", [ana], do=1, out="1")

    ana.refresh_from_db()
    assert answer.headers["Location"] == f"/customers/{ana.pk}/"
    assert ana.left_out_at


def test_the_page_of_recent_changes_lists_each_with_its_undo(as_sam, ana, django_assert_max_num_queries):
    for tag in ("a", "b", "c"):
        ask(as_sam, "tag", [ana], do=1, name=tag)

    with django_assert_max_num_queries(12):
        page = text(as_sam.get("/customers/changes/"))

    assert page.count("Tagged 1 customer") == 3 + 3  # three in toasts
    assert page.count("/undo/") == 3 + 3


def test_a_tag_typed_in_other_letters_is_the_same_tag(as_sam, ana):
    ask(as_sam, "tag", [ana], do=1, name="Vip")
    ask(as_sam, "tag", [ana], do=1, name=" vIP ")

    assert list(Tag.objects.values_list("name", flat=True)) == ["Vip"]
