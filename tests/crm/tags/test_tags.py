import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict

from crm.models import ChangeSet, Event, Tag, Tagging
from crm.models.tag import NoTag, TagTaken
from crm.segments.question import Question
from crm.tagging import tag_many
from tests import build
from tests.digests import GROWING, digests

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def found(user, asked):
    return set(Question.read(QueryDict(asked), user).customers)


def names(customer):
    return sorted(customer.taggings.values_list("tag__name", flat=True))


def test_capital_letters_and_spaces_make_no_other_tag(db):
    assert Tag.called(" Likes  oolong ") == Tag.called("likes Oolong")
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag.objects.create(name="LIKES OOLONG")


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 61])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(NoTag):
        Tag.called(name)


def test_a_tag_goes_on_once_and_the_timeline_says_so(ana, sam):
    vip = Tag.called("VIP")

    assert ana.tag(vip, actor=sam.actor)
    assert not ana.tag(vip, actor=sam.actor)
    assert ana.untag(vip, actor=sam.actor)
    assert not ana.untag(vip, actor=sam.actor)

    kinds = Event.objects.filter(customer=ana).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["customer.tagged", "customer.untagged"]


def test_the_list_is_asked_for_any_of_several_tags_for_none_and_not_for_one(ana, ben, cleo, sam):
    vip, tea = Tag.called("VIP"), Tag.called("Tea")
    ana.tag(vip, actor="")
    ben.tag(tea, actor="")

    assert found(sam, f"tags={vip.pk}") == {ana}
    assert found(sam, f"tags={vip.pk}&tags={tea.pk}") == {ana, ben}
    assert found(sam, "tags=-") == {cleo}
    assert found(sam, f"tags.not={vip.pk}") == {ben, cleo}


def test_many_are_tagged_by_name_for_an_import(ana, ben):
    ana.tag(Tag.called("VIP"), actor="")

    made = tag_many([(ana.pk, "vip"), (ana.pk, "Tea"), (ben.pk, " TEA "), (ben.pk, "tea"), (ben.pk, "")])

    assert len(made) == 2
    assert [sorted(map(str.lower, names(customer))) for customer in (ana, ben)] == [["tea", "vip"], ["tea"]]
    assert (Tag.objects.count(), Tagging.objects.count()) == (2, 3)


def test_a_name_that_another_tag_has_is_refused(db):
    vip = Tag.called("VIP")
    Tag.called("Tea")

    with pytest.raises(TagTaken):
        vip.rename("TEA", actor="")
    assert vip.rename("Vip", actor="")


def test_on_the_card_a_tag_is_put_on_and_taken_off_in_place(as_sam, ana):
    put = as_sam.post(f"/customers/{ana.pk}/tags/", {"name": "VIP"}, headers={"HX-Request": "true"})
    tag = Tag.objects.get()
    assert f"/customers/{ana.pk}/tags/{tag.pk}/off/" in text(put)

    off = as_sam.post(f"/customers/{ana.pk}/tags/{tag.pk}/off/", headers={"HX-Request": "true"})
    assert f"/customers/{ana.pk}/tags/{tag.pk}/back/" in off.headers["HX-Trigger"]
    as_sam.post(f"/customers/{ana.pk}/tags/{tag.pk}/back/")

    assert names(ana) == ["VIP"]
    card = text(as_sam.get(f"/customers/{ana.pk}/"))
    assert "Tagged <b>VIP</b>" in card


def test_a_name_of_nothing_is_said_on_the_card(as_sam, ana):
    answer = as_sam.post(f"/customers/{ana.pk}/tags/", {"name": "\u200b"}, headers={"HX-Request": "true"})

    assert (answer.status_code, "one character can be seen" in text(answer)) == (422, True)


def test_what_is_typed_is_escaped(as_sam, ana):
    as_sam.post(f"/customers/{ana.pk}/tags/", {"name": '"><script>alert(1)</script>'})

    for address in (f"/customers/{ana.pk}/", "/customers/tags/", "/customers/?columns=tags"):
        assert "<script>alert" not in text(as_sam.get(address))


def test_tags_are_renamed_and_a_taken_name_is_said(as_administrator, ana):
    vip = Tag.called("VIP")
    Tag.called("Tea")

    taken = as_administrator.post(f"/settings/tags/{vip.pk}/name/", {"name": "tea"})
    as_administrator.post(f"/settings/tags/{vip.pk}/name/", {"name": "Best"})

    assert "There is a tag “Tea” already." in text(taken)
    assert set(Tag.objects.values_list("name", flat=True)) == {"Best", "Tea"}


@pytest.mark.parametrize("what", ["removal", "merger"])
def test_a_tag_is_deleted_or_merged_and_comes_back(as_administrator, ana, ben, cleo, what):
    vip, tea = Tag.called("VIP"), Tag.called("Tea")
    for customer in (ana, ben):
        customer.tag(vip, actor="")
    ben.tag(tea, actor="")
    old = build.customer("Old card", merged_into=ana)
    old.tag(vip, actor="")
    before = digests(without=(*GROWING, "shop_staffsession", "shop_user"))

    as_administrator.post(f"/settings/tags/{vip.pk}/{what}/", {"into": tea.pk})

    assert not Tag.objects.filter(name="VIP").exists()
    assert names(ana) == (["Tea"] if what == "merger" else [])
    assert names(ben) == ["Tea"]
    as_administrator.post(f"/customers/changes/{ChangeSet.objects.get().pk}/undo/")
    assert digests(without=(*GROWING, "shop_staffsession", "shop_user")) == before


def test_the_page_of_tags_takes_as_many_queries_for_twenty_as_for_one(
    as_administrator, ana, django_assert_max_num_queries
):
    for number in range(20):
        ana.tag(Tag.called(f"tag {number}"), actor="")

    with django_assert_max_num_queries(8):
        as_administrator.get("/settings/tags/")


def test_the_column_shows_names(as_sam, ana, sam):
    ana.tag(Tag.called("Likes oolong"), actor="")
    view = build.segment(sam, address="", columns=["tags"])

    page = text(as_sam.get(f"/customers/?view={view.pk}"))

    assert '<span class="tag">Likes oolong</span>' in page
