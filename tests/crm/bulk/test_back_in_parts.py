"""Taking many back part by part: stopped between any two parts it is gone on with, and ends as if done at one go."""

import pytest

from crm.bulk import jobs, running
from crm.bulk.running import Bulk
from crm.models import ChangeSet, Customer, Event, Tag, Tagging
from crm.undo import in_parts
from crm.undo.taking_back import AlreadyTakenBack, Outcome
from shop.models import Cancelled, Job
from tests import build
from tests.digests import GROWING, digests

pytestmark = pytest.mark.django_db
WITHOUT = (*GROWING, "analytics_stale", "crm_tag")


class Killed(BaseException):
    """As a process ends that nobody asks."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(in_parts, "PART", 2)
    monkeypatch.setattr(running, "PART", 2)


@pytest.fixture
def five(ana, ben):
    rest = [build.customer(f"P{n}", email=f"p{n}@people.example") for n in range(3)]
    return [ana, ben, *rest]


MOVES = {
    "tag": lambda tag, sam: {"tag": tag.pk, "name": tag.name},
    "untag": lambda tag, sam: {"tag": tag.pk, "name": tag.name},
    "assign": lambda tag, sam: {"field": "owner", "value": sam.pk, "words": "Sam"},
}


def again(bulk):
    """As the next worker finds it."""
    return Bulk(ChangeSet.objects.get(pk=bulk.change_set.pk))


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_killed_after_some_parts_the_next_one_goes_on_and_nothing_is_left(many, five, sam, name, parts):
    tag = Tag.called("VIP")
    if name == "untag":
        for customer in five:
            customer.tag(tag, actor=sam.actor)
    before = digests(without=WITHOUT)
    bulk = many(name, five, MOVES[name](tag, sam))
    assert bulk.run() == 5
    done = []

    def die(n, total):
        done.append((n, total))
        if len(done) == parts:
            raise Killed

    with pytest.raises(Killed):
        again(bulk).take_back(by=sam, say=die)

    assert done[-1] == (min(parts * 2, 5), 5)
    assert ChangeSet.objects.get().can_be_undone
    assert again(bulk).take_back(by=sam) == Outcome(5, 0)
    assert digests(without=WITHOUT) == before
    backs = {"tag": "customer.untagged", "untag": "customer.tagged", "assign": "customer.edited"}
    told = Event.objects.filter(kind=backs[name]).order_by("-pk")[:5]
    assert {event.customer_id for event in told} == {customer.pk for customer in five}
    assert Event.objects.filter(kind="customers.change_undone").count() == 1
    with pytest.raises(AlreadyTakenBack):
        again(bulk).take_back(by=sam)


def test_what_was_changed_since_is_kept_in_whichever_part_it_is(many, five, sam):
    bulk = many("assign", five, MOVES["assign"](None, sam))
    bulk.run()
    other = build.user("support")
    Customer.objects.filter(pk=five[3].pk).update(owner=other)

    assert again(bulk).take_back(by=sam) == Outcome(4, 1)

    five[3].refresh_from_db()
    assert five[3].owner == other
    assert not Customer.objects.filter(owner=sam).exists()


def test_a_deleted_tag_comes_back_before_those_who_had_it(many, five, sam):
    tag = Tag.called("VIP")
    for customer in five:
        customer.tag(tag, actor=sam.actor)
    admin = build.user("administrator")
    before = digests(without=GROWING)
    bulk = many("tag", five, {"tag": tag.pk, "name": "VIP"}, by=admin)
    bulk.change_set.remember(action="delete_tag")  # asked on the page of tags
    bulk.run()

    assert again(bulk).take_back(by=sam) == Outcome(6, 0)

    assert digests(without=GROWING) == before


@pytest.mark.django_db(transaction=True)
def test_the_job_says_how_far_it_is_and_a_cancel_leaves_it_to_be_gone_on_with(many, five, sam, monkeypatch):
    tag = Tag.called("VIP")
    bulk = many("tag", five, MOVES["tag"](tag, sam))
    bulk.run()
    job = jobs.request(bulk, jobs.TAKE_BACK, sam)
    plain, said = in_parts.take_back_in_parts, []

    def cancelled_at_two(change_set, *, tell, say):
        def say_and_cancel(done, total):
            said.append((done, total))
            if len(said) == 2:
                Job.objects.get(pk=job.pk).cancel()
                raise Cancelled
            say(done, total)

        return plain(change_set, tell=tell, say=say_and_cancel)

    monkeypatch.setattr(running, "take_back_in_parts", cancelled_at_two)
    jobs.take_back_many(job.pk)
    monkeypatch.undo()

    job.refresh_from_db()
    assert (job.state, said) == ("cancelled", [(2, 5), (4, 5)])
    assert Tagging.objects.count() == 1
    second = jobs.request(again(bulk), jobs.TAKE_BACK, sam)
    jobs.take_back_many(second.pk)
    second.refresh_from_db()
    assert (second.state, second.result) == ("done", {"restored": 5, "kept": 0})
    assert not Tagging.objects.exists()


def test_stopped_on_the_way_its_page_says_so_and_goes_on_with_the_rest(as_sam, many, five, sam):
    bulk = many("tag", five, MOVES["tag"](Tag.called("VIP"), sam))
    bulk.run()

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        again(bulk).take_back(by=sam, say=stop)
    here = f"/customers/changes/{bulk.change_set.pk}/"
    page, row = as_sam.get(here).text, as_sam.get("/customers/changes/").text
    assert "some of them are as they were, the others are still changed" in page
    assert "Take back the rest" in page
    assert "Take back the rest" in row

    done = as_sam.post(f"{here}undo/", follow=True)

    assert "Taken back." in done.text
    assert not Tagging.objects.exists()


def test_a_worker_that_still_changes_stops_where_taking_back_has_begun(many, five, sam):
    bulk = many("tag", five, MOVES["tag"](Tag.called("VIP"), sam))
    bulk.run(lambda done, total: None)
    late = again(bulk)
    ChangeSet.objects.filter(pk=bulk.change_set.pk).update(
        data={**late.change_set.data, "back": {"done": 0, "after": {}}, "last": 0}
    )

    late._do([customer.pk for customer in five])

    assert late.change_set.data["changed"] == 5
    assert Event.objects.filter(kind="customer.tagged").count() == 5
