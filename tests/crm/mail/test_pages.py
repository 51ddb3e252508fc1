"""The queue, one mail, the texts, the card's action, and mails that stayed on the machine."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.mail import keeping, sending, trying
from crm.models import Event, KeptMail, MailText, Message
from crm.privacy.jobs import CLOCKS
from crm.privacy.kept import MAILS
from shop.models import Job, Setting
from shop.tasks import night
from tests import build

HTML = "<html><head></head><p>Hi</p></html>"
BIG = "9" * 30
BODY = "Hello {first_name},\r\n\r\n[Choose]({link})\r\n"
TEXT = "/settings/texts/preferences_link/uk/"


def words(answer):
    return answer.content.decode()


def test_the_queue_says_what_waits_and_what_did_not_arrive(as_manager, ana, ben):
    build.message(ana, why="quiet_hours", due_at=timezone.now() + timedelta(hours=5))
    build.message(ben, state="bounced", why="hard")

    waiting, troubled = words(as_manager.get("/mail/")), words(as_manager.get("/mail/?list=troubled"))

    assert "It is evening or night where the customer lives." in waiting
    assert "Ben Okafor" not in waiting
    assert "The address does not exist." in troubled
    assert "Ana Lindqvist" not in troubled


def test_the_queue_can_be_narrowed_to_one_mail(as_manager, ana):
    build.message(ana, template="data_copy", subject="This one")
    build.message(ana, subject="Not this one")

    page = words(as_manager.get("/mail/?mail=data_copy"))

    assert "This one" in page
    assert "Not this one" not in page


@pytest.mark.parametrize("name", ["waiting", "all"])
def test_the_queue_has_pages_that_follow_each_other_without_a_gap(name, as_manager, ana):
    now = timezone.now()
    for number in range(120):
        build.message(ana, subject=f"No. {number}.", at=now, due_at=now + timedelta(seconds=number // 60))

    seen, address = [], f"/mail/?list={name}"
    while address:
        answer = as_manager.get(address)
        page = answer.context["page"]
        seen += [message.pk for message in page.rows]
        address = f"/mail/?list={name}&after={page.following.replace('+', '%2B')}" if page.following else ""

    assert len(seen) == len(set(seen)) == 120


def test_the_queue_asks_as_much_for_fifty_rows_as_for_one(as_manager, ana, django_assert_num_queries):
    build.message(ana)
    as_manager.get("/mail/")
    with CaptureQueriesContext(connection) as one:
        as_manager.get("/mail/")
    for number in range(49):
        build.message(build.customer(f"Somebody {number}"))

    with django_assert_num_queries(len(one)):
        as_manager.get("/mail/")


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=2026-01-01_1", "after=_9", "list=x&mail=y", f"after=2026-01-01T00:00:00%2B00:00_{BIG}"],
)
def test_a_queue_address_that_says_nonsense_is_the_beginning(query, as_manager, ana):
    build.message(ana, subject="Here")

    assert "Here" in words(as_manager.get(f"/mail/?{query}"))


def test_an_administrator_takes_a_mail_back_and_sends_it_after_all(as_administrator, ana):
    message = build.message(ana)

    as_administrator.post(f"/mail/{message.pk}/taken-back/")
    message.refresh_from_db()
    assert (message.state, message.why) == ("not_sent", "taken_back")

    as_administrator.post(f"/mail/{message.pk}/again/")
    message.refresh_from_db()
    assert message.state == "queued"


def test_what_was_refused_by_the_customer_is_not_sent_after_all(as_administrator, ana):
    message = build.message(ana, state="not_sent", why="withdrawn")

    as_administrator.post(f"/mail/{message.pk}/again/")

    message.refresh_from_db()
    assert message.state == "not_sent"


def test_a_mail_to_staff_is_for_administrators(as_support, as_administrator):
    message = build.message(None, purpose="staff", html="<p>Secret</p>", text="Secret")

    assert as_support.get(f"/mail/{message.pk}/").status_code == 404
    assert as_support.get(f"/mail/{message.pk}/body/").status_code == 404
    assert as_administrator.get(f"/mail/{message.pk}/").status_code == 200


def test_a_mail_is_shown_in_a_frame_without_rights(as_support, ana):
    message = build.message(
        ana, state="sent", sent_at=timezone.now(), text="x", html="<html><head></head><p>Hi</p></html>"
    )

    page, body = as_support.get(f"/mail/{message.pk}/"), as_support.get(f"/mail/{message.pk}/body/")

    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in words(page)
    assert body["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in body["Content-Security-Policy"]
    assert "script" not in body["Content-Security-Policy"]
    assert '<base target="_blank">' in words(body)


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        ("queued", "quiet_hours", "Mail waits"),
        ("sent", "", "Mail sent"),
        ("bounced", "hard", "The address does not exist."),
        ("not_sent", "refused", "Mail not sent"),
        ("unknown", "worker_died", "Mail may not have gone"),
    ],
)
def test_the_timeline_shows_each_mail_once_with_what_became_of_it(state, why, said, as_support, ana):
    message = build.message(ana, state=state, why=why, subject="About it")
    Event.record("message.sent", customer=ana, subject=message, template=message.template, purpose="service")

    timeline = words(as_support.get(f"/customers/{ana.pk}/timeline/?show=mail"))
    everything = words(as_support.get(f"/customers/{ana.pk}/timeline/"))

    assert said in timeline
    assert everything.count(f"/mail/{message.pk}/") == 1


def test_staff_send_the_preferences_link_from_the_card_once_however_often_they_press(as_support, ana):
    page = as_support.get(f"/customers/{ana.pk}/preferences-link/")
    assert "ana@people.example" in words(page)
    key = page.context["key"]

    for _press in range(2):
        as_support.post(f"/customers/{ana.pk}/preferences-link/", {"key": key})

    assert Message.objects.get().template == "preferences_link"
    assert f"/customers/{ana.pk}/preferences-link/" in words(as_support.get(f"/customers/{ana.pk}/"))


def test_without_an_address_the_link_cannot_be_sent_and_the_page_says_why(as_support, ana):
    ana.identifiers.filter(kind="email").delete()

    answer = as_support.post(f"/customers/{ana.pk}/preferences-link/")

    assert answer.status_code == 409
    assert "no e-mail address" in words(answer)
    assert not Message.objects.exists()


def test_a_text_is_saved_as_a_new_version_and_an_old_one_comes_back(as_administrator, ada):
    as_administrator.post(TEXT, {"subject": "Нове", "body": BODY, "do": "save"})
    as_administrator.post(TEXT, {"subject": "Новіше", "body": BODY, "do": "save"})

    assert list(MailText.objects.values_list("version", "subject", "by")) == [
        (1, "Нове", ada.pk),
        (2, "Новіше", ada.pk),
    ]
    assert "version 2" in words(as_administrator.get("/settings/texts/"))
    assert 'value="Нове"' in words(as_administrator.get(f"{TEXT}?version=1"))
    assert "О чём" not in words(as_administrator.get(f"{TEXT}?version=0"))


def test_a_text_with_an_unknown_placeholder_is_not_saved(as_administrator):
    answer = as_administrator.post(TEXT, {"subject": "x", "body": "{frist_name}", "do": "save"})

    assert answer.status_code == 422
    assert "did you mean {first_name}?" in words(answer)
    assert not MailText.objects.exists()


def test_a_missing_language_is_said(as_administrator, monkeypatch):
    monkeypatch.setattr("crm.views.mail.texts.versions", lambda: {("preferences_link", "en"): 0})

    assert "missing" in words(as_administrator.get("/settings/texts/"))


def test_a_preview_is_filled_with_a_real_card_and_saves_nothing(as_administrator, ana):
    answer = as_administrator.post(
        f"{TEXT}preview/", {"subject": "For {name}", "body": BODY, "whom": "+44 7700 900142"}
    )

    assert "For Ana Lindqvist" in words(answer)
    assert "Hello Ana," in words(answer)
    assert not MailText.objects.exists()
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_preview_says_what_is_wrong(as_administrator):
    answer = as_administrator.post(f"{TEXT}preview/", {"subject": "x", "body": "{nothing}"})

    assert "There is no placeholder {nothing}" in words(answer)


def test_a_test_goes_to_oneself_as_it_was_typed(as_administrator, ada, ana):
    as_administrator.post(TEXT, {"subject": "Typed for {first_name}", "body": BODY, "do": "test"})
    trying.test_mail(Job.objects.get(kind=trying.TEST).pk)

    (mail,) = outbox.outbox
    assert (mail.to, mail.subject) == ([ada.email], "[Test] Typed for Ana")
    assert not MailText.objects.exists()


@pytest.mark.parametrize("address", ["/settings/texts/nothing/en/", "/settings/texts/preferences_link/xx/"])
def test_there_is_no_text_of_a_mail_or_language_nobody_knows(address, as_administrator):
    assert as_administrator.get(address).status_code == 404


def test_bodies_are_blanked_after_as_many_days_as_are_set(ana):
    Setting.put("mail.keep_days", 30)
    sent = {"state": "sent", "subject": "s", "text": "t", "html": "h", "context": {"number": "1"}}
    old = build.message(ana, sent_at=timezone.now() - timedelta(days=31), **sent)
    new = build.message(ana, sent_at=timezone.now() - timedelta(days=29), **sent)

    MAILS.run(lambda label, gone: None)

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.subject, old.text, old.html, old.context, old.state) == ("", "", "", {}, "sent")
    assert new.text == "t"


def test_the_night_asks_for_it_once(db, monkeypatch):
    monkeypatch.setattr(
        "shop.tasks.timezone.now", lambda: timezone.datetime(2026, 3, 1, 4, tzinfo=timezone.get_default_timezone())
    )

    night()
    night()

    assert Job.objects.filter(kind=CLOCKS).count() == 1


def test_mails_that_stayed_on_the_machine_go_after_two_days(db):
    old, new = build.kept_mail(), build.kept_mail()
    KeptMail.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(hours=49))

    assert keeping.sweep() == 1
    assert KeptMail.objects.get() == new


def test_mail_to_staff_can_be_read_there_too(settings, as_administrator, sam):
    from shop.links import Purpose, ask_for_link
    from shop.tasks import mail_reset

    settings.EMAIL_BACKEND = "crm.mail.mailbox.MailboxBackend"
    mail_reset(ask_for_link(Purpose.RESET, sam.pk).pk)

    kept = KeptMail.objects.get()
    assert "/password/" in words(as_administrator.get(f"/mail/kept/{kept.pk}/body/"))


def test_the_addresses_of_the_settings_are_checked(as_administrator):
    values = {"mail-from_address": "nonsense", "mail-reply_to": "", "mail-language": "en", "mail-keep_days": "90"}

    assert as_administrator.post("/settings/mail/", values).status_code == 422


def test_sending_settles_nothing_when_nothing_is_due(db):
    assert sending.send_due() == 0
