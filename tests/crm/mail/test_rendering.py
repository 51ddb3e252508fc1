"""A whole mail, in each language, light and dark, and what of it is kept."""

import re
from itertools import product

import pytest
from django.conf import settings
from django.test import Client

from config.mails import MAILS
from crm.mail import rendering, sending
from crm.mail.kinds import mail_named, mails
from crm.mail.placeholders import BRACED, allowed, complaints
from crm.mail.rendering import preview, render
from crm.mail.texts import shipped, text_for, versions
from crm.models import CustomerToken, CustomField, KeptMail, MailText, Message
from shop.models import Setting
from tests import build
from tests.crm.mail.conftest import wants_offers
from tests.shop.test_access_table import rows_written

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize(
    ("name", "language"),
    product(["preferences_link", "complaint_received", "complaint_solved", "data_copy"], LANGUAGES),
)
def test_every_first_text_is_there_and_uses_only_what_its_mail_knows(name, language, db):
    text, mail = shipped(name, language), mail_named(name)

    assert complaints(text.subject + text.body, allowed(mail)) == []
    assert set(mail.placeholders) <= set(BRACED.findall(text.subject + text.body))
    written = preview(mail, text, build.customer("Ana Lindqvist"))
    assert "{" not in written.text
    assert "Ana" in written.text
    assert f'<html lang="{language}"' in written.html


def test_first_texts_of_other_rooms_are_in_every_language(db):
    known = versions()

    assert [(name, language) for name, language in product(mails(), LANGUAGES) if (name, language) not in known] == []


def test_a_mail_carries_its_colours_in_its_tags_and_those_of_the_dark_in_its_head(ana):
    html = preview(mail_named("preferences_link"), shipped("preferences_link", "en"), ana).html

    assert re.search(r'class="button"[^>]*style="[^"]*background-color: ?#0d5a6b', html)
    assert "prefers-color-scheme: dark" in html
    assert 'name="color-scheme" content="light dark"' in html
    assert "url(" not in html
    assert not re.search(r"<(?:link|img|script)\b", html)


def test_own_fields_are_written_in_the_language_of_the_mail(ana):
    CustomField.objects.create(key="wedding", label="Wedding", kind="date")
    ana.custom = {"wedding": "2026-03-02"}
    MailText.publish("preferences_link", "pl", subject="x", body="{custom.wedding}", by=None)

    written = preview(mail_named("preferences_link"), text_for("preferences_link", "pl"), ana)

    assert "2 mar" in written.text


def test_the_newest_version_goes_out_and_the_message_says_which(ana, mira):
    MailText.publish("preferences_link", "en", subject="One", body="{link}", by=mira)
    MailText.publish("preferences_link", "en", subject="Two", body="{link}", by=mira)
    assert MailText.publish("preferences_link", "en", subject="Two", body="{link}", by=mira) is None
    message = Message.queue(ana, "service", "preferences_link", "x")

    sending.send_due()

    message.refresh_from_db()
    assert (message.version, message.subject) == (2, "Two")


def test_a_language_without_words_gets_the_shops(ana, monkeypatch):
    Setting.put("mail.language", "pl")
    ana.language = "uk"
    ana.save()
    monkeypatch.setattr("crm.mail.texts.shipped", lambda name, code: None if code == "uk" else shipped(name, code))
    Message.queue(ana, "service", "preferences_link", "x")

    sending.send_due()

    assert Message.objects.get().language == "pl"


def test_each_attempt_has_a_link_of_its_own_and_none_is_kept(ana):
    message = Message.queue(ana, "service", "preferences_link", "x")

    one, two = render(message), render(message)

    links = [re.search(r"http\S+/me/preferences/\S+", written.text)[0] for written in (one, two)]
    assert links[0] != links[1]
    assert CustomerToken.objects.count() == 2
    kept = one.without_secrets()
    secret = links[0].rstrip("/").rpartition("/")[2]
    assert secret not in kept["text"] + kept["html"]
    assert "/me/preferences/…" in kept["text"]
    assert "/me/preferences/…" in kept["html"]


def test_marketing_can_be_left_with_one_click(ana, postbox, offer):
    wants_offers(ana)
    Message.queue(ana, "offers", "autumn", "autumn:1", context={"percent": "10"})

    sending.send_due()

    (mail,) = postbox.mails
    address = mail["List-Unsubscribe"].strip(" <>")
    assert address.startswith(f"{settings.SITE_URL}/me/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.get_body(["html"]).get_content()
    answer = Client().post(address.removeprefix(settings.SITE_URL), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Message.queue(ana, "offers", "autumn", "autumn:2").why == "withdrawn"


@pytest.mark.parametrize("name", [mail.name for mail in MAILS])
def test_every_link_of_every_mail_can_be_fetched_three_times_and_nothing_changes(name, ana, monkeypatch):
    mail = mail_named(name)
    promises = any(str(sample).startswith("http") for sample in mail.samples.values())
    if not promises:  # what it says of points or complaints is no link: the samples do
        said = {key: str(sample) for key, sample in mail.samples.items()}
        monkeypatch.setattr(rendering, "minted", lambda mail, message: said)
    about = {"cause": f"invitation:{build.invitation(ana, build.survey()).pk}"} if name.startswith("survey_") else {}
    message = build.message(ana, template=name, purpose=mail.purpose, address="ana@people.example", **about)

    written = render(message)
    links = set(re.findall(rf"{settings.SITE_URL}[^\s\"<>]*", written.html + written.text + written.unsubscribe))

    assert bool(links) is (promises or not message.is_service)
    before = rows_written()
    for link in links:
        path = link.removeprefix(settings.SITE_URL)
        assert [Client().get(path).status_code for _time in range(3)] == [200] * 3
        assert Client().head(path).status_code == 200
    assert rows_written() == before


def test_without_a_way_to_send_mails_can_be_read_here_with_links_that_work(ana, settings, as_administrator):
    settings.EMAIL_BACKEND = "crm.mail.mailbox.MailboxBackend"
    Message.queue(ana, "service", "preferences_link", "x")

    sending.send_due()

    kept = KeptMail.objects.get()
    assert kept.recipients == "ana@people.example"
    assert "ana@people.example" in as_administrator.get("/mail/kept/").content.decode()
    page = as_administrator.get(f"/mail/kept/{kept.pk}/").content.decode()
    assert "Auto-Submitted" in page
    body = as_administrator.get(f"/mail/kept/{kept.pk}/body/")
    link = re.search(r'href="http://[^/]+(/me/preferences/[^"]+)"', body.content.decode())[1]
    assert Client().get(link).status_code == 200
    assert "sandbox" in body["Content-Security-Policy"]
    assert "allow-scripts" not in body["Content-Security-Policy"]
