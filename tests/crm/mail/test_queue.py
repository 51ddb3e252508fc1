import pytest

from crm.models import Event, Message


def test_a_message_waits_in_the_queue_with_address_and_language(ana):
    ana.language = "uk"
    ana.save()

    message = Message.queue(ana, "service", "preferences_link", "card:1")

    assert (message.state, message.address, message.language) == ("queued", "ana@people.example", "uk")


def test_the_same_cause_is_one_message(ana):
    one = Message.queue(ana, "service", "preferences_link", "card:1")
    two = Message.queue(ana, "service", "preferences_link", "card:1")

    assert one.pk == two.pk


def test_without_an_address_it_is_written_down_as_not_sent(ana):
    ana.identifiers.filter(kind="email").delete()

    message = Message.queue(ana, "service", "preferences_link", "card:1")

    assert (message.state, message.why) == ("not_sent", "no_address")
    assert Event.objects.get(kind="message.dropped").data == {"template": "preferences_link", "why": "no_address"}


def test_a_mail_nobody_knows_a_wrong_purpose_and_an_unknown_placeholder_are_refused(ana):
    with pytest.raises(LookupError):
        Message.queue(ana, "service", "no_such_mail", "x")
    with pytest.raises(ValueError, match="is for service"):
        Message.queue(ana, "offers", "preferences_link", "x")
    with pytest.raises(ValueError, match="no placeholder password"):
        Message.queue(ana, "service", "complaint_received", "x", context={"password": "1"})
