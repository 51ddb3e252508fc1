"""Webhooks by API: what is on the page of an administrator, for the programs that set up other programs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import Delivery, Event, Webhook
from shop.models import KeptAnswer
from shop.sealing import seal
from tests.api import Program

URL = "https://warehouse.example/hooks"
MADE = {"name": "warehouse", "url": URL, "kinds": ["order.placed", "order.refunded"]}


@pytest.fixture
def program(db):
    return Program("keys.manage")


@pytest.fixture
def hook(db):
    return Webhook.make(name="shop", url="https://shop.example/", kinds=["order.placed"])[0]


def said():
    return [event.data["what"] for event in Event.objects.filter(kind="webhook.changed").order_by("pk")]


def test_a_program_makes_one_and_is_told_its_secret_once(program):
    made = program.post("webhooks/", MADE)

    webhook = Webhook.objects.get()
    assert (made.status_code, made.json()["secret"]) == (201, webhook.live_secrets()[0])
    assert (webhook.url, webhook.kinds, webhook.personal) == (URL, ["order.placed", "order.refunded"], False)
    assert Event.objects.get(kind="webhook.changed").actor.startswith("key:")
    assert "secret" not in program.get(f"webhooks/{webhook.pk}/").json()


def test_the_same_request_makes_one_and_its_secret_is_kept_sealed(program):
    first, again = (program.post("webhooks/", MADE, key="once") for _ in range(2))

    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Webhook.objects.count() == 1
    assert first.json()["secret"] not in KeptAnswer.objects.get().content


def test_an_answer_whose_secret_key_is_gone_is_a_problem_and_nothing_is_done_again(program, settings, hook):
    program.post("webhooks/", MADE, key="once")
    program.post(f"webhooks/{hook.pk}/secret/", {}, key="twice")
    secrets = set(Webhook.objects.values_list("secret", flat=True))
    KeptAnswer.objects.update(content=seal_with_another_key(settings, "{}"))

    again = program.post("webhooks/", MADE, key="once"), program.post(f"webhooks/{hook.pk}/secret/", {}, key="twice")

    assert [(one.status_code, one.json()["code"]) for one in again] == [(409, "answer_unreadable")] * 2
    assert set(Webhook.objects.values_list("secret", flat=True)) == secrets


def seal_with_another_key(settings, text):
    now = settings.SECRET_KEY
    settings.SECRET_KEY = "the one before"
    sealed = seal(text, "answer")
    settings.SECRET_KEY = now
    return sealed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://shop.example/"),
        ("kinds", ["no.such"]),
        ("kinds", []),
        ("name", ""),
        ("secret", "whsec_mine"),
    ],
)
def test_what_the_page_would_refuse_is_refused(program, field, value):
    refused = program.post("webhooks/", {**MADE, field: value})

    assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    assert not Webhook.objects.exists()


def test_it_is_listed_with_what_waits_and_failed(program, hook):
    hook.test(by=None)

    (shown,) = program.get("webhooks/").json()["results"]

    assert (shown["name"], shown["state"], shown["waiting"], shown["failed"]) == ("shop", "live", 1, 0)


def test_what_is_sent_is_changed_and_the_rest_stays(program, hook):
    changed = program.post(f"webhooks/{hook.pk}/fields/", {"kinds": ["*", "order.placed"]}).json()

    assert (changed["kinds"], changed["url"], changed["name"]) == (["*"], "https://shop.example/", "shop")


def test_it_is_paused_resumed_and_removed(program, hook):
    states = [program.post(f"webhooks/{hook.pk}/state/", {"to": to}).json()["state"] for to in ("paused", "live")]
    removed = program.post(f"webhooks/{hook.pk}/removal/", {})

    assert (states, removed.status_code) == (["paused", "live"], 200)
    assert said() == ["made", "paused", "resumed", "removed"]
    assert program.get(f"webhooks/{hook.pk}/").status_code == 404


@pytest.mark.parametrize(("body", "signing"), [({}, 2), ({"former": "none"}, 1)])
def test_a_new_secret_signs_with_the_one_before_it_for_a_day_or_alone(program, hook, body, signing):
    rotated = program.post(f"webhooks/{hook.pk}/secret/", body)

    hook.refresh_from_db()
    assert (rotated.status_code, rotated.json()["secret"]) == (201, hook.live_secrets()[0])
    assert len(hook.live_secrets()) == signing
    assert (rotated.json()["former_secret_until"] is None) == (signing == 1)


def test_messages_are_listed_by_state_with_their_attempts_and_go_once_more(program, hook):
    failed, _waiting = hook.test(by=None), hook.test(by=None)
    Delivery.objects.filter(pk=failed.pk).update(
        state="failed", ended_at=timezone.now(), attempts=16, trouble="timeout"
    )
    failed.tries.create(at=timezone.now(), trouble="timeout", took_ms=10_000)

    (listed,) = program.get(f"webhooks/{hook.pk}/messages/?state=failed").json()["results"]
    whole = program.get(f"webhooks/{hook.pk}/messages/{failed.pk}/").json()
    again = program.post(f"webhooks/{hook.pk}/messages/{failed.pk}/again/", {}).json()

    assert (listed["id"], listed["trouble"], listed["message"]) == (failed.pk, "timeout", str(failed))
    assert [tried["took_ms"] for tried in whole["tries"]] == [10_000]
    assert (again["state"], again["attempts"]) == ("waiting", 0)
    refused = program.get(f"webhooks/{hook.pk}/messages/?state=lost")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["state"])


def test_all_that_failed_since_a_moment_goes_once_more(program, hook):
    old, new = hook.test(by=None), hook.test(by=None)
    now = timezone.now()
    for one, days in ((old, 3), (new, 1)):
        Delivery.objects.filter(pk=one.pk).update(state="failed", ended_at=now - timedelta(days=days))
    since = (now - timedelta(days=2)).isoformat()

    assert program.post(f"webhooks/{hook.pk}/again/", {"since": since}).json() == {"again": 1}
    assert list(Delivery.objects.filter(state="failed")) == [old]


def test_a_try_is_one_message(program, hook):
    tried = program.post(f"webhooks/{hook.pk}/test/", {})

    assert (tried.status_code, tried.json()["kind"]) == (201, "webhook.changed")
    assert Delivery.objects.count() == 1


def test_a_message_of_another_webhook_is_not_there(program, hook):
    other = Webhook.make(name="other", url=URL, kinds=["*"])[0]
    message = hook.test(by=None)

    assert program.get(f"webhooks/{other.pk}/messages/{message.pk}/").status_code == 404
    assert program.post(f"webhooks/{other.pk}/messages/{message.pk}/again/", {}).status_code == 404


def test_another_scope_neither_sees_nor_makes_any(db):
    other = Program("customers.view", "orders.add")

    assert [other.get("webhooks/").status_code, other.post("webhooks/", MADE).status_code] == [403, 403]
    assert not Webhook.objects.exists()


def test_what_people_typed_goes_out_only_by_a_key_that_may_export_customers(program, hook):
    refused = [
        program.post("webhooks/", {**MADE, "personal": True}),
        program.post(f"webhooks/{hook.pk}/fields/", {"personal": True}),
    ]
    Webhook.objects.update(personal=True)
    refused += [program.post(f"webhooks/{hook.pk}/fields/", change) for change in ({"url": URL}, {"kinds": ["*"]})]

    assert {(no.status_code, no.json()["code"], no.json()["scope"]) for no in refused} == {
        (403, "scope_missing", "customers.export")
    }
    assert (Webhook.objects.get().url, said()) == ("https://shop.example/", ["made"])
    allowed = Program("keys.manage", "customers.export")
    assert allowed.post("webhooks/", {**MADE, "personal": True}).json()["personal"] is True


def test_without_that_right_it_can_only_be_switched_off_and_nothing_of_before_goes_to_the_new_address(program, hook):
    Webhook.objects.update(personal=True)
    sent, waiting = hook.test(by=None), hook.test(by=None)
    Delivery.objects.update(body="what people typed")
    Delivery.objects.filter(pk=sent.pk).update(state="delivered", ended_at=timezone.now())

    changed = program.post(f"webhooks/{hook.pk}/fields/", {"personal": False, "url": URL})

    assert (changed.status_code, changed.json()["personal"], changed.json()["url"]) == (200, False, URL)
    assert list(Delivery.objects.filter(pk__in=[sent.pk, waiting.pk]).values_list("body", flat=True)) == ["", ""]
