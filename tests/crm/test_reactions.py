from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from crm.events import reactions
from crm.events.relay import Relay
from crm.models import Event, Reaction
from tests import build

seen: list[int] = []


def remember(events):
    seen.extend(event.pk for event in events)


def refuse_odd_ones(events):
    if any(event.data["reference"] == "odd" for event in events):
        raise ValueError
    remember(events)


@pytest.fixture(autouse=True)
def a_table(request, monkeypatch):
    if request.function is test_every_reaction_in_the_table_exists:
        return
    seen.clear()
    table = {
        "order.cancelled": ["tests.crm.test_reactions.remember"],
        "order.placed": ["tests.crm.test_reactions.refuse_odd_ones"],
    }
    monkeypatch.setattr("config.reactions.REACTIONS", table)


def placed(customer, reference):
    return Event.record("order.placed", customer=customer, reference=reference, total="1.00")


def test_every_reaction_in_the_table_exists():
    for names in import_string(settings.REACTIONS).values():
        for name in names:
            assert callable(import_string(name)), name


def test_an_event_leaves_one_row_for_each_of_its_reactions(cleo):
    event = build.order(cleo).cancel() and Event.objects.get()

    assert [(r.event_id, r.name) for r in Reaction.objects.all()] == [(event.pk, "tests.crm.test_reactions.remember")]


def test_a_reaction_runs_once(cleo):
    build.order(cleo).cancel()

    assert reactions.run_due("tests.crm.test_reactions.remember") == 1
    assert reactions.run_due("tests.crm.test_reactions.remember") == 0

    assert len(seen) == 1


def test_one_that_fails_does_not_hold_up_the_others(cleo):
    good, odd, other = (placed(cleo, reference) for reference in ("a", "odd", "b"))

    reactions.run_due("tests.crm.test_reactions.refuse_odd_ones")

    assert seen == [good.pk, other.pk]
    failed = Reaction.objects.get(event=odd)
    assert (failed.done_at, failed.last_error, failed.attempts) == (None, "ValueError", 1)


def test_after_five_failures_it_is_parked_and_can_be_replayed(cleo):
    odd = placed(cleo, "odd")
    name = "tests.crm.test_reactions.refuse_odd_ones"
    for _ in range(5):
        Reaction.objects.update(due_at=timezone.now())
        reactions.run_due(name)

    parked = Reaction.objects.get(event=odd)
    assert parked.parked_at
    assert reactions.run_due(name) == 0

    parked.replay()
    assert reactions.run_due(name) == 1


def test_a_reaction_whose_worker_died_is_taken_up_when_its_lease_is_over(cleo):
    build.order(cleo).cancel()
    name = "tests.crm.test_reactions.remember"
    Reaction.objects.update(lease_until=timezone.now() + timedelta(seconds=60), attempts=1)
    assert reactions.run_due(name) == 0

    Reaction.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert reactions.run_due(name) == 1


def test_events_cannot_be_changed_or_deleted(cleo):
    event = placed(cleo, "a")

    for forbidden in (
        lambda: Event.objects.update(kind="x"),
        lambda: Event.objects.filter(pk=event.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            forbidden()


def test_an_event_carries_exactly_the_data_its_kind_promises(cleo):
    with pytest.raises(ValueError, match="carries"):
        Event.record("order.placed", customer=cleo, reference="a")


def test_the_relay_wakes_a_worker_for_what_is_due_and_repeats_itself_only_when_called(cleo):
    sent = []
    relay = Relay(send=lambda task, args: sent.append((task, args)))
    placed(cleo, "a")

    relay.look(called=False)
    relay.look(called=False)

    assert sent == [("crm.react", ["tests.crm.test_reactions.refuse_odd_ones"])]


def loses_its_connection_once(events):
    if not seen:
        seen.append(0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    remember(events)


@pytest.mark.django_db(transaction=True)
def test_a_reaction_that_lost_its_connection_has_its_turn_seconds_later(monkeypatch):
    name = "tests.crm.test_reactions.loses_its_connection_once"
    monkeypatch.setattr("config.reactions.REACTIONS", {"order.cancelled": [name]})
    build.order(build.customer()).cancel()

    reactions.run_due(name)
    connection.close()
    open_again = Reaction.objects.filter(lease_until=None, due_at__lt=timezone.now() + timedelta(seconds=10))
    assert open_again.update(due_at=timezone.now()) == 1
    reactions.run_due(name)

    assert seen == [0, Event.objects.get(kind="order.cancelled").pk]
    assert Reaction.objects.get().done_at


def park(customer, reference="odd"):
    odd = placed(customer, reference)
    Reaction.objects.filter(event=odd).update(parked_at=timezone.now(), attempts=5, last_error="ValueError")
    return Reaction.objects.get(event=odd)


def test_what_is_parked_can_be_given_up_with_a_reason_that_is_kept(as_administrator, ada, cleo):
    stuck, other = park(cleo), park(cleo, "other")
    Reaction.objects.filter(pk=other.pk).update(last_error="KeyError")
    asked = {"name": stuck.name, "error": "ValueError", "do": "give_up", "why": "The order was a test."}

    as_administrator.post("/settings/parked/", asked)

    stuck.refresh_from_db()
    other.refresh_from_db()
    told = Event.objects.get(kind="reaction.given_up")
    assert (bool(stuck.done_at), stuck.parked_at, bool(other.parked_at)) == (True, None, True)
    assert (told.actor, told.data["events"], told.data["why"]) == (ada.actor, [stuck.event_id], "The order was a test.")


@pytest.mark.parametrize("why", ["", "  ", "a\0b"])
def test_nothing_is_given_up_without_a_reason(as_administrator, cleo, why):
    stuck = park(cleo)

    as_administrator.post("/settings/parked/", {"name": stuck.name, "error": "ValueError", "do": "give_up", "why": why})

    stuck.refresh_from_db()
    assert stuck.parked_at
    assert not Event.objects.filter(kind="reaction.given_up").exists()


def test_what_killed_its_worker_twice_goes_on_alone_and_takes_nobody_along(cleo):
    """The one that kills would otherwise have all of its batch parked with it."""
    name = "tests.crm.test_reactions.remember"
    for _ in range(3):
        build.order(cleo).cancel()
    died = timezone.now() - timedelta(seconds=1)
    Reaction.objects.update(lease_until=died, attempts=reactions.TOGETHER)

    assert [len(reactions._claim(name)) for _ in range(4)] == [1, 1, 1, 0]


def test_two_that_failed_are_tried_alone_and_the_fresh_ones_together(cleo):
    name = "tests.crm.test_reactions.remember"
    for _ in range(4):
        build.order(cleo).cancel()
    old = list(Reaction.objects.order_by("pk").values_list("pk", flat=True))[:2]
    Reaction.objects.filter(pk__in=old).update(attempts=3)

    assert reactions.run_due(name) == 4
    assert len(seen) == 4
    assert not Reaction.objects.filter(done_at=None).exists()


def test_no_more_are_claimed_than_fit_a_batch_however_the_planner_goes_about_it(cleo, ask_for_every_row):
    name = "tests.crm.test_reactions.remember"
    for _ in range(5):
        build.order(cleo).cancel()

    assert [len(reactions._claim_some(name, fewest=0, most=1, size=2)) for _ in range(4)] == [2, 2, 1, 0]
