"""Nothing a client sends gives a 500, and every answer tells the browser what it may do."""

import io
import json

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from shop.models import Heartbeat, Job, Setting
from shop.tasks import heartbeat
from tests import build


@pytest.fixture
def visitor(db):
    return Client(raise_request_exception=False)


@pytest.fixture
def insider(ada):
    client = Client(raise_request_exception=False)
    client.force_login(ada)
    return client


ADDRESSES = [
    "/login/?next=%00",
    "/login/%00",
    "/%ff%fe/",
    "/login/?next=%ed%a0%80",
    "/login/?next=" + "x" * 50_000,
    "/jobs/" + "9" * 5000 + "/",
    "/jobs/" + "9" * 30 + "/",
    "/settings/staff/" + "9" * 30 + "/role/",
    "/password/" + "a" * 20_000 + "/",
    "/password/\ud800/",
    "//evil.example//",
    "/static/%00.css",
    "/static/../../etc/passwd",
    "/api/v1/orders/%00/",
]


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda a: a[:40].encode("ascii", "replace").decode())
def test_no_address_breaks_the_site(insider, address):
    address = address.encode("utf-8", "surrogatepass").decode("latin-1") if not address.isascii() else address

    for method in (insider.get, insider.post):
        assert method(address).status_code < 500


HEADERS = [
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "a b\x00"},
    {"HTTP_COOKIE": "regulars_session=\x00\x00\x00\x00\x00\x00\x00\x00"},
    {"HTTP_COOKIE": "regulars_session=ééééééééééééé; django_language=../../etc; messages=%%%"},
    {"HTTP_COOKIE": "csrftoken=" + "x" * 5000},
    {"HTTP_ACCEPT_LANGUAGE": "xx-" * 2000},
    {"CONTENT_LENGTH": "abc"},
    {"CONTENT_LENGTH": "-5"},
    {"HTTP_REFERER": "http://[::1"},
    {"CONTENT_TYPE": "multipart/form-data"},
    {"CONTENT_TYPE": "multipart/form-data; boundary=" + "x" * 500},
    {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-7-nonsense"},
    {"HTTP_X_FORWARDED_FOR": "\x00, nonsense"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[::1"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda h: repr(h)[:40])
@pytest.mark.parametrize("address", ["/login/", "/profile/", "/api/v1/orders/"])
def test_no_header_breaks_the_site(visitor, headers, address):
    for method in ("GET", "POST"):
        extra = {"CONTENT_TYPE": "application/x-www-form-urlencoded", **headers}
        kind = extra.pop("CONTENT_TYPE")
        response = visitor.generic(method, address, b"email=a%40b.example&password=x", content_type=kind, **extra)

        assert response.status_code < 500, response.content[:300]


BODIES = [
    b"email=%00&password=%00",
    b"email=\xff\xfe&password=\xed\xa0\x80",
    b"&".join(b"f%d=1" % n for n in range(1200)),
    b"email=" + b"x" * 6_000_000,
    b"email=a@b.example&password=" + b"x" * 600,
    b"=&=&&==;;%%%",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda b: repr(b[:24]))
def test_no_form_breaks_the_site(visitor, body):
    response = visitor.generic("POST", "/login/", body, content_type="application/x-www-form-urlencoded")

    assert response.status_code in (400, 413, 422)
    assert "X-Request-Id" in response.headers


def test_a_form_that_is_too_large_is_said_to_be_so(visitor):
    response = visitor.generic("POST", "/login/", b"x" * 6_000_000, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 413
    assert "too large" in response.content.decode()


JSON = [b"[" * 100_000, b'{"total": 1e1000000}', b'"\\ud800"', b'{"reference": "\\u0000"}', b"\xff", b"9" * 5000]


@pytest.mark.parametrize("body", JSON, ids=lambda b: repr(b[:24]))
def test_no_json_breaks_the_api(visitor, body):
    from shop.models import ApiKey

    _key, text = ApiKey.make("till", ["orders.add"])
    response = visitor.generic(
        "POST", "/api/v1/orders/", body, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {text}"
    )

    assert 400 <= response.status_code < 500
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_body_that_breaks_off_is_a_bad_request(visitor):
    class BrokenPipe(io.BytesIO):
        def read(self, *args):
            raise OSError("gone")

    response = visitor.generic(
        "POST", "/login/", "", content_type="application/x-www-form-urlencoded", CONTENT_LENGTH="50",
        **{"wsgi.input": BrokenPipe()},
    )  # fmt: skip

    assert response.status_code < 500


def test_a_method_that_is_not_there_gets_words(visitor):
    response = visitor.get("/logout/")

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert "does not work that way" in response.content.decode()


def test_each_refusal_names_the_request_for_people_and_programs(visitor):
    page, answer = visitor.get("/nothing/"), visitor.get("/api/v1/nothing/")

    assert page.headers["X-Request-Id"] in page.content.decode()
    assert answer.json() | {"title": "", "detail": ""} == {
        "type": "urn:regulars:problem:not_found",
        "title": "",
        "status": 404,
        "code": "not_found",
        "detail": "",
        "request_id": answer.headers["X-Request-Id"],
    }


def away(*args, **kwargs):
    raise OperationalError("connection refused")


def dropped(*args, **kwargs):
    raise InterfaceError("connection already closed")


@pytest.mark.parametrize("fault", [away, dropped])
@pytest.mark.parametrize(
    "where",
    [
        "django.contrib.sessions.backends.db.SessionStore.load",
        "django.contrib.auth.get_user",
        "shop.models.Setting.get",
        "shop.views.profile.User.objects.get",
        "shop.context.navigation_for",
    ],
)
def test_the_database_away_is_a_503_wherever_it_is_missed(insider, monkeypatch, fault, where):
    monkeypatch.setattr(where, fault)

    response = insider.get("/profile/")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "database does not answer" in response.content.decode()
    assert response.headers["Content-Security-Policy"]


def test_the_database_away_is_a_problem_for_programs(visitor, monkeypatch):
    monkeypatch.setattr("shop.models.Setting.get", away)

    response = visitor.get("/api/v1/orders/x/y/")

    assert (response.status_code, response.json()["code"]) == (503, "not_available")
    assert response.headers["Retry-After"]


def test_a_fault_of_ours_is_a_500_that_says_nothing_about_it(insider, monkeypatch, caplog):
    def fault(*args, **kwargs):
        raise KeyError("secret of ana@people.example")

    monkeypatch.setattr("shop.views.profile.ProfileForm", fault)

    response = insider.get("/profile/")

    assert response.status_code == 500
    assert "ana@" not in response.content.decode()
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["request failed"]


def test_a_program_is_told_of_a_fault_of_ours_in_words_and_what_to_do(visitor, monkeypatch, db):
    def fault(*args, **kwargs):
        raise KeyError("secret of ana@people.example")

    monkeypatch.setattr("crm.api.people.KnownBy.find", fault)
    visitor.raise_request_exception = False
    key, body = build.api_key("web", "customers.edit"), {"email": "ana@people.example"}

    answer = visitor.post("/api/v1/cards/", body, "application/json", headers={"authorization": f"Bearer {key}"})

    told = answer.json()
    assert (answer.status_code, told["code"], told["title"]) == (500, "broken", "Something broke on our side.")
    assert "Idempotency-Key" in told["detail"]
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert "ana@" not in json.dumps(told)


def test_the_log_says_what_broke_without_what_somebody_typed():
    import logging

    from shop.logs import JsonFormatter

    try:
        raise KeyError("ana@people.example")
    except KeyError:
        import sys

        record = logging.LogRecord("shop", logging.ERROR, __file__, 1, "request failed", None, sys.exc_info())
    line = json.loads(JsonFormatter().format(record))

    assert line["error"] == "KeyError"
    assert "ana@" not in json.dumps(line)


@pytest.mark.parametrize("address", ["/login/", "/nothing/", "/profile/", "/livez", "/api/v1/nothing/"])
def test_every_answer_has_a_strict_policy(visitor, address):
    headers = visitor.get(address).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "Cookie" in headers["Vary"]


def test_alive_and_ready_ask_neither_session_nor_host(visitor, monkeypatch):
    monkeypatch.setattr("shop.models.Setting.get", away)

    assert visitor.get("/livez", HTTP_HOST="10.0.0.5").json()["status"] == "ok"
    assert visitor.get("/readyz", HTTP_HOST="10.0.0.5").json()["status"] == "ok"


def test_not_ready_while_migrations_are_missing_or_the_database_is_away(visitor, monkeypatch):
    monkeypatch.setattr("shop.health.expected_migrations", lambda: frozenset({("shop", "9999_later")}))
    missing = visitor.get("/readyz")
    monkeypatch.setattr("shop.health.is_migrated", away)
    gone = visitor.get("/readyz")

    assert (missing.status_code, missing.json()["reason"]) == (503, "migrations are missing")
    assert (gone.status_code, gone.json()["reason"]) == (503, "the database does not answer")


def test_health_is_ok_while_everything_beats_and_says_what_is_wrong_else(visitor):
    silent = visitor.get("/healthz").json()
    assert silent["reasons"] == ["relay is silent", "beat is silent"]

    for name in ("relay", "beat"):
        heartbeat(name)
    assert visitor.get("/healthz").json()["status"] == "ok"
    assert Heartbeat.objects.count() == 2


def test_strangers_learn_only_whether_all_is_well(visitor, insider):
    stranger = visitor.get("/healthz", REMOTE_ADDR="203.0.113.9").json()
    behind_a_proxy = visitor.get("/healthz", HTTP_X_FORWARDED_FOR="203.0.113.9").json()
    administrator = insider.get("/healthz", REMOTE_ADDR="203.0.113.9").json()

    assert stranger == behind_a_proxy == {"status": "degraded"}
    assert "reasons" in administrator


def test_a_disk_that_is_nearly_full_is_said(visitor, settings):
    settings.DISK_RESERVE = 10**18

    assert "the disk is nearly full" in visitor.get("/healthz").json()["reasons"]


def test_progress_is_shown_to_whoever_asked_and_to_those_who_see_reports(as_support, as_manager, sam, mira):
    mine, other = Job.request("a.b", by=sam), Job.request("c.d", by=mira)
    Job.objects.filter(pk=mine.pk).update(state="running", stage="Reading", done=50, total=200)

    page = as_support.get(f"/jobs/{mine.pk}/").content.decode()

    assert "Reading" in page
    assert "50 of 200" in page
    assert "every 1s" in page
    assert as_support.get(f"/jobs/{other.pk}/").status_code == 403
    assert as_manager.get(f"/jobs/{mine.pk}/").status_code == 200


def test_a_job_is_cancelled_and_then_asks_no_more(as_support, sam):
    job = Job.request("a.b", by=sam)

    as_support.post(f"/jobs/{job.pk}/cancel/")

    response = as_support.get(f"/jobs/{job.pk}/")
    assert "Cancelled" in response.content.decode()
    assert "every 1s" not in response.content.decode()
    assert "job-ended" in response.headers["HX-Trigger"]


def test_a_part_of_a_page_sends_the_whole_page_to_the_door(visitor):
    response = visitor.get(
        "/profile/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/customers/?page=2"
    )

    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/login/?next=%2Fcustomers%2F%3Fpage%3D2"


def test_settings_are_read_once_in_a_request(insider, django_assert_max_num_queries):
    Setting.put("shop.name", "X")
    build.user()

    insider.get("/profile/")

    with django_assert_max_num_queries(7):  # one counts the complaints of the navigation, one lists the sessions
        insider.get("/profile/")
