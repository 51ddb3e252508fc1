"""The customer's own page and the way out of one kind of mail: no login, no scripts; a GET changes nothing."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.contact import links
from crm.contact.budget import may_contact
from crm.models import Consent, CustomerToken, Event, Pause
from crm.tasks import sweep_contact
from shop.assets import joined
from shop.models import Setting
from tests.crm.contact.conftest import NOON
from tests.shop.test_access_table import rows_written

EMAIL = "ana@people.example"
pytestmark = pytest.mark.usefixtures("london")


def path_of(link):
    return link.removeprefix(settings.SITE_URL.rstrip("/"))


@pytest.fixture
def page(ana):
    return path_of(links.preferences(ana, EMAIL))


@pytest.fixture
def way_out(ana):
    return path_of(links.unsubscribe(ana, "Ana@People.example", "offers"))


def in_force():
    return {purpose: row.state for purpose, row in Consent.objects.current("email", EMAIL).items()}


def ticked(html):
    return re.findall(r'name="topic" value="(\w+)" checked', html)


# ---- what they get -------------------------------------------------------------------------------


def test_the_page_shows_what_holds_now(client, ana, page, allows):
    allows(ana, "offers")
    allows(ana, "points", state="withdrawn")

    html = client.get(page).content.decode()

    assert ticked(html) == ["offers", "feedback", "profiling"]
    assert EMAIL in html
    assert "No pause" in html


def test_saving_writes_down_every_topic_with_the_words_that_were_read(client, ana, page):
    answer = client.post(page, {"topic": ["offers", "birthday"], "pause": "none"})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{page}?lang=en&saved=1")
    assert in_force() == {
        "offers": "given",
        "birthday": "given",
        "points": "refused",
        "feedback": "refused",
        "profiling": "refused",
    }
    offers = Consent.objects.get(purpose="offers")
    assert (offers.method, offers.wording) == ("page", "Offers: Discounts and news of the shop.")
    assert "Saved." in client.get(answer.headers["Location"]).content.decode()


def test_saving_the_same_again_changes_nothing(client, page):
    client.post(page, {"topic": ["offers"], "pause": "30"})
    before = rows_written()

    client.post(page, {"topic": ["offers"], "pause": "30"})

    assert rows_written() == before


def test_topics_nobody_offered_are_not_heard(client, page):
    client.post(page, {"topic": ["service", "offers", "x"], "pause": "7000"})

    assert "service" not in in_force()
    assert not Pause.objects.exists()


def test_a_pause_lasts_whole_days_and_can_be_kept_and_ended(client, ana, page):
    with time_machine.travel(NOON, tick=False):
        client.post(page, {"topic": ["feedback"], "pause": "30"})
        assert "until 9 Apr 2026" in client.get(page).content.decode()
        assert may_contact(ana, "feedback").why == "paused"
        client.post(page, {"topic": ["feedback"], "pause": ""})
        assert Pause.objects.get().ended_at is None
        client.post(page, {"topic": ["feedback"], "pause": "none"})
        assert may_contact(ana, "feedback").allowed

    assert list(Event.objects.filter(kind__startswith="pause.").order_by("pk").values_list("kind", flat=True)) == [
        "pause.chosen",
        "pause.ended",
    ]


def test_a_longer_pause_takes_the_place_of_a_shorter_one(client, page):
    client.post(page, {"pause": "30"})
    client.post(page, {"pause": "90"})

    open_ones = Pause.objects.filter(ended_at=None)
    assert open_ones.get().until > timezone.now() + timedelta(days=89)


def test_who_does_not_want_advice_is_not_scored_until_they_want_it_again(client, ana, page):
    client.post(page, {"topic": ["offers"], "pause": "none"})
    ana.refresh_from_db()
    assert ana.unprofiled_since is not None

    client.post(page, {"topic": ["profiling"], "pause": "none"})

    ana.refresh_from_db()
    assert ana.unprofiled_since is None


def test_another_site_cannot_post_for_the_customer(client, page):
    answer = client.post(page, {"topic": ["offers"]}, headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403
    assert not Consent.objects.exists()


# ---- the way out ---------------------------------------------------------------------------------


def test_a_mail_program_unsubscribes_by_itself_without_cookie_or_login(way_out, allows, ana):
    allows(ana, "offers", "birthday")
    bare = Client(enforce_csrf_checks=True)

    answer = bare.post(way_out, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    assert (answer.status_code, answer.cookies) == (200, {})
    assert in_force() == {"offers": "withdrawn", "birthday": "given"}
    assert Consent.objects.latest("pk").method == "link"


def test_unsubscribing_twice_is_once(client, way_out, allows, ana):
    allows(ana, "offers")
    client.post(way_out)
    before = rows_written()

    answer = client.post(way_out).content.decode()
    assert "You are unsubscribed" in answer
    assert f'href="{reverse("crm:me")}' in answer
    assert rows_written() == before


def test_the_way_out_never_ends_and_leads_only_out(client, way_out, allows, ana, page):
    with time_machine.travel(timezone.now() + timedelta(days=4000)):
        assert client.post(way_out).status_code == 200
        assert client.get(page).status_code == 404
    secret = way_out.rstrip("/").rpartition("/")[2]

    assert in_force() == {"offers": "withdrawn"}
    assert client.get(f"/me/preferences/{secret}/").status_code == 404
    assert client.post(f"/me/preferences/{secret}/", {"topic": ["offers"]}).status_code == 404


def test_no_way_leads_out_of_service_mail(ana):
    with pytest.raises(ValueError, match="service"):
        links.unsubscribe(ana, EMAIL, "service")


def test_the_way_out_does_not_tell_the_address(client, way_out):
    html = client.get(way_out).content.decode()

    assert EMAIL not in html
    assert "a…\u2060@people.example" in html


# ---- links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["preferences", "unsubscribe"])
def test_unknown_over_and_malformed_links_look_the_same(client, ana, kind):
    over = CustomerToken.issue(
        purpose=kind, lasts=timedelta(days=-1), customer=ana, channel="email", address=EMAIL, topic="offers"
    )
    answers = [client.get(f"/me/{kind}/{secret}/") for secret in (over, "x" * 43, "x", "%00", "я" * 500, "a.b~c")]

    assert {(answer.status_code, answer.content) for answer in answers if answer.status_code != 400} == {
        (404, answers[0].content)
    }


def test_guessing_is_counted(client, db):
    statuses = [client.get(f"/me/unsubscribe/{number}/").status_code for number in range(32)]

    assert statuses == [404] * 30 + [429] * 2


def test_whoever_guessed_too_often_reads_it_as_a_customer_in_the_language_of_the_page(client, db):
    for number in range(30):
        client.get(f"/me/unsubscribe/{number}/")
    refused = client.get("/me/unsubscribe/again/?lang=pl")
    page = refused.content.decode()

    assert refused.status_code == 429
    assert (refused["Content-Language"], refused["Referrer-Policy"]) == ("pl", "no-referrer")
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert 'class="shopfront"' in page
    assert Setting.get("shop.name") in page
    assert "css/app.css" not in page


@pytest.mark.parametrize("address", ["/me/", "/me/unsubscribe/x/", "/f/x/", "/s/x/"])
def test_every_other_refusal_is_worded_for_customers_too(client, db, address):
    page = client.put(address)

    assert page.status_code == 405
    assert 'class="shopfront"' in page.content.decode()
    assert page["Allow"]


@pytest.mark.parametrize("name", ["page", "way_out"])
def test_every_link_fetched_three_times_changes_nothing(name, request, client):
    address = request.getfixturevalue(name)
    before = rows_written()

    for query in ("", "?lang=pl", "?saved=1&lang=nonsense"):
        assert client.get(address + query).status_code == 200
        client.head(address + query)

    assert rows_written() == before


@pytest.mark.parametrize("name", ["page", "way_out"])
def test_nothing_of_the_page_is_kept_or_told_on(name, request, client):
    answer = client.get(request.getfixturevalue(name))

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.content.decode()
    assert not answer.cookies


def test_only_a_digest_of_the_secret_is_kept(ana, page):
    secret = page.rstrip("/").rpartition("/")[2]
    token = CustomerToken.objects.get()

    assert len(secret) >= 43
    assert bytes(token.digest) not in (secret.encode(), b"")
    assert len(bytes(token.digest)) == 32
    assert CustomerToken.find(secret, purpose="unsubscribe") is None
    assert CustomerToken.find(secret, purpose="preferences") == token


@pytest.mark.parametrize("language", ["en", "ru", "uk", "pl"])
def test_the_page_speaks_the_language_of_the_card_and_any_other_on_demand(client, ana, page, language):
    ana.language = language
    ana.save()

    assert client.get(page).headers["Content-Language"] == language
    assert client.get(f"{page}?lang=en").headers["Content-Language"] == "en"
    html = client.get(page).content.decode()
    assert html.count('hreflang="') == 4
    assert f'<html lang="{language}"' in html


@pytest.mark.parametrize("language", ["en", "ru"])
def test_page_and_styles_are_under_20_kb(client, page, language):
    files = {
        str(path.relative_to(settings.BASE_DIR / "static")): (finders, str(path))
        for path in (Path(settings.BASE_DIR) / "static" / "css").rglob("*.css")
    }
    import gzip

    class Plain:
        def open(self, path):
            return Path(path).open("rb")

    styles, _parts = joined({name: (Plain(), path) for name, (_, path) in files.items()}, "css/customer.css")
    html = client.get(f"{page}?lang={language}").content

    assert len(gzip.compress(styles.encode())) + len(html) < 20_000


def test_links_that_are_over_are_swept_and_ways_out_stay(ana, page, way_out):
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        sweep_contact()

    assert [token.purpose for token in CustomerToken.objects.all()] == ["unsubscribe"]
