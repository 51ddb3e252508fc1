"""Where somebody is signed in: listed, and ended."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from shop.devices import seen_from
from shop.models import AuditRow, StaffSession
from shop.sessions import stored

PASSWORD = "a long password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"


def signed_in(user, agent=FIREFOX, address="198.51.100.7"):
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    client.post("/login/", {"email": user.email, "password": PASSWORD})
    return client


def is_in(client):
    return client.get("/profile/").status_code == 200


def session_of(client):
    return StaffSession.objects.get(pk=stored(client.cookies["regulars_session"].value))


def test_the_profile_lists_each_session_with_device_and_address(sam, mira):
    here = signed_in(sam)
    signed_in(sam, PHONE, "203.0.113.9")
    signed_in(mira, PHONE, "192.0.2.44")

    page = here.get("/profile/").content.decode()

    assert "Firefox on Linux" in page
    assert "198.51.100.7" in page
    assert "Chrome on Android" in page
    assert "203.0.113.9" in page
    assert "192.0.2.44" not in page
    assert page.count("this one") == 1


def test_the_page_does_not_tell_the_key_of_a_session(sam):
    here, there = signed_in(sam), signed_in(sam, PHONE)

    page = here.get("/profile/").content.decode()

    assert here.cookies["regulars_session"].value not in page
    assert there.cookies["regulars_session"].value not in page


def test_one_is_ended_and_the_others_go_on(sam):
    here, there, third = signed_in(sam), signed_in(sam, PHONE), signed_in(sam)

    here.post(f"/profile/sessions/{session_of(there).pk}/end/")

    assert [is_in(client) for client in (here, there, third)] == [True, False, True]
    assert AuditRow.objects.filter(kind="staff.session_ended", actor=sam.actor).count() == 1


def test_all_others_are_ended_at_once(sam, mira):
    here, there, third, hers = signed_in(sam), signed_in(sam, PHONE), signed_in(sam), signed_in(mira)

    here.post("/profile/sessions/end/")

    assert [is_in(client) for client in (here, there, third, hers)] == [True, False, False, True]
    assert AuditRow.objects.get(kind="staff.sessions_ended").data == {"count": 2}


@pytest.mark.parametrize("whose", ["mira", "mine", "nobody"])
def test_neither_that_of_somebody_else_nor_ones_own_is_ended_so(sam, mira, whose):
    here, hers = signed_in(sam), signed_in(mira)
    digest = {"mira": session_of(hers).pk, "mine": session_of(here).pk, "nobody": "x"}[whose]

    assert here.post(f"/profile/sessions/{digest}/end/").status_code == 404
    assert is_in(here)
    assert is_in(hers)


def test_a_new_password_ends_the_other_sessions(sam):
    here, there = signed_in(sam), signed_in(sam, PHONE)

    here.post("/profile/password/", {"current": PASSWORD, "password": "quite another password"})

    assert sam.sessions.count() == 1
    assert (is_in(here), is_in(there)) == (True, False)


def test_whoever_loses_access_has_no_session_any_more(sam, ada):
    signed_in(sam)

    sam.deactivate()

    assert not sam.sessions.exists()


def test_last_use_and_address_follow_the_requests(sam):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        here = signed_in(sam)
        began = session_of(here)
        clock.shift(timedelta(hours=2))
        here.get("/profile/", REMOTE_ADDR="203.0.113.9")

        now = session_of(here)
        assert now.since == began.since
        assert now.seen_at - began.seen_at == timedelta(hours=2)
        assert now.address == "203.0.113.9"


def test_those_that_rested_too_long_are_not_listed(sam):
    with time_machine.travel(timezone.now()) as clock:
        signed_in(sam, PHONE)
        clock.shift(timedelta(hours=13))
        here = signed_in(sam)

        page = here.get("/profile/").content.decode()

    assert "Chrome on Android" not in page
    assert "Firefox on Linux" in page


def test_the_profile_asks_the_database_as_much_for_many_sessions(sam, django_assert_max_num_queries):
    here = signed_in(sam)
    for _ in range(20):
        signed_in(sam, PHONE)

    with django_assert_max_num_queries(12):
        here.get("/profile/")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (PHONE, ("Chrome", "Android")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0 Safari/537.36 Edg/141.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", ("Safari", "macOS")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", ("Safari", "iPhone")),
        ("curl/8.0", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_device_in_two_words(rf, agent, words):
    assert seen_from(rf.get("/", HTTP_USER_AGENT=agent))[1:] == words
