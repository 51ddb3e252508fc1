"""The second step of signing in: a code after the password."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from shop import totp
from shop.models import SecondFactor, StaffSession
from tests import build
from tests.shop.factors import (
    code_of,
    give_code,
    give_password,
    has_factor,
    is_in,
    kinds,
)


def test_the_password_alone_opens_nothing(client, sam):
    secret, _codes = has_factor(sam)

    step = give_password(client, sam, next="/customers/")

    assert step.headers["Location"] == "/login/?next=%2Fcustomers%2F"
    assert not is_in(client)
    assert not StaffSession.objects.exclude(user=None).exists()
    assert "staff.signed_in" not in kinds()
    page = client.get(step.headers["Location"])
    assert 'name="code"' in page.content.decode()

    answer = give_code(client, code_of(secret), next="/customers/")

    assert answer.headers["Location"] == "/customers/"
    assert is_in(client)


def test_each_step_gets_a_new_session_key(client, sam):
    secret, _codes = has_factor(sam)
    give_password(client, sam)
    half = client.cookies["regulars_session"].value

    give_code(client, code_of(secret))

    assert client.cookies["regulars_session"].value != half
    assert StaffSession.objects.count() == 1


def test_a_code_opens_once(sam):
    secret, _codes = has_factor(sam)
    with time_machine.travel(timezone.now(), tick=False):
        one, two = Client(), Client()
        for client in (one, two):
            give_password(client, sam)
            give_code(client, code_of(secret))

    assert (is_in(one), is_in(two)) == (True, False)


def test_a_code_before_one_that_was_used_is_over_too(sam):
    secret, _codes = has_factor(sam)
    with time_machine.travel(timezone.now(), tick=False):
        before = totp.code(secret, totp.now() - 1)
        factor = SecondFactor.objects.get(user=sam)

        assert factor.accepts(code_of(secret)) == "app"
        assert factor.accepts(before) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_two_who_type_the_same_code_at_once_one_gets_in(monkeypatch, kind):
    """Both have seen that the code fits before either uses it up."""
    sam = build.user("support")
    secret, codes = has_factor(sam)
    clients = [Client(), Client()]
    for client in clients:
        give_password(client, sam)
    typed = code_of(secret) if kind == "app" else codes[0]
    both, met, plain = threading.Barrier(2, timeout=120), threading.local(), SecondFactor._row.fget

    def after_both_looked(factor):
        if not hasattr(met, "once"):
            met.once = both.wait()
        return plain(factor)

    monkeypatch.setattr(SecondFactor, "_row", property(after_both_looked))

    def enter(client):
        try:
            return give_code(client, typed).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(enter, clients))

    monkeypatch.undo()
    assert answers == [302, 422]
    assert sorted(map(is_in, clients)) == [False, True]


def test_a_recovery_code_opens_once_however_it_is_typed(sam):
    _secret, codes = has_factor(sam)
    typed = codes[3].upper().replace("-", " ")
    one, two = Client(), Client()
    for client in (one, two):
        give_password(client, sam)
        give_code(client, typed)

    assert (is_in(one), is_in(two)) == (True, False)
    assert len(SecondFactor.objects.get(user=sam).recovery) == 9
    assert kinds() == ["second_factor.recovered", "staff.signed_in", "second_factor.refused"]


@pytest.mark.parametrize("typed", ["", " ", "abc", "١٢٣٤٥٦", "1" * 41, "\x00", "'; --", "-"])
def test_nothing_odd_is_a_code(client, sam, typed):
    has_factor(sam)
    give_password(client, sam)

    assert give_code(client, typed).status_code in (400, 422)
    assert not is_in(client)


def test_after_five_wrong_codes_the_right_one_is_not_looked_at(client, sam):
    secret, _codes = has_factor(sam)
    give_password(client, sam)
    answers = [give_code(client, "wrong") for _ in range(5)]
    refused = give_code(client, code_of(secret))

    assert [answer.status_code for answer in answers] == [422] * 5
    assert "4 tries left" in answers[0].content.decode()
    assert "last try" in answers[4].content.decode()
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 15 * 60 + 1
    assert not is_in(client)


@pytest.fixture
def stopped(sam):
    """(secret, a browser that is half in) of somebody whose code was guessed at for hours, with a right one between."""
    secret, _codes = has_factor(sam)
    client = Client()
    with time_machine.travel(timezone.now()) as clock:
        for number in range(20):
            give_password(client, sam)
            if number == 7:
                give_code(client, code_of(secret))
                client.post("/logout/")
                give_password(client, sam)
            answer = give_code(client, "wrong")
            clock.shift(timedelta(minutes=16))
        assert "last try" in answer.content.decode()
        give_password(client, sam)
        yield secret, client


def test_after_twenty_wrong_codes_in_a_day_the_right_one_is_not_looked_at_until_it_is_over(stopped, sam):
    secret, client = stopped
    refused = give_code(client, code_of(secret))

    assert refused.status_code == 429
    assert "Too many wrong codes today. In 19 hours" in refused.content.decode()
    assert int(refused.headers["Retry-After"]) > 18 * 3600
    assert (kinds().count("second_factor.refused"), kinds().count("second_factor.stopped")) == (20, 1)
    with time_machine.travel(timezone.now() + timedelta(hours=20)):
        give_password(client, sam)
        give_code(client, code_of(secret))
        assert is_in(client)


def test_an_administrator_lets_them_type_codes_again(stopped, sam, as_administrator):
    secret, client = stopped
    page = as_administrator.get("/settings/staff/").content.decode()
    as_administrator.post(f"/settings/staff/{sam.pk}/codes/")

    give_code(client, code_of(secret))

    assert "too many wrong codes" in page
    assert "second_factor.released" in kinds()
    assert is_in(client)
    assert "too many wrong codes" not in as_administrator.get("/settings/staff/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_many_parallel_guesses_five_are_looked_at(monkeypatch):
    sam = build.user("support")
    has_factor(sam)
    client = Client()
    give_password(client, sam)
    key = client.cookies["regulars_session"].value
    looked, plain = [], SecondFactor.accepts
    monkeypatch.setattr(SecondFactor, "accepts", lambda factor, typed: looked.append(1) or plain(factor, typed))

    def guess(n):
        guesser = Client()
        guesser.cookies["regulars_session"] = key
        try:
            return give_code(guesser, f"{n:06}x").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(guess, range(32)))

    assert len(looked) == 5
    assert sorted(answers) == [422] * 5 + [429] * 27


def change_the_password(sam):
    sam.set_password("quite another password")
    sam.save()


@pytest.mark.parametrize(
    "meanwhile", [change_the_password, lambda sam: sam.deactivate(), lambda sam: SecondFactor.take_from(sam)]
)
def test_what_was_taken_away_between_the_steps_is_gone(client, sam, ada, meanwhile):
    secret, _codes = has_factor(sam)
    give_password(client, sam)
    meanwhile(sam)

    give_code(client, code_of(secret))

    assert not is_in(client)


def test_the_password_of_a_while_ago_is_asked_for_again(client, sam):
    secret, _codes = has_factor(sam)
    with time_machine.travel(timezone.now()) as clock:
        give_password(client, sam)
        clock.shift(timedelta(minutes=11))
        page = give_code(client, code_of(secret))

        assert 'name="password"' in page.content.decode()
        assert not is_in(client)


def test_at_the_code_one_may_begin_anew_as_somebody_else(client, sam, mira):
    has_factor(sam)
    give_password(client, sam)

    assert 'name="password"' in client.get("/login/?anew=1").content.decode()
    give_password(client, mira)

    assert mira.name in client.get("/profile/").content.decode()


def test_an_invitation_sent_to_somebody_with_a_second_factor_is_no_way_around_it(client, sam):
    has_factor(sam)
    out = StringIO()
    call_command("create_administrator", "--email", sam.email, stdout=out)
    link = re.search(r"/invitation/\S+", out.getvalue())[0]

    answer = client.post(link, {"name": "Sam", "password": "quite another password"})

    assert answer.headers["Location"].startswith("/login/")
    assert not is_in(client)
