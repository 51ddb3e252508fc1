"""What somebody would try who means harm: scripts in names, forms from elsewhere, odd addresses, borrowed hosts."""

import json
import logging
import runpy
import sys
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from crm.models import Import
from shop.access import PUBLIC, all_patterns, declared
from shop.logs import JsonFormatter
from shop.models import Job, Setting
from shop.tasks import mail_reset
from tests import build
from tests.shop.test_access_table import address_of

EVIL = """<script>alert(1)</script>"><img src=x onerror=alert(1)>'{{ 7|add:35 }}"""
ADDRESSES = [(name, pattern) for _route, name, pattern in all_patterns() if declared(pattern.callback) != PUBLIC]
PAGES = [(name, pattern) for name, pattern in ADDRESSES if "api" not in name and "order" not in name]
# Posts that prove themselves in another way, or whose effect is nobody's harm; see the views.
# What lies behind a secret link sends no referrer; the token in its address is its own proof.
NO_CSRF = {"shop:language", "shop:reset", "shop:invitation", "crm:mail_webhook", "no_such_address"}
NO_CSRF |= {"crm:preferences", "crm:unsubscribe", "crm:me_data", "crm:me_copy", "crm:me_copy_file"}
NO_CSRF |= {"crm:me"}  # whoever asks there is nobody yet, and no cookie says otherwise
# These too are proved by the secret in their address.
NO_CSRF |= {"crm:me_card_asked", "crm:me_card", "crm:me_open", "crm:me_close"}
NO_CSRF |= {"feedback:form", "feedback:form_opened", "feedback:me_answer"}
NO_CSRF |= {"feedback:open_form", "feedback:framed_form"}  # whoever answers there is nobody the shop knows


@pytest.fixture
def evil_world(db, sam, ada):
    customer = build.customer(f"Eve {EVIL}"[:120], email="eve@people.example", city=EVIL[:80])
    build.order(customer, reference=EVIL[:64])
    build.note(customer, body=EVIL)
    file = Import.objects.create(
        file_name=EVIL,
        path="/nowhere",
        mapping={"header": [EVIL, "b"], "columns": {"amount": EVIL}},
        report={"lines": 2, "has_nul": False},
    )
    Setting.put("shop.name", EVIL[:60], by=ada)
    ada.name = sam.name = EVIL[:120]
    ada.save()
    sam.save()
    return {
        "customer": customer.pk,
        "task": build.task(ada, title=EVIL[:120], customer=customer).pk,
        "identifier": customer.identifiers.get().pk,
        "job": Job.request("shop.nothing", by=ada, note=EVIL).pk,
        "user": sam.pk,
        "import": file.pk,
        "screen": "shop",
    }


class Marks(HTMLParser):
    """Elements and attributes that our own pages never have."""

    def __init__(self):
        super().__init__()
        self.bad = []

    def handle_starttag(self, tag, attributes):
        self.bad += [f"{tag} {name}" for name, _value in attributes if name.startswith("on")]
        if tag == "script" and not dict(attributes).get("src"):
            self.bad.append("script")


@pytest.mark.slow
@pytest.mark.parametrize("frame", ["page", "part"])
@pytest.mark.parametrize(("name", "pattern"), PAGES, ids=[name for name, _ in PAGES])
def test_what_somebody_typed_is_never_run(name, pattern, frame, evil_world, as_administrator):
    headers = {"HTTP_HX_REQUEST": "true"} if frame == "part" else {}
    as_administrator.raise_request_exception = False

    address = address_of(name, pattern, evil_world)
    answer = as_administrator.get(address, {"q": EVIL, "from": EVIL, "next": EVIL, "list": EVIL}, **headers)

    assert answer.status_code < 500
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        marks = Marks()
        marks.feed(answer.content.decode())
        assert marks.bad == []
        assert "'42" not in answer.content.decode()


@pytest.mark.parametrize(("name", "pattern"), ADDRESSES, ids=[name for name, _ in ADDRESSES])
def test_a_form_of_another_site_is_refused(name, pattern, ada):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    answer = browser.post(address_of(name, pattern, {"screen": "shop"}), HTTP_ORIGIN="https://evil.example")

    assert answer.status_code in ((401, 404, 405) if "/api/" in answer.wsgi_request.path else (403, 405))


def test_only_these_posts_need_no_token_of_the_form():
    exempt = {name for _route, name, pattern in all_patterns() if getattr(pattern.callback, "csrf_exempt", False)}
    api = {name for _route, name, pattern in all_patterns() if hasattr(pattern.callback, "cls")}

    assert exempt - api == NO_CSRF - {"no_such_address"}


QUERY = "q sort after before size from show list mode month cohorts cohort after_row who whose customer next page csv"
ODD = [
    "-1",
    "9" * 400,
    "NaN",
    "1e400",
    "9999-12-31",
    "2026-02-30",
    "0001-01",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "'; DROP TABLE crm_customer; --",
    "-p_alive__customer__password",
    "²",
    "{}[]%s%(x)s{0}",
    "999",
]


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(len(ODD)))
def test_no_question_breaks_a_page(turn, evil_world, as_administrator):
    """Each turn every parameter gets another of the odd values."""
    as_administrator.raise_request_exception = False
    asked = {name: ODD[(place + turn) % len(ODD)] for place, name in enumerate(QUERY.split())}

    for name, pattern in PAGES:
        if name.startswith(("crm:", "analytics:")):  # pages of settings ask nothing
            answer = as_administrator.get(address_of(name, pattern, evil_world), asked)
            assert answer.status_code < 500, name


class Forms(HTMLParser):
    """(address, {field: value}) of every form that posts."""

    def __init__(self, here):
        super().__init__()
        self.here, self.found = here, []
        self.fields = None

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag == "form":
            posts = "hx-post" in said or said.get("method", "").lower() == "post"
            address = said.get("hx-post") or said.get("action") or self.here
            self.fields = {}
            if posts and "logout" not in address:
                self.found.append((address, self.fields))
        elif self.fields is not None and tag in ("input", "select", "textarea", "button") and said.get("name"):
            self.fields[said["name"]] = said.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.fields = None


TYPED = ["\0", "\ud800", "x" * 200_000, "NaN", "1e1000000", "2026-02-30", "9" * 30, "-1", " ", "²", "\u202e\r\nBcc: x"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pattern"), PAGES, ids=[name for name, _ in PAGES])
def test_nothing_typed_into_a_form_breaks_it(name, pattern, evil_world, as_administrator):
    """Each field in turn, the others as they are offered; then all of them at once."""
    as_administrator.raise_request_exception = False
    forms = Forms(address_of(name, pattern, evil_world))
    forms.feed(b"".join(as_administrator.get(forms.here)).decode("utf-8", "replace"))

    for address, offered in forms.found:
        turns = [{**offered, field: TYPED[n % len(TYPED)]} for n, field in enumerate(offered)]
        for typed in [*turns, *({**offered, **dict.fromkeys(offered, odd)} for odd in TYPED[::3])]:
            body = urlencode(typed, errors="surrogatepass")
            answer = as_administrator.post(address, body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code < 500, (address, {field: value[:20] for field, value in typed.items()})


def test_a_link_by_mail_leads_here_whatever_host_was_asked_for(client, sam, settings):
    settings.SITE_URL = "https://shop.example"
    asked = {"email": sam.email}

    strange = client.post(reverse("shop:forgotten"), asked, HTTP_HOST="evil.example")
    client.post(reverse("shop:forgotten"), asked, HTTP_X_FORWARDED_HOST="evil.example", HTTP_FORWARDED="host=evil")
    for job in Job.objects.due():
        mail_reset(job.pk)

    assert strange.status_code == 400
    assert [("https://shop.example/password/" in m.body, "evil" in m.body) for m in mail.outbox] == [(True, False)]


def test_cookies_are_for_this_site_and_not_for_scripts(client, sam, monkeypatch):
    answer = client.post(reverse("shop:login"), {"email": sam.email, "password": "a long password"})

    assert {(c["httponly"], c["samesite"]) for c in answer.cookies.values()} == {(True, "Lax")}
    monkeypatch.setenv("SITE_URL", "https://shop.example")
    behind_tls = runpy.run_path(sys.modules["config.settings"].__file__)
    assert behind_tls["SESSION_COOKIE_SECURE"]
    assert behind_tls["CSRF_COOKIE_SECURE"]
    assert behind_tls["SECURE_HSTS_SECONDS"]


def test_a_task_that_fails_does_not_log_what_somebody_typed():
    context = {"name": "crm.react", "id": "1", "description": "raised unexpected", "exc": "ana@people.example"}
    context |= {"args": "ana@people.example", "traceback": "ana@people.example"}
    text = "Task %(name)s[%(id)s] %(description)s: %(exc)s"
    record = logging.LogRecord("celery.app.trace", logging.ERROR, __file__, 1, text, (context,), None)
    record.data = context

    line = JsonFormatter().format(record)

    assert json.loads(line)["message"] == "task crm.react raised unexpected"
    assert "ana@" not in line
