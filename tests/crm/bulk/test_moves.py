from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import Stale
from crm.bulk import running
from crm.bulk.running import CannotBeDone
from crm.events import reactions
from crm.models import ChangeSet, Customer, CustomField, Event, Tag, Tagging
from crm.undo.taking_back import AlreadyTakenBack, Outcome
from shop.models import User
from tests import build
from tests.digests import GROWING, digests

pytestmark = pytest.mark.django_db

WITHOUT = (*GROWING, "analytics_stale", "crm_tag")


@pytest.fixture
def vip(db):
    return Tag.called("VIP")


def of_tag(tag):
    return {"tag": tag.pk, "name": tag.name}


def of_field(field, value, label="Field"):
    return {"field": field, "value": value, "words": str(value or ""), "label": label}


def edits(customer):
    events = Event.objects.filter(customer=customer, kind="customer.edited").order_by("pk")
    return [event.data["changes"] for event in events]


def said(customer):
    return list(Event.objects.filter(customer=customer).order_by("pk").values_list("kind", "data"))


def test_a_tag_goes_on_those_who_do_not_have_it(many, vip, ana, ben, cleo, sam):
    ana.tag(vip, actor=sam.actor)

    bulk = many("tag", [ana, ben], of_tag(vip))
    bulk.run()

    assert bulk.changed == 1
    assert bulk.sentence == "Tagged 1 customer “VIP”."
    assert set(Tagging.objects.values_list("customer", flat=True)) == {ana.pk, ben.pk}
    assert said(ben) == [("customer.tagged", {"tag": "VIP"})]


def test_the_whole_view_can_be_meant(many, vip, ana, ben, cleo):
    Customer.objects.filter(pk__in=[ana.pk, cleo.pk]).update(city="Ghent")

    many("tag", None, of_tag(vip), asked="city=Ghent").run()

    assert set(Tagging.objects.values_list("customer", flat=True)) == {ana.pk, cleo.pk}
    event = Event.objects.get(kind="customers.changed_in_bulk")
    assert (event.data["count"], event.data["question"], event.data["action"]) == (2, "city=Ghent", "tag")


MOVES = {
    "tag": lambda world: of_tag(world["new"]),
    "untag": lambda world: of_tag(world["vip"]),
    "assign": lambda world: {"field": "owner", "value": world["sam"].pk, "words": "Sam Ashby"},
    "edit_field": lambda world: of_field("city", "Ghent"),
    "edit_field ": lambda world: of_field("custom__size", 42),
    "edit_field  ": lambda world: of_field("custom__size", None),
    "leave_out": lambda world: {"out": True},
}


@pytest.mark.parametrize("name", MOVES)
def test_every_move_can_be_taken_back(name, many, vip, ana, ben, cleo, sam, mira):
    CustomField.define(key="size", label="Size", kind="number", actor="")
    ana.tag(vip, actor="")
    ana.edit(actor="", owner=mira, custom__size=38, city="Bruges")
    world = {"vip": vip, "new": Tag.called("new"), "sam": sam}
    before = digests(without=WITHOUT)

    bulk = many(name.strip(), [ana, ben, cleo], MOVES[name](world))
    bulk.run()
    assert bulk.changed
    assert digests(without=WITHOUT) != before
    outcome = bulk.take_back(by=sam)

    assert outcome == Outcome(restored=bulk.changed, kept=0)
    assert digests(without=WITHOUT) == before


def test_each_timeline_says_old_and_new_and_the_way_back(many, ana, ben, sam, mira):
    ana.edit(actor="", owner=mira)

    bulk = many("assign", [ana, ben], {"field": "owner", "value": sam.pk, "words": "Sam Ashby"})
    bulk.run()
    bulk.take_back(by=sam)

    assert edits(ana)[1:] == [{"owner": [mira.actor, sam.actor]}, {"owner": [sam.actor, mira.actor]}]
    assert edits(ben) == [{"owner": [None, sam.actor]}, {"owner": [sam.actor, None]}]


def test_a_custom_field_is_set_without_touching_the_others(many, ana, ben):
    for key in ("size", "colour"):
        CustomField.define(key=key, label=key, kind="text", actor="")
    ana.edit(actor="", custom__colour="blue")

    many("edit_field", [ana, ben], of_field("custom__size", "L")).run()

    ana.refresh_from_db(), ben.refresh_from_db()
    assert (ana.custom, ben.custom) == ({"colour": "blue", "size": "L"}, {"size": "L"})
    assert edits(ben) == [{"custom__size": [None, "L"]}]


def test_what_somebody_set_in_another_custom_field_since_stays(many, ana, sam):
    for key in ("size", "colour"):
        CustomField.define(key=key, label=key, kind="text", actor="")
    bulk = many("edit_field", [ana], of_field("custom__size", "L"))
    bulk.run()
    ana.refresh_from_db()
    ana.edit(actor="", custom__colour="blue")

    assert bulk.take_back(by=sam) == Outcome(1, 0)

    ana.refresh_from_db()
    assert ana.custom == {"colour": "blue"}


def test_the_same_custom_field_edited_since_is_kept(many, ana, ben, sam):
    CustomField.define(key="size", label="Size", kind="text", actor="")
    bulk = many("edit_field", [ana, ben], of_field("custom__size", "L"))
    bulk.run()
    ana.refresh_from_db()
    ana.edit(actor="", custom__size="M")

    assert bulk.take_back(by=sam) == Outcome(restored=1, kept=1)

    ana.refresh_from_db()
    assert ana.custom == {"size": "M"}
    assert edits(ana)[-1] == {"custom__size": ["L", "M"]}  # nothing is said of what did not happen


def test_who_is_left_out_of_figures_has_their_figures_made_anew_both_ways(many, ana, ben, sam):
    bulk = many("leave_out", [ana], {"out": True})
    bulk.run()
    reactions.run_due("analytics.reactions.mark_changed_stale")
    assert list(Stale.objects.values_list("customer_id", flat=True)) == [ana.pk]

    Stale.objects.all().delete()
    bulk.take_back(by=sam)
    reactions.run_due("analytics.reactions.mark_changed_stale")

    assert list(Stale.objects.values_list("customer_id", flat=True)) == [ana.pk]


def test_a_tag_on_many_moves_no_figures(many, vip, ana):
    many("tag", [ana], of_tag(vip)).run()

    reactions.run_due("analytics.reactions.mark_changed_stale")

    assert not Stale.objects.exists()


def test_a_try_after_a_crash_goes_on_where_the_last_one_ended(many, vip, ana, ben, cleo, monkeypatch):
    monkeypatch.setattr(running, "PART", 1)
    bulk = many("tag", [ana, ben, cleo], of_tag(vip))

    def dies(done, total):
        if done == 2:
            raise SystemError

    with pytest.raises(SystemError):
        bulk.run(dies)
    again = running.Bulk(ChangeSet.objects.get())
    seen = []
    again.run(lambda done, total: seen.append((done, total)))

    assert seen == [(3, 3)]
    assert again.changed == Tagging.objects.count() == 3
    assert Event.objects.filter(kind="customers.changed_in_bulk").count() == 1


def test_run_twice_it_is_done_once(many, vip, ana):
    bulk = many("tag", [ana], of_tag(vip))
    bulk.run()
    bulk.run()

    assert Event.objects.filter(kind="customers.changed_in_bulk").count() == 1


def test_whoever_may_no_longer_do_it_does_not(many, vip, ana, sam):
    bulk = many("tag", [ana], of_tag(vip))
    sam.deactivated_at = timezone.now()
    sam.save()

    with pytest.raises(CannotBeDone):
        running.Bulk(ChangeSet.objects.get()).run()

    assert not Tagging.objects.exists()
    assert User.objects.get(pk=sam.pk).actor == bulk.actor


def test_taken_back_once_only(many, vip, ana, sam):
    bulk = many("tag", [ana], of_tag(vip))
    bulk.run()
    bulk.take_back(by=sam)

    with pytest.raises(AlreadyTakenBack):
        bulk.take_back(by=sam)


def test_after_thirty_days_it_stays(many, vip, ana):
    bulk = many("tag", [ana], of_tag(vip))
    bulk.run()
    assert bulk.change_set.can_be_undone

    bulk.change_set.at -= timedelta(days=30)

    assert not bulk.change_set.can_be_undone
    assert build.customer("x").taggings.count() == 0
