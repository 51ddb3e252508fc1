from django.utils.module_loading import import_string

from crm.actions import all_actions, offered
from crm.bulk.moves import Move
from shop.models import User
from shop.rights import RIGHTS


def found(dotted):
    module_and_class, _, verb = dotted.rpartition(".")
    return getattr(import_string(module_and_class), verb, None)


def test_every_action_in_the_table_has_a_right_and_verbs_that_exist():
    for action in all_actions():
        assert action.right in RIGHTS, action.name
        assert not action.verb or callable(found(action.verb)), action.name
        assert (action.form is None) == (not action.verb), action.name
        assert not action.many or issubclass(import_string(action.many), Move), action.name
        assert not action.undo or callable(found(action.undo)), action.name


def test_what_is_allowed_is_offered_with_the_address_of_its_form(sam, cleo):
    places = offered(sam, cleo)

    assert [one.action.name for one in places["head"]] == ["log_call", "plan_task", "open_complaint", "give_discount"]
    addresses = {one.action.name: one.url for one in places["more"]}
    assert addresses["add_contact"] == f"/customers/{cleo.pk}/contacts/"


def test_what_is_not_allowed_is_shown_with_the_reason(monkeypatch, sam, cleo):
    monkeypatch.setattr(User, "may", lambda user, right: False)

    places = offered(sam, cleo)

    assert places["head"] == []
    assert all(one.why_not and not one.url for one in places["more"])


def test_the_card_shows_the_buttons_of_the_table(as_support, cleo):
    page = as_support.get(f"/customers/{cleo.pk}/").content.decode()

    for label in ("Log a call", "Task", "Add an e-mail or a phone"):
        assert label in page
