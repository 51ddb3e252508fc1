import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from crm.models import CustomField, Event
from crm.models.custom_field import ChoicesInUse, KindInUse, values_for
from crm.segments.question import Question
from tests import build

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def define(key="size", kind="text", **fields):
    return CustomField.define(**{"key": key, "label": key.title(), "kind": kind, "actor": "", **fields})


def found(user, asked):
    question = Question.read(QueryDict(asked), user)
    assert question.problems == []
    return set(question.customers)


READ = [
    ("text", " Blue ", "Blue"),
    ("text", "", None),
    ("number", "12,50", 12.5),
    ("number", "1 000", 1000),
    ("number", 7, 7),
    ("number", -0.125, -0.125),
    ("date", "2026-03-01", "2026-03-01"),
    ("choice", "large", "Large"),
    ("yes_no", "Yes", True),
    ("yes_no", False, False),
    ("yes_no", None, None),
]


@pytest.mark.parametrize(("kind", "told", "stored"), READ)
def test_what_is_told_is_read_by_its_kind(kind, told, stored):
    value = define(kind=kind, choices=["Small", "Large"]).clean_value(told)

    assert value == stored
    assert type(value) is type(stored)


WRONG = [
    ("number", "many"),
    ("number", "1.2345"),
    ("number", True),
    ("number", "NaN"),
    ("number", "1e400"),
    ("date", "01.03.2026"),
    ("date", "0001-01-01"),
    ("choice", "Huge"),
    ("yes_no", "perhaps"),
    ("text", "x" * 501),
    ("text", {"a": 1}),
    ("text", "a\0b"),
]


@pytest.mark.parametrize(("kind", "told"), WRONG)
def test_what_cannot_be_read_is_refused_with_a_sentence(kind, told):
    with pytest.raises(ValidationError) as refused:
        define(kind=kind, choices=["Small", "Large"]).clean_value(told)

    assert refused.value.messages[0].endswith((".", "…"))


def test_an_edit_keeps_old_and_new_and_leaves_no_empty_keys(ana, sam):
    define()
    ana.edit(actor=sam.actor, custom__size="L")
    ana.edit(actor=sam.actor, custom__size=None)

    ana.refresh_from_db()
    assert ana.custom == {}
    changes = [e.data["changes"] for e in Event.objects.filter(kind="customer.edited").order_by("pk")]
    assert changes == [{"custom__size": [None, "L"]}, {"custom__size": ["L", None]}]


def test_the_kind_changes_only_while_nobody_has_a_value(ana):
    field = define()
    assert field.change(label="Size", kind="number", actor="")

    ana.edit(actor="", custom__size=3)

    with pytest.raises(KindInUse) as refused:
        field.change(label="Size", kind="text", actor="")
    assert refused.value.used == 1


def test_a_choice_that_somebody_has_is_not_taken_away(ana):
    field = define(kind="choice", choices=["S", "L"])
    ana.edit(actor="", custom__size="L")

    with pytest.raises(ChoicesInUse):
        field.change(label="Size", kind="choice", choices=["S", "M"], actor="")
    assert field.change(label="Size", kind="choice", choices=["M", "L"], actor="")


ASKED = [
    ("text", "Blue sky", "sky", "red"),
    ("number", 12.5, "10..20", "20.."),
    ("date", "2026-03-01", "2026-01-01..2026-12-31", "..2025-12-31"),
    ("choice", "L", "L", "S"),
    ("yes_no", False, "no", "yes"),
]


@pytest.mark.parametrize(("kind", "value", "met", "missed"), ASKED)
def test_the_list_can_be_asked_about_every_kind(kind, value, met, missed, ana, ben, sam):
    define(kind=kind, choices=["S", "L"])
    ana.edit(actor="", custom__size=value)

    assert found(sam, f"custom_size={met}") == {ana}
    assert found(sam, f"custom_size={missed}") == set()
    assert found(sam, "custom_size=-") == {ben}


@pytest.mark.parametrize(("kind", "value", "met", "missed"), ASKED)
def test_every_kind_is_a_column(kind, value, met, missed, ana, ben, as_sam, sam):
    define(kind=kind, choices=["S", "L"])
    ana.edit(actor="", custom__size=value)
    view = build.segment(sam, address="", columns=["custom_size"])

    page = as_sam.get(f"/customers/?view={view.pk}")

    assert (page.status_code, "Size" in text(page)) == (200, True)


def test_a_field_put_away_is_asked_for_nowhere_and_comes_back_with_its_values(ana, sam):
    field = define()
    ana.edit(actor="", custom__size="L")
    field.archive(actor="")

    assert CustomField.placeholders() == []
    assert Question.read(QueryDict("custom_size=L"), sam).problems
    with pytest.raises(ValidationError):
        values_for({"size": "M"})

    field.restore(actor="")
    assert CustomField.placeholders() == [("custom.size", "Size")]
    assert CustomField.said(ana) == {"size": "L"}


def test_what_programs_send_is_read_field_by_field(db):
    define()
    define("born", "date")

    assert values_for({"size": "L", "born": None}) == {"custom__size": "L", "custom__born": None}
    with pytest.raises(ValidationError) as refused:
        values_for({"size": 3 * [1], "nothing": 1, "born": "2026-01-01"})
    assert set(refused.value.message_dict) == {"size", "nothing"}


def test_fields_stand_in_the_order_they_are_given(db):
    one, two, three = define("one"), define("two"), define("three")
    three.move(-1)
    one.move(-1)

    assert [field.key for field in CustomField.objects.present()] == ["one", "three", "two"]
    assert two.pk


def test_on_the_card_a_value_is_edited_in_place_and_put_back_from_the_timeline(as_sam, ana):
    define(kind="yes_no")
    address = f"/customers/{ana.pk}/fields/custom__size/"
    assert '<option value="yes">yes</option>' in text(as_sam.get(address, headers={"HX-Request": "true"}))

    as_sam.post(address, {"custom__size": "yes"})
    card = text(as_sam.get(f"/customers/{ana.pk}/"))

    ana.refresh_from_db()
    assert ana.custom == {"size": True}
    assert "Own fields" in card
    assert '<span class="faint">Size</span>' in card
    event = Event.objects.get(kind="customer.edited")
    as_sam.post(f"/customers/{ana.pk}/changes/{event.pk}/custom__size/")
    ana.refresh_from_db()
    assert ana.custom == {}


def test_a_wrong_value_is_said_in_place(as_sam, ana):
    define(kind="number")

    answer = as_sam.post(f"/customers/{ana.pk}/fields/custom__size/", {"custom__size": "many"})

    assert (answer.status_code, "A number such as 12.5" in text(answer)) == (422, True)


def test_a_field_that_nobody_defined_is_not_found(as_sam, ana):
    assert as_sam.get(f"/customers/{ana.pk}/fields/custom__nothing/").status_code == 404


def test_a_field_is_defined_on_the_settings_page(as_administrator):
    told = {"label": "Size", "key": "size", "kind": "choice", "choices": "S\n\nL\ns"}

    as_administrator.post("/settings/fields/", told)
    again = as_administrator.post("/settings/fields/", told)

    field = CustomField.objects.get()
    assert (field.key, field.choices) == ("size", ["S", "L"])
    assert "There is a field with this key already." in text(again)


@pytest.mark.parametrize("key", ["Size", "1size", "si ze", "größe", "", "x" * 31, "a.b"])
def test_a_key_is_plain(as_administrator, key):
    answer = as_administrator.post("/settings/fields/", {"label": "Size", "key": key, "kind": "text"})

    assert answer.status_code == 422
    assert not CustomField.objects.exists()


def test_a_kind_in_use_is_refused_in_a_sentence(as_administrator, ana):
    field = define()
    ana.edit(actor="", custom__size="L")

    answer = as_administrator.post(f"/settings/fields/{field.pk}/", {"label": "Size", "kind": "number"})

    assert "1 card has a value of this kind." in text(answer)


def test_put_away_moved_and_brought_back_on_the_page(as_administrator):
    one, two = define("one"), define("two")

    as_administrator.post(f"/settings/fields/{two.pk}/place/", {"step": "up"})
    as_administrator.post(f"/settings/fields/{one.pk}/archive/")
    assert [field.key for field in CustomField.objects.present()] == ["two"]
    as_administrator.post(f"/settings/fields/{one.pk}/return/")

    page = text(as_administrator.get("/settings/fields/"))
    assert page.index("Two") < page.index("One")
