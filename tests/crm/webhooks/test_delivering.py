"""From an event to another program: what it gets, when again, and that one bad receiver is nobody else's trouble."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Delivery, DeliveryAttempt, Event, Webhook
from crm.webhooks import delivering, payload
from crm.webhooks.delivering import SCHEDULE, claim, deliver_due, due, park_the_old
from shop.outgoing.client import Answer, post
from tests import build
from tests.crm.webhooks.receiving import Receiver, allow, never_answering, no_more_waiting, verified, webhook

pytestmark = pytest.mark.django_db
State = Delivery.State


def happened(count=1, kind="order.cancelled", customer=None):
    return [Event.record(kind, customer=customer, reference=f"R{n}") for n in range(count)]


def claimed_ones(count=1, **values):
    hook, _secret = webhook(9, **values)
    happened(count)
    return hook, claim(16)


def test_an_event_is_queued_for_whoever_wants_to_hear_of_its_kind():
    _orders, _ = webhook(1, "order.cancelled", name="orders")
    _points, _ = webhook(1, "points.earned", name="points")
    _everything, _ = webhook(1, "*", name="everything")
    gone, _ = webhook(1, "*", name="gone")
    gone.end_as_gone()

    happened()

    assert set(Delivery.objects.values_list("webhook__name", flat=True)) == {"orders", "everything"}


def test_what_is_taken_back_was_never_queued():
    from django.db import transaction

    webhook(1)
    with transaction.atomic():
        happened()
        transaction.set_rollback(True)

    assert not Delivery.objects.exists()


def test_a_message_says_what_happened_and_an_independent_verifier_believes_it(ana):
    receiver = Receiver()
    order = build.order(ana, "20.00")
    build.identifier(ana, "external", "C-17", source="webshop")
    with receiver.listening() as port:
        allow(port)
        _hook, secret = webhook(port, "order.cancelled")
        event = Event.record("order.cancelled", customer=ana, order=order, reference=order.reference, actor="staff:7")

        assert deliver_due() == 1

    (told,) = verified(receiver, secret)
    assert told == {
        "type": "order.cancelled",
        "timestamp": event.at.isoformat().replace("+00:00", "Z"),
        "data": {
            "event": event.pk,
            "customer": {"id": ana.pk, "external_ids": [{"source": "webshop", "id": "C-17"}]},
            "order": {"id": order.pk, "source": order.source, "reference": order.reference},
            "subject": None,
            "actor": "staff:7",
            "details": {"reference": order.reference},
        },
    }
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status) == (State.DELIVERED, 200)
    assert delivery.tries.get().answer == "heard"


def test_what_people_typed_is_told_only_where_it_is_wanted(ana):
    event = Event.record("task.created", customer=ana, title="Ring Ana about her dog", due_on=None)

    plain, whole = (json.loads(payload.body(event, {}, personal=personal)) for personal in (False, True))

    assert plain["data"]["details"] == {"due_on": None}
    assert whole["data"]["details"]["title"] == "Ring Ana about her dog"


def test_all_attempts_of_a_message_have_one_number_and_one_body():
    receiver = Receiver(lambda message, times: 200 if times == 3 else 500)
    with receiver.listening() as port:
        allow(port)
        webhook(port)
        happened()
        for _ in range(3):
            no_more_waiting()
            deliver_due()

    assert len(receiver.got) == 3
    assert len({(headers["webhook-id"], body) for headers, body in receiver.got}) == 1
    assert [tried.status for tried in DeliveryAttempt.objects.order_by("pk")] == [500, 500, 200]


def test_the_pauses_grow_and_after_the_last_it_waits_for_a_person():
    _hook, (delivery,) = claimed_ones()
    pauses = []
    while True:
        with time_machine.travel(timezone.now(), tick=False):
            delivering.note(delivery, Answer(status=500), timezone.now())
            delivery.refresh_from_db()
            pauses.append(delivery.due_at - timezone.now())
        if delivery.state != State.WAITING:
            break
        no_more_waiting()
        (delivery,) = claim(16)

    assert all(planned <= pause <= planned * 1.11 for planned, pause in zip(SCHEDULE, pauses, strict=False))
    assert len(pauses) == len(SCHEDULE) + 1
    assert (delivery.state, delivery.status) == (State.FAILED, 500)
    assert Delivery.objects.failed_since(timezone.now() - timedelta(days=1)).replay() == 1
    assert [again.pk for again in claim(16)] == [delivery.pk]


def test_who_takes_calls_and_never_answers_delays_nobody(monkeypatch):
    receiver = Receiver()
    with never_answering() as silent, receiver.listening() as port:
        allow(silent, port)
        soon = f"127.0.0.1:{silent}/"  # the dead one is not waited for quite so long
        monkeypatch.setattr(
            delivering, "post", lambda url, *a, **k: post(url, *a, within=0.3 if soon in url else 120, **k)
        )
        dead, _ = webhook(silent, name="dead")
        webhook(port, name="well")
        happened(40)
        deliver_due()

    assert len(receiver.got) == 40
    dead.refresh_from_db()
    tries = DeliveryAttempt.objects.filter(delivery__webhook=dead)
    assert {tried.trouble for tried in tries} == {"timeout"}
    assert len(tries) <= delivering.LINES_EACH
    assert dead.silences == 1
    assert dead.rest_until > timezone.now()
    assert due() == []


def test_an_address_that_was_silent_is_tried_with_one_and_longer_rests_follow():
    hook, claimed = claimed_ones(20)
    assert len(claimed) == delivering.LINES_EACH
    for delivery in claimed:
        delivering.note(delivery, Answer(trouble="timeout"), timezone.now())

    no_more_waiting()
    (probe,) = claim(16)
    with time_machine.travel(timezone.now(), tick=False):
        delivering.note(probe, Answer(trouble="connection"), timezone.now())
        hook.refresh_from_db()

        assert hook.silences == 2
        assert hook.rest_until - timezone.now() == timedelta(seconds=60)
    no_more_waiting()
    (probe,) = claim(16)
    delivering.note(probe, Answer(status=200), timezone.now())
    assert len(claim(16)) == delivering.LINES_EACH


def test_a_receiver_that_asks_for_a_pause_gets_it():
    hook, (delivery,) = claimed_ones()

    with time_machine.travel(timezone.now(), tick=False):
        delivering.note(delivery, Answer(status=429, headers={"retry-after": "120"}), timezone.now())

        hook.refresh_from_db()
        assert hook.rest_until - timezone.now() == timedelta(seconds=120)
    assert claim(16) == []


@pytest.mark.parametrize("nonsense", ["", "soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 40])
def test_a_pause_that_cannot_be_read_is_none(nonsense):
    hook, (delivery,) = claimed_ones()

    delivering.note(delivery, Answer(status=503, headers={"retry-after": nonsense}), timezone.now())

    hook.refresh_from_db()
    assert hook.rest_until is None


def test_410_ends_the_webhook_and_what_waits_for_it():
    hook, claimed = claimed_ones(3)

    delivering.note(claimed[0], Answer(status=410), timezone.now())
    happened()

    hook.refresh_from_db()
    assert hook.state == Webhook.State.GONE
    assert list(hook.deliveries.values_list("state", "trouble")) == [(State.FAILED, "gone")] * 3
    assert Event.objects.filter(kind="webhook.changed", data__what="gone").count() == 1


def test_a_paused_webhook_gathers_and_a_resumed_one_sends(ada):
    hook, _ = webhook(9)
    hook.pause(by=ada)
    happened(2)

    assert (claim(16), due()) == ([], [])
    hook.resume(by=ada)
    assert len(claim(16)) == 2


def test_a_worker_that_died_between_sending_and_noting_has_it_sent_again_under_the_same_number():
    receiver = Receiver()
    with receiver.listening() as port:
        allow(port)
        webhook(port)
        happened()
        (delivery,) = claim(16)
        receiver.take({"webhook-id": str(delivery)}, b"")  # sent; and then kill -9

        assert deliver_due() == 0
        with time_machine.travel(timezone.now() + delivering.LEASE + timedelta(seconds=1), tick=False):
            assert due() == [("crm.deliver", [])]
            assert deliver_due() == 1
        assert delivering.note(delivery, Answer(status=500), timezone.now()) is False

    assert len(set(receiver.messages)) == 1
    assert len(receiver.got) == 2


def test_after_a_change_of_secret_both_verify_for_a_day(ada):
    receiver = Receiver()
    with receiver.listening() as port:
        allow(port)
        hook, former = webhook(port)
        newer = hook.change_secret(by=ada)
        happened()
        deliver_due()
        with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
            assert Webhook.objects.get().live_secrets() == [newer]

    assert newer != former
    assert verified(receiver, former) == verified(receiver, newer)
    assert len(receiver.got[0][0]["webhook-signature"].split()) == 2


def test_a_dump_of_the_database_shows_no_secret(ada, settings):
    hook, former = webhook(9)
    newer = hook.change_secret(by=ada)

    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_webhook::text FROM crm_webhook")
        dumped = cursor.fetchone()[0]
    assert not any(secret.removeprefix("whsec_") in dumped for secret in (former, newer))

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert hook.live_secrets() == [newer, former]
    settings.SECRET_KEY_FALLBACKS = []
    happened()
    deliver_due()
    assert DeliveryAttempt.objects.get().trouble == "secret"


def test_where_the_webhook_may_not_reach_nothing_is_sent():
    webhook(9)
    happened()

    deliver_due()

    assert DeliveryAttempt.objects.get().trouble == "refused_scheme"


def test_a_test_goes_to_its_webhook_alone(ada):
    hook, _ = webhook(9, "points.earned")
    webhook(9, "*", name="other")

    delivery = hook.test(by=ada)

    assert list(Delivery.objects.all()) == [delivery]
    assert delivery.event.data == {"webhook": hook.pk, "what": "tested"}


def test_bodies_and_answers_go_after_two_days_and_deliveries_after_a_month():
    _hook, (delivery,) = claimed_ones()
    delivering.note(delivery, Answer(status=200, text="Ana"), timezone.now())

    with time_machine.travel(timezone.now() + timedelta(hours=49), tick=False):
        Delivery.sweep()
        assert (Delivery.objects.get().body, DeliveryAttempt.objects.get().answer) == ("", "")
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        Delivery.sweep()
    assert not Delivery.objects.exists()


def test_what_could_not_be_tried_for_days_waits_for_a_person(ada):
    hook, _ = webhook(9)
    hook.pause(by=ada)
    happened()

    with time_machine.travel(timezone.now() + timedelta(days=6), tick=False):
        assert park_the_old() == 1
    assert Delivery.objects.get().trouble == "too_old"


def test_after_a_restore_nothing_goes_without_a_look():
    claimed_ones(3)

    call_command("after_restore")
    no_more_waiting()

    assert claim(16) == []
    assert set(Delivery.objects.values_list("trouble", flat=True)) == {"restored"}


def test_logs_have_numbers_only(caplog):
    _hook, (delivery,) = claimed_ones()

    delivering.note(delivery, Answer(status=500, text="Ana Example"), timezone.now())

    said = "".join(str(vars(record)) for record in caplog.records)
    assert "Ana" not in said
    assert "127.0.0.1" not in said


def test_claiming_fifty_asks_no_more_than_claiming_one():
    hooks = [webhook(9, name=f"w{n}")[0] for n in range(4)]

    def questions(events):
        happened(events)
        with CaptureQueriesContext(connection) as asked:
            claimed = claim(16)
        Delivery.objects.all().delete()
        return len(claimed), len(asked)

    one, many = questions(1), questions(20)

    assert (one[0], many[0]) == (len(hooks), 16)
    assert one[1] == many[1]
