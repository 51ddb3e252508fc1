"""How a customer comes to their own page without a link, closes it, and what others find behind the same address."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.contact import card_link
from crm.duplicates.merging import merge
from crm.models import CustomerToken, Message
from crm.privacy.erasing import erase
from shop.models import Job
from tests import build

EMAIL = "ana@people.example"
SAID = "a mail with the link is on its way"


@pytest.fixture
def opened(ana):
    return f"/me/open/{_open_card(ana)}/"


def _open_card(customer):
    fields = {"channel": "email", "address": EMAIL}
    return CustomerToken.issue(purpose="me_open", lasts=timedelta(minutes=30), customer=customer, **fields)


def asked_for(client, email):
    """What the customer reads after it, with the jobs of the worker done."""
    answer = client.post("/me/", {"email": email})
    for job in Job.objects.filter(kind=card_link.KIND):
        card_link.mail_card_links(job.pk)
    return client.get(answer.headers["Location"]).content.decode()


def mailed():
    return list(
        Message.objects.filter(template="card_link").order_by("pk").values_list("customer__given_name", flat=True)
    )


# ---- the way in ----------------------------------------------------------------------------------


def test_whoever_names_their_e_mail_gets_the_link(client, ana):
    assert SAID in asked_for(client, " ANA@people.example ")

    assert mailed() == ["Ana"]


def test_an_address_that_nobody_has_looks_the_same_and_mails_nobody(client, ana):
    known = client.post("/me/", {"email": EMAIL})
    unknown = client.post("/me/", {"email": "nobody@people.example"})

    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert Job.objects.filter(kind=card_link.KIND).count() == 2
    assert SAID in asked_for(client, "nobody@people.example")
    assert mailed() == ["Ana"]


def test_an_address_never_waits_in_a_job(client, ana):
    client.post("/me/", {"email": EMAIL})

    assert Job.objects.get(kind=card_link.KIND).params == {"customers": [ana.pk]}


def test_everybody_who_shares_an_address_gets_their_own(client, ana, ben):
    build.identifier(ben, "email", EMAIL)

    asked_for(client, EMAIL)

    assert sorted(mailed()) == ["Ana", "Ben"]


def test_asked_again_and_again_is_one_mail_within_minutes_and_few_a_day(client, ana, time_machine):
    time_machine.move_to("2026-03-10 12:00:00+00:00", tick=False)
    for _ in range(3):
        asked_for(client, EMAIL)
    assert len(mailed()) == 1

    for hour in range(1, 12):
        time_machine.move_to(f"2026-03-10 {12 + hour}:00:00+00:00", tick=False)
        asked_for(Client(), EMAIL)

    assert len(mailed()) == card_link.MAILS_A_DAY


def test_one_household_may_ask_so_often_and_then_waits(client, ana):
    answers = [client.post("/me/", {"email": f"guess{n}@people.example"}).status_code for n in range(21)]

    assert answers == [303] * 20 + [429]


def test_what_is_no_address_is_said_at_the_field(client, db):
    answer = client.post("/me/?lang=en", {"email": "ana at home"})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert "That is no e-mail address." in answer.content.decode()


def test_a_form_of_another_site_is_refused(client, ana, opened):
    from_elsewhere = {"headers": {"Sec-Fetch-Site": "cross-site"}}

    assert client.post("/me/", {"email": EMAIL}, **from_elsewhere).status_code == 403
    assert client.post(f"{opened}close/", **from_elsewhere).status_code == 403
    assert client.get(opened).status_code == 200
    assert mailed() == []


@pytest.mark.parametrize("language", ["en", "ru", "uk", "pl"])
def test_it_speaks_the_language_of_the_browser_or_the_chosen_one_and_keeps_nothing(client, db, language):
    answer = client.get("/me/", headers={"Accept-Language": language})

    assert answer.headers["Content-Language"] == language
    assert client.get("/me/?lang=en", headers={"Accept-Language": language}).headers["Content-Language"] == "en"
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert b"<script" not in answer.content
    assert not answer.cookies


# ---- the way out ---------------------------------------------------------------------------------


def test_closing_it_ends_everything_that_it_opened(client, ana, opened):
    secret = opened.removeprefix("/me/open/").strip("/")
    others = [f"/me/preferences/{secret}/", f"/me/data/{secret}/"]
    assert [client.get(page).status_code for page in others] == [200, 200]

    answer = client.post(f"{opened}close/?lang=pl")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/?lang=pl&closed=1")
    assert [client.get(page).status_code for page in (opened, *others)] == [404] * 3
    assert client.post(f"{opened}close/").status_code == 404


def test_looking_does_not_close_it(client, opened):
    assert client.get(f"{opened}close/").status_code == 405
    assert client.get(opened).status_code == 200


def test_links_that_are_over_used_up_or_wrong_look_the_same_and_offer_a_new_one(client, ana, opened):
    expired, used = _open_card(ana), _open_card(ana)
    past = timezone.now() - timedelta(seconds=1)
    CustomerToken.objects.filter(pk=CustomerToken.find(expired, purpose="me_open").pk).update(expires_at=past)
    CustomerToken.find(used, purpose="me_open").use()

    pages = [client.get(f"/me/open/{secret}/?lang=en").content for secret in (expired, used, "x", "%C3%A9%20" * 9)]

    assert len(set(pages)) == 1
    assert 'href="/me/?lang=en"' in pages[0].decode()


# ---- who it is about -----------------------------------------------------------------------------


def test_a_merged_card_opens_the_one_it_went_into(client, ana, ben, opened):
    merge(ben, ana, actor="")

    assert "Hello Ben" in client.get(f"{opened}?lang=en").content.decode()
    assert SAID in asked_for(client, EMAIL)
    assert mailed() == ["Ben"]


def test_nothing_opens_for_somebody_who_was_erased(client, ana, opened, settings, tmp_path):
    settings.ERASED_FILE, settings.MEDIA_ROOT = tmp_path / "erased.jsonl", tmp_path
    asked = client.post("/me/", {"email": EMAIL})
    erase(ana, why="asked")

    for job in Job.objects.filter(kind=card_link.KIND):
        card_link.mail_card_links(job.pk)

    assert asked.status_code == 303
    assert client.get(opened).status_code == 404
    assert SAID in asked_for(client, EMAIL)
    assert mailed() == []


def test_what_they_allow_is_on_it_with_the_way_to_change_it(client, ana, opened):
    secret = opened.removeprefix("/me/open/").strip("/")
    client.post(f"/me/preferences/{secret}/", {"topic": ["offers"], "pause": "30"})

    html = client.get(f"{opened}?lang=en").content.decode()

    allowed = html.partition("What I allow")[2].partition("</section>")[0]
    assert [row.partition("</span><b>")[2][:3].strip("</b") for row in allowed.split("<li>")[1:6]] == ["Yes"] + [
        "No"
    ] * 4
    assert "A pause from mail until" in allowed
    assert f"/me/preferences/{secret}/?lang=en" in allowed
    assert "Back to my card" in client.get(f"/me/preferences/{secret}/?lang=en").content.decode()
