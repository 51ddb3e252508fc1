from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from shop.models import ApiKey, ApiKeyUse, TwoKeysLive
from tests import build

NOWHERE = "/api/v1/orders/shop/none/"


def opens(text: str) -> bool:
    return Client(headers={"authorization": f"Bearer {text}"}).get(NOWHERE).status_code == 404


@pytest.fixture
def text(ada):
    return build.api_key("till", "customers.view", by=ada)


def test_a_key_opens_and_only_its_hmac_is_stored(text):
    key = ApiKey.objects.get()

    assert opens(text)
    assert text.partition(".")[2].encode() not in bytes(key.digest)
    assert text == f"rg_{key.identity}.{text.partition('.')[2]}"


@pytest.mark.parametrize(
    "presented",
    ["", "x", "rg_", "rg_0123456789ab.", "rg_0123456789ab." + "A" * 43, "rg_é.ü", "\x00", "rg_" + "9" * 9999],
)
def test_what_is_no_key_opens_nothing(text, presented):
    assert ApiKey.find(presented) is None
    assert ApiKey.find(text[:-1] + ("A" if text[-1] != "A" else "B")) is None


def test_a_key_of_another_secret_key_opens_nothing(text, settings):
    settings.SECRET_KEY = "another one"

    assert not opens(text)


def test_the_key_is_read_from_its_header_only(text):
    assert Client().get(f"{NOWHERE}?key={text}&access_token={text}").status_code == 401
    assert Client(headers={"x-api-key": text}).get(NOWHERE).status_code == 401


def test_a_withdrawn_key_an_expired_key_and_the_key_of_somebody_who_left_open_nothing_at_once(text, ada):
    key = ApiKey.objects.get()

    assert key.withdraw()
    assert not key.withdraw()
    assert not opens(text)

    ApiKey.objects.update(withdrawn_at=None, expires_at=timezone.now())
    assert not opens(text)

    ApiKey.objects.update(expires_at=None)
    assert opens(text)
    ada.deactivated_at = timezone.now()
    ada.save()
    assert not opens(text)


def test_two_keys_of_a_name_live_so_that_one_can_take_over(text):
    second = build.api_key("till", "customers.view")
    with pytest.raises(TwoKeysLive):
        build.api_key("till", "customers.view")
    assert opens(text)
    assert opens(second)

    ApiKey.find(text).withdraw()

    assert opens(build.api_key("till", "customers.view"))


def test_an_expired_key_gives_its_place_back(text):
    build.api_key("till", "customers.view", lasts=timedelta(days=1))
    ApiKey.objects.filter(slot=2).update(expires_at=timezone.now())

    assert opens(build.api_key("till", "customers.view"))


def test_its_last_use_is_noted_once_a_minute(text):
    assert ApiKeyUse.objects.get().at is None

    opens(text)
    first = ApiKeyUse.objects.get().at
    opens(text)

    assert first is not None
    assert ApiKeyUse.objects.get().at == first
    ApiKeyUse.objects.update(at=first - timedelta(minutes=2))
    opens(text)
    assert ApiKeyUse.objects.get().at >= first


def test_a_scope_that_does_not_exist_is_refused(db):
    for scopes in ([], ["orders.eat"]):
        with pytest.raises(LookupError):
            ApiKey.make("till", scopes)


def test_the_command_prints_the_key_and_says_what_is_wrong(db, capsys):
    call_command("create_api_key", "--name", "webshop", "--scope", "orders.add", "--days", "30")

    key = ApiKey.find(capsys.readouterr().out.strip())
    assert key is not None
    assert key.scopes == ["orders.add"]
    call_command("create_api_key", "--name", "webshop", "--scope", "orders.add")
    for wrong in (["--name", "webshop", "--scope", "orders.add"], ["--name", "x", "--scope", "nothing"]):
        with pytest.raises(CommandError):
            call_command("create_api_key", *wrong)


def test_an_administrator_makes_a_key_sees_it_once_and_withdraws_it(as_administrator, ada):
    page = as_administrator.post("/settings/keys/", {"name": "till", "scopes": ["orders.add"], "days": "90"})

    key = ApiKey.objects.get()
    assert page.status_code == 200
    text = page.context["made"]
    assert text in page.content.decode()
    assert ApiKey.find(text) == key
    assert key.made_by == ada
    assert text not in as_administrator.get("/settings/keys/").content.decode()

    as_administrator.post(f"/settings/keys/{key.pk}/withdraw/")

    assert ApiKey.find(text) is None


def test_a_third_key_of_a_name_is_refused_on_the_page(as_administrator):
    told = {"name": "till", "scopes": ["orders.add"], "days": ""}
    answers = [as_administrator.post("/settings/keys/", told).status_code for _ in range(3)]

    assert answers == [200, 200, 422]
    assert ApiKey.objects.count() == 2


def test_a_manager_makes_no_keys(as_manager):
    assert as_manager.post("/settings/keys/", {"name": "x", "scopes": ["orders.add"]}).status_code == 403
    assert not ApiKey.objects.exists()
