import importlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from shop.models import StaffSession, Throttle
from shop.sessions import SessionStore, stored
from tests import build

only_digests, second_factor_and_sessions = (
    importlib.import_module(f"shop.migrations.{name}")
    for name in ("0003_only_digests_of_sessions", "0005_second_factor_and_sessions")
)
PASSWORD = "a long password"


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/login/", {"email": email, "password": password, **extra}, REMOTE_ADDR="198.51.100.7")


def words(response):
    found = re.search(r'class="field__error"[^>]*>([^<]*)', response.content.decode())
    return found and found[1].strip()


def is_in(client):
    return client.get("/profile/").status_code == 200


def test_somebody_who_knows_the_password_comes_in_and_goes_on_where_they_wanted_to(client, sam):
    assert client.get("/profile/").headers["Location"] == "/login/?next=/profile/"

    response = sign_in(client, "SAM@shop.example ", next="/profile/")

    assert (response.status_code, response.headers["Location"]) == (302, "/profile/")
    assert is_in(client)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil"])
def test_nobody_is_sent_to_another_site_after_signing_in(client, sam, elsewhere):
    response = sign_in(client, sam.email, next=elsewhere)

    assert "evil" not in response.headers["Location"]
    assert "javascript" not in response.headers["Location"]


def test_a_wrong_password_says_how_many_tries_are_left_and_the_sixth_is_not_looked_at(client, sam):
    said = [words(sign_in(client, sam.email, "wrong")) for _ in range(5)]
    refused = sign_in(client, sam.email, PASSWORD)

    assert said[0] == "E-mail and password do not go together. 4 tries left."
    assert said[3] == "E-mail and password do not go together. 1 try left."
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 15 * 60 + 1
    assert not is_in(client)


def test_somebody_unknown_gets_the_same_answers(client, sam):
    known = [sign_in(client, sam.email, "wrong") for _ in range(6)]
    unknown = [sign_in(client, "nobody@shop.example", "wrong") for _ in range(6)]

    assert [(r.status_code, words(r)) for r in known] == [(r.status_code, words(r)) for r in unknown]


def test_an_unknown_e_mail_costs_the_same_hashing(client, db, monkeypatch):
    hashed = []
    monkeypatch.setattr("shop.models.User.set_password", lambda self, raw: hashed.append(raw))

    sign_in(client, "nobody@shop.example", "wrong")

    assert hashed == ["wrong"]


def test_after_a_quarter_of_an_hour_one_may_try_again(client, sam):
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(6):
            sign_in(client, sam.email, "wrong")
        clock.shift(timedelta(minutes=16))

        assert sign_in(client, sam.email).status_code == 302


def test_signing_in_forgets_the_tries_before(client, sam):
    for _ in range(4):
        sign_in(client, sam.email, "wrong")
    sign_in(client, sam.email)
    other = Client()

    assert words(sign_in(other, sam.email, "wrong")).endswith("4 tries left.")


def test_one_address_cannot_go_through_many_accounts(client, db):
    answers = [sign_in(client, f"person{n}@shop.example", "wrong").status_code for n in range(31)]

    assert answers == [422] * 30 + [429]


def test_a_made_up_forwarded_address_does_not_count_as_another(client, db):
    for n in range(31):
        response = client.post(
            "/login/",
            {"email": f"person{n}@shop.example", "password": "wrong"},
            REMOTE_ADDR="198.51.100.7",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{n}",
        )

    assert response.status_code == 429


@pytest.mark.django_db(transaction=True)
def test_of_64_parallel_guesses_five_are_looked_at(monkeypatch):
    build.user(email="sam@shop.example")
    looked = []
    monkeypatch.setattr(
        "shop.signing_in.authenticate", lambda *args, **kwargs: looked.append(1) or authenticate(*args, **kwargs)
    )
    monkeypatch.setattr("shop.signing_in.TRIES_PER_ADDRESS", 1000)

    def guess(n):
        try:
            return sign_in(Client(), "sam@shop.example", f"guess {n}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(guess, range(64)))

    assert len(looked) == 5
    assert answers.count(422) == 5


def test_the_session_gets_a_new_key(client, sam):
    client.get("/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = client.cookies["regulars_session"].value

    sign_in(client, sam.email)

    assert client.cookies["regulars_session"].value != before
    assert not SessionStore().exists(before)


def test_the_database_does_not_hold_the_key_of_a_session(client, sam):
    sign_in(client, sam.email)
    key = client.cookies["regulars_session"].value

    assert SessionStore().exists(key)
    assert [row.session_key for row in StaffSession.objects.all()] == [stored(key)]
    assert not is_in(whoever_holds(stored(key)))
    assert is_in(whoever_holds(key))


def whoever_holds(key):
    client = Client()
    client.cookies["regulars_session"] = key
    return client


def test_a_session_of_before_goes_on_in_the_table_of_now(client, sam):
    sign_in(client, sam.email)
    key, row = client.cookies["regulars_session"].value, StaffSession.objects.get()
    row.delete()
    as_django_wrote_it = {"session_data": row.session_data, "expire_date": row.expire_date}
    Session.objects.create(session_key=key, **as_django_wrote_it)

    with connection.cursor() as cursor:
        cursor.execute(only_digests.Migration.operations[0].sql)
    second_factor_and_sessions.move_sessions(apps, None)

    assert StaffSession.objects.get().user == sam
    assert is_in(client)
    client.post("/logout/")
    assert not StaffSession.objects.exists()


def test_whoever_loses_access_is_out_with_the_next_request(as_support, sam, ada):
    assert is_in(as_support)

    sam.deactivate()

    assert not is_in(as_support)
    assert sign_in(Client(), sam.email).status_code == 422


@pytest.mark.parametrize(
    ("pause", "stays"), [(timedelta(hours=11), True), (timedelta(hours=13), False), (timedelta(days=15), False)]
)
def test_a_session_ends_after_half_a_day_without_a_request(client, sam, pause, stays):
    with time_machine.travel(timezone.now()) as clock:
        sign_in(client, sam.email)
        clock.shift(pause)

        assert is_in(client) is stays


def test_a_session_ends_after_two_weeks_however_busy(client, sam):
    with time_machine.travel(timezone.now()) as clock:
        sign_in(client, sam.email)
        for _ in range(33):
            clock.shift(timedelta(hours=10))
            assert is_in(client)
        clock.shift(timedelta(hours=10))

        assert not is_in(client)


def test_signing_out_is_a_post(as_support):
    assert as_support.get("/logout/").status_code == 405
    assert is_in(as_support)

    as_support.post("/logout/")

    assert not is_in(as_support)


def test_the_language_of_the_door_is_kept_in_a_cookie(client, db):
    client.post("/language/", {"language": "pl", "next": "/login/"})
    assert client.get("/login/").headers["Content-Language"] == "pl"

    assert client.post("/language/", {"language": "../x", "next": "/login/"}).status_code == 302
    assert client.get("/login/").headers["Content-Language"] == "pl"


def test_the_throttle_keeps_neither_e_mail_nor_address(client, db):
    sign_in(client, "ana@shop.example", "wrong")

    rows = repr(list(Throttle.objects.values_list("scope", "digest")))
    assert "ana" not in rows
    assert "198.51" not in rows
