"""Through a real SMTP server, into which we look."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail import sending
from crm.models import Event, Message
from tests import build
from tests.crm.mail.conftest import wants_offers


def queue(customer, cause="complaint:1", **options):
    context = {"number": "7", "answer_by": "24 November"}
    return Message.queue(customer, "service", "complaint_received", cause, context=context, **options)


def state(message):
    message.refresh_from_db()
    return message.state


def later(message):
    """The time until its next attempt is over."""
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now())


def test_a_mail_arrives_as_text_and_html_with_its_headers(ana, postbox):
    message = queue(ana)

    sending.send_due()

    (mail,) = postbox.mails
    assert (mail["To"], mail["Subject"]) == ("ana@people.example", "We have your complaint (7)")
    assert mail["Message-ID"] == message.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime
    assert mail["List-Unsubscribe"] is None
    assert "by 24 November" in mail.get_body(["plain"]).get_content()
    assert "<strong>7</strong>" in mail.get_body(["html"]).get_content()
    assert state(message) == "sent"
    assert Event.objects.get(kind="message.sent").data == {"template": "complaint_received", "purpose": "service"}


def test_nothing_is_sent_twice(ana, postbox):
    queue(ana)

    sending.send_due()
    sending.send_due()

    assert len(postbox.mails) == 1


def test_it_goes_to_the_address_the_card_has_at_sending(ana, postbox):
    queue(ana)
    ana.identifiers.filter(kind="email").update(value="new@people.example", normalised="new@people.example")

    sending.send_due()

    assert postbox.mails[0]["To"] == "new@people.example"


def test_an_address_taken_away_meanwhile_ends_it(ana, postbox):
    message = queue(ana)
    ana.identifiers.filter(kind="email").delete()

    sending.send_due()

    assert (state(message), message.why) == ("not_sent", "no_address")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.1.1 No such user", ("bounced", "hard")),
        ("550 5.7.1 Relaying denied", ("not_sent", "refused")),
        ("451 4.3.0 Later", ("queued", "server_away")),
    ],
)
def test_what_the_mail_server_answers_decides_about_that_mail_alone(answer, expected, ana, ben, postbox):
    postbox.answers["ana"] = answer
    one, other = queue(ana), queue(ben, "complaint:2")

    sending.send_due()

    assert (state(one), one.why) == expected
    assert state(other) == "sent"


def test_a_refusal_for_now_is_tried_five_times(ana, postbox):
    postbox.answers["ana"] = "451 4.3.0 Later"
    message = queue(ana)

    for _attempt in range(7):
        later(message)
        sending.send_due()

    assert (state(message), message.why, message.attempts) == ("not_sent", "gave_up", 5)


def test_a_mail_server_that_is_away_costs_no_attempt_and_holds_the_queue(ana, ben, postbox):
    postbox.go_away()
    one, other = queue(ana), queue(ben, "complaint:2")

    sending.send_due()

    assert (state(one), one.why, one.attempts) == ("queued", "server_away", 0)
    assert (state(other), other.attempts) == ("queued", 0)
    assert one.due_at > timezone.now()


def test_service_mail_is_sent_again_with_the_same_message_id_when_the_line_breaks(ana, postbox):
    def hang_up(server):
        server.transport.abort()
        postbox.after = None
        return "250 OK"

    postbox.after = hang_up
    message = queue(ana)

    sending.send_due()
    assert state(message) == "queued"
    later(message)
    sending.send_due()

    assert state(message) == "sent"
    assert [mail["Message-ID"] for mail in postbox.mails] == [message.message_id] * 2


def test_marketing_is_not_sent_again_when_the_line_breaks(ana, postbox, offer):
    postbox.after = lambda server: server.transport.abort() or "250 OK"
    wants_offers(ana)
    message = Message.queue(ana, "offers", "autumn", "autumn:1", context={"percent": "10"})

    sending.send_due()
    later(message)
    sending.send_due()

    assert (state(message), message.why) == ("unknown", "unclear")
    assert len(postbox.mails) == 1


class Killed(BaseException):
    """Nothing in the program catches it, as with a worker killed between the mark and the end."""


def die_over(monkeypatch):
    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("crm.mail.sending.envelope", die)
        with pytest.raises(Killed):
            sending.send_due()
    Message.objects.filter(state="sending").update(lease_until=timezone.now() - timedelta(seconds=1))
    Message.objects.filter(state="queued").update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_worker_killed_over_marketing_leaves_it_unknown_and_the_rest_of_its_batch_is_sent(
    ana, ben, postbox, offer, monkeypatch
):
    wants_offers(ana, ben)
    one = Message.queue(ana, "offers", "autumn", "autumn:1")
    other = Message.queue(ben, "offers", "autumn", "autumn:2")

    die_over(monkeypatch)
    sending.send_due()

    assert (state(one), one.why) == ("unknown", "worker_died")
    assert state(other) == "sent"
    assert [mail["To"] for mail in postbox.mails] == ["ben@people.example"]


def test_a_worker_killed_over_service_mail_leaves_it_to_the_next_one(ana, postbox, monkeypatch):
    message = queue(ana)

    die_over(monkeypatch)
    assert sending.due() == [("crm.send_mail", [0])]
    sending.send_due()

    assert (state(message), message.attempts) == ("sent", 2)
    assert [mail["Message-ID"] for mail in postbox.mails] == [message.message_id]


def test_the_relay_wakes_one_worker_per_batch_and_nobody_when_nothing_is_due(ana, monkeypatch):
    assert sending.due() == []

    monkeypatch.setattr(sending, "BATCH", 2)
    for number in range(5):
        queue(ana, f"complaint:{number}")

    assert sending.due() == [("crm.send_mail", [0]), ("crm.send_mail", [1]), ("crm.send_mail", [2])]


def test_no_more_are_claimed_than_a_batch_however_the_planner_goes_about_it(ana, monkeypatch, ask_for_every_row):
    monkeypatch.setattr(sending, "BATCH", 2)
    for number in range(5):
        queue(ana, f"complaint:{number}")

    assert [len(sending.claim()) for _ in range(4)] == [2, 2, 1, 0]


def test_a_bulk_send_waits_a_minute_and_can_be_taken_back(ana, postbox):
    before = timezone.now()
    message = queue(ana, batch="bulk:1")
    sending.send_due()
    assert state(message) == "queued"
    assert before <= message.due_at - timedelta(minutes=1) <= timezone.now()

    assert Message.objects.filter(batch="bulk:1").take_back() == 1

    later(message)
    sending.send_due()
    assert (state(message), message.why) == ("not_sent", "taken_back")
    assert postbox.mails == []


def test_after_the_minute_it_goes_and_cannot_be_taken_back(ana, postbox):
    message = queue(ana, batch="bulk:1")
    later(message)
    sending.send_due()

    assert Message.objects.filter(batch="bulk:1").take_back() == 0
    assert state(message) == "sent"


def test_what_is_no_longer_true_is_dropped(ana, ben, postbox, monkeypatch):
    one, other = queue(ana), queue(ben, "complaint:2")
    monkeypatch.setattr("crm.mail.sending.no_longer_true", lambda mail, messages: {one.pk: "no_longer_true"})

    sending.send_due()

    assert (state(one), one.why, state(other)) == ("not_sent", "no_longer_true", "sent")


def test_a_restore_parks_everything_that_waited(ana, postbox):
    message = queue(ana)

    Message.park_all()
    sending.send_due()

    assert (state(message), message.why) == ("not_sent", "restored")


@pytest.mark.parametrize("name", ["Eve\r\nBcc: all@people.example", "Eve\nSubject: Won", "Eve\x1b[2J", "Eve\u2028X"])
def test_a_name_cannot_add_headers(name, postbox, db):
    from shop.models import Setting

    eve = build.customer("Eve", email="eve@people.example")
    type(eve).objects.filter(pk=eve.pk).update(given_name=name)
    Setting.put("shop.name", "Shop\r\nBcc: all@people.example")
    Setting.put("mail.from_address", "shop@shop.example")
    message = queue(eve)

    sending.send_due()

    (mail,) = postbox.mails
    assert state(message) == "sent"
    assert mail["Bcc"] is None
    assert mail.get_all("Subject") == ["We have your complaint (7)"]
    assert postbox.envelopes[0].rcpt_tos == ["eve@people.example"]


@pytest.mark.parametrize(
    "address", ["a b@people.example", "x@y@z.example", "a@people.example\r\nBcc: b@people.example"]
)
def test_an_address_no_server_would_take_is_not_tried(address, ana, postbox):
    message = queue(ana)
    ana.identifiers.filter(kind="email").update(value=address)

    sending.send_due()

    assert (state(message), postbox.mails) == ("not_sent", [])


def test_the_sender_and_where_answers_go_are_settings(ana, postbox):
    from shop.models import Setting

    Setting.put("shop.name", "Tansy & Wren")
    Setting.put("mail.from_address", "hello@tansy.example")
    Setting.put("mail.reply_to", "team@tansy.example")
    queue(ana)

    sending.send_due()

    (mail,) = postbox.mails
    assert (mail["From"], mail["Reply-To"]) == ("Tansy & Wren <hello@tansy.example>", "team@tansy.example")


def test_a_mail_that_cannot_be_written_holds_up_no_other_and_is_given_up_in_the_end(ana, ben, postbox, monkeypatch):
    one, other = queue(ana), queue(ben, "complaint:2")
    plain = sending.render

    def broken(message):
        if message.pk == one.pk:
            raise RuntimeError
        return plain(message)

    monkeypatch.setattr(sending, "render", broken)

    sending.send_due()
    assert (state(one), state(other), one.last_error) == ("queued", "sent", "RuntimeError")
    for _attempt in range(4):
        later(one)
        sending.send_due()

    assert (state(one), one.why) == ("not_sent", "no_text")


def test_a_room_that_cannot_say_what_is_still_true_holds_up_only_its_own_mails(ana, ben, postbox, monkeypatch):
    one = queue(ana)
    other = Message.queue(ben, "service", "preferences_link", "card:1")

    def broken(mail, messages):
        if mail.name == "complaint_received":
            raise RuntimeError
        return {}

    monkeypatch.setattr(sending, "no_longer_true", broken)

    sending.send_due()

    assert (state(one), state(other)) == ("queued", "sent")
