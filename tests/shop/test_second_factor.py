"""The second factor: switched on, asked for at the door, required of administrators, taken off."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from shop import totp
from shop.models import AuditRow, SecondFactor, Setting, StaffSession
from tests import build

PASSWORD = "a long password"
AT = "/profile/second-factor/"


def sealed_in(response):
    return re.search(r'name="sealed" value="([^"]+)"', response.content.decode())[1]


def secret_in(response):
    return re.search(r'secret__text">([A-Z2-7 ]+)<', response.content.decode())[1].replace(" ", "")


def codes_in(response):
    return re.findall(r"<li><code>([a-z0-9-]+)</code>", response.content.decode())


def switch_on(client, **typed):
    """(secret, recovery codes, the answer) of the way over the page."""
    page = client.get(AT)
    secret = secret_in(page)
    data = {"sealed": sealed_in(page), "code": totp.code(secret, totp.now()), "password": PASSWORD, **typed}
    answer = client.post(AT, data)
    return secret, codes_in(answer), answer


def has_factor(user, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"):
    """(secret, recovery codes) of somebody who switched it on long ago."""
    codes = SecondFactor.switch_on(user, secret, totp.code(secret, totp.now()))
    SecondFactor.objects.filter(user=user).update(last_step=0)
    return secret, codes


def give_password(client, user, **extra):
    return client.post("/login/", {"email": user.email, "password": PASSWORD, **extra})


def give_code(client, code, **extra):
    return client.post("/login/", {"code": code, **extra})


def code_of(secret):
    return totp.code(secret, totp.now())


def is_in(client):
    return client.get("/profile/").status_code == 200


def kinds():
    return list(AuditRow.objects.order_by("pk").values_list("kind", flat=True))


def test_it_is_switched_on_with_the_password_and_a_code(as_support, sam):
    secret, codes, answer = switch_on(as_support)

    assert answer.status_code == 200
    assert len(set(codes)) == 10
    assert 'href="/profile/">I have kept them' in answer.content.decode()
    assert is_in(as_support)
    factor = SecondFactor.objects.get(user=sam)
    assert secret not in factor.secret
    assert not {code.replace("-", "") for code in codes} & set(factor.recovery)
    assert kinds() == ["second_factor.on"]


@pytest.mark.parametrize("typed", [{"code": "00000x"}, {"code": ""}, {"password": "wrong"}, {"sealed": "made up"}])
def test_whatever_is_wrong_switches_nothing_on(as_support, sam, typed):
    answer = switch_on(as_support, **typed)[2]

    assert answer.status_code == 422
    assert not SecondFactor.objects.exists()


def test_after_a_wrong_code_the_same_secret_is_shown_again(as_support, sam):
    secret, _codes, again = switch_on(as_support, code="12345x")

    assert secret_in(again) == secret
    answer = as_support.post(AT, {"sealed": sealed_in(again), "code": code_of(secret)})
    assert len(codes_in(answer)) == 10


def test_the_secret_of_somebody_else_cannot_be_switched_on(as_support, as_manager):
    page = as_manager.get(AT)

    answer = switch_on(as_support, sealed=sealed_in(page), code=code_of(secret_in(page)))[2]

    assert answer.status_code == 422


def test_opening_the_page_stores_nothing(as_support, sam):
    as_support.get(AT)

    assert not SecondFactor.objects.exists()


def test_switching_it_on_signs_the_other_devices_out(as_support, sam):
    other = Client()
    other.force_login(sam)

    switch_on(as_support)

    assert is_in(as_support)
    assert not is_in(other)


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


def test_new_recovery_codes_need_a_code_and_end_the_old_ones(as_support, sam):
    secret, old = has_factor(sam)
    refused = as_support.post(f"{AT}codes/", {"codes_form-code": "000000x"})
    new = codes_in(as_support.post(f"{AT}codes/", {"codes_form-code": code_of(secret)}))

    assert refused.status_code == 422
    factor = SecondFactor.objects.get(user=sam)
    assert len(new) == 10
    assert factor.accepts(old[0]) is None
    assert factor.accepts(new[0]) == "recovery"


def test_it_is_switched_off_with_a_code_only(as_support, sam):
    secret, _codes = has_factor(sam)
    as_support.post(f"{AT}off/", {"off_form-code": "wrong", "off_form-password": PASSWORD})
    assert SecondFactor.objects.exists()

    as_support.post(f"{AT}off/", {"off_form-code": code_of(secret)})

    assert not SecondFactor.objects.exists()
    assert kinds() == ["second_factor.refused", "second_factor.off"]


def required():
    Setting.put("staff.second_factor", True)


@pytest.mark.parametrize("address", ["/", "/customers/", "/profile/", "/settings/staff/"])
def test_an_administrator_without_it_is_led_there_where_the_shop_asks_for_it(as_administrator, address):
    required()

    answer = as_administrator.get(address, follow=True)

    assert answer.redirect_chain[-1][0].startswith(AT)
    assert "This shop asks administrators for one" in answer.content.decode()


def test_an_administrator_without_it_can_change_nothing(as_administrator, ada, sam):
    required()

    as_administrator.post(f"/settings/staff/{sam.pk}/access/", {"allowed": "0"})
    part = as_administrator.get("/customers/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/")

    sam.refresh_from_db()
    assert sam.is_active
    assert (part.status_code, part.headers["HX-Redirect"].partition("?")[0]) == (401, AT)


def test_an_administrator_who_switched_it_on_goes_on_where_they_wanted_to(as_administrator):
    required()
    page = as_administrator.get("/settings/staff/", follow=True)
    secret = secret_in(page)
    data = {"sealed": sealed_in(page), "code": code_of(secret), "password": PASSWORD}

    codes = as_administrator.post(page.request["PATH_INFO"] + "?next=/settings/staff/", data)

    assert 'href="/settings/staff/"' in codes.content.decode()
    assert as_administrator.get("/settings/staff/").status_code == 200


def test_others_are_not_asked_for_it(as_support, as_manager):
    required()

    assert is_in(as_support)
    assert is_in(as_manager)


def test_where_it_is_required_an_administrator_cannot_switch_it_off(as_administrator, ada):
    required()
    secret, *_rest = switch_on(as_administrator)
    SecondFactor.objects.update(last_step=0)

    as_administrator.post(f"{AT}off/", {"off_form-code": code_of(secret)})

    assert SecondFactor.objects.exists()


def test_an_administrator_takes_it_off_somebody_who_lost_the_phone(as_administrator, ada, sam):
    has_factor(sam)
    phone = Client()
    phone.force_login(sam)
    assert "Take the second factor off" in as_administrator.get("/settings/staff/").content.decode()

    as_administrator.post(f"/settings/staff/{sam.pk}/second-factor/")

    assert not SecondFactor.objects.exists()
    assert not is_in(phone)
    row = AuditRow.objects.get(kind="second_factor.taken")
    assert (row.actor, row.subject_id) == (ada.actor, sam.pk)


def test_ones_own_goes_by_a_code_and_not_by_the_list_of_staff(as_administrator, ada):
    has_factor(ada)

    as_administrator.post(f"/settings/staff/{ada.pk}/second-factor/")

    assert SecondFactor.objects.filter(user=ada).exists()


def test_at_the_command_line_it_is_taken_off_the_last_administrator(ada):
    has_factor(ada)
    out = StringIO()

    call_command("switch_off_second_factor", "--email", ada.email.upper(), stdout=out)

    assert "password alone" in out.getvalue()
    assert not SecondFactor.objects.exists()
    assert kinds() == ["second_factor.taken"]


def test_at_the_command_line_somebody_unknown_is_an_error(db):
    with pytest.raises(CommandError, match="nobody"):
        call_command("switch_off_second_factor", "--email", "who@shop.example")


def test_an_export_asks_whoever_has_it_for_a_code(as_manager, mira):
    secret, _codes = has_factor(mira)
    build.customer()
    page = as_manager.get("/customers/export/?all=1").content.decode()
    assert 'name="code"' in page
    assert 'name="password"' not in page

    asked = {"all": "1", "column": "city", "format": "csv"}
    refused = as_manager.post("/customers/export/", {**asked, "code": "wrong"})
    begun = as_manager.post("/customers/export/", {**asked, "code": code_of(secret)})

    assert (refused.status_code, begun.status_code) == (422, 302)


def test_with_another_key_of_the_site_the_recovery_codes_still_open(sam, settings):
    secret, codes = has_factor(sam)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "quite another", []
    factor = SecondFactor.objects.get(user=sam)

    assert factor.accepts(code_of(secret)) is None
    assert factor.accepts(codes[0]) == "recovery"
