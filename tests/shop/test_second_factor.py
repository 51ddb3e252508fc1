"""The second factor: switched on, required of administrators, taken off."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from shop.models import AuditRow, SecondFactor, Setting
from tests import build
from tests.shop.factors import (
    AT,
    PASSWORD,
    code_of,
    codes_in,
    has_factor,
    is_in,
    kinds,
    sealed_in,
    secret_in,
    switch_on,
)


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
