"""The whole site at work: what people typed is in the database, and neither in Redis nor in the log of any process."""

import http.client
import json
import re

import pytest

from crm.models import Message, Reaction
from shop.models import Job
from tests import build
from tests.crm.privacy import everywhere
from tests.faults.browser import Browser
from tests.faults.running import running_site, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults"), pytest.mark.django_db(transaction=True)]
CANARY = re.compile(r"zq[a-z]{3,14}qz")


@pytest.fixture
def site(transactional_db, tmp_path):
    with running_site(tmp_path) as site:
        yield site


def typed_in(text):
    return set(CANARY.findall(text.lower()))


class Program:
    def __init__(self, site, key):
        self.site, self.number = site, 0
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def tell(self, path, body=None, method="POST"):
        self.number += 1
        wire = http.client.HTTPConnection(*self.site.address, timeout=300)
        try:
            told = body if isinstance(body, str) else json.dumps(body)
            wire.request(method, f"/api/v1/{path}", told, {**self.headers, "Idempotency-Key": f"zq-{self.number}"})
            answer = wire.getresponse()
            return answer.status, json.loads(answer.read() or "{}")
        finally:
            wire.close()

    def is_heard(self):
        try:
            return self.tell("customers/", "", "GET")[0] == 200
        except OSError:
            return False


def a_program_at_work(program):
    order = {
        "reference": "zqreferenceqz", "placed_at": "2026-11-01T12:00:00Z", "total": "20.00",
        "customer": {"email": "zqmailqz@people.example", "phone": "+44 7700 900142", "given_name": "Zqgivenqz"},
        "lines": [{"sku": "zqskuqz", "name": "zqlineqz"}],
    }  # fmt: skip
    status, told = program.tell("orders/", order)
    assert status == 201, told
    customer = told["customer"]["id"] if isinstance(told["customer"], dict) else told["customer"]
    assert program.tell(f"customers/{customer}/notes/", {"kind": "call", "body": "zqnoteqz"})[0] == 201
    assert program.tell(f"customers/{customer}/fields/", {"about": "zqaboutqz", "city": "zqcityqz"})[0] == 200
    complaint = {"customer": {"email": "zqmailqz@people.example"}, "title": "zqtitleqz", "details": "zqdetailsqz"}
    assert program.tell("complaints/", complaint)[0] == 201
    for refused in ({**order, "total": "zqwrongqz"}, {"zqunknownqz": 1}, '{"zqbrokenqz": '):
        assert program.tell("orders/", refused)[0] == 400
    assert program.tell("customers/?q=zqgivenqz", "", "GET")[0] == 200
    assert program.tell("zqnothingqz/", "", "GET")[0] == 404
    return customer


def somebody_at_work(browser, customer):
    for path in ("/customers/?q=zqfamilyqz", "/find/?q=zqsearchqz", f"/customers/{customer}/", "/zqplaceqz/"):
        browser.open(path)
    page = browser.open("/customers/new/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    card = {"given_name": "Zqsecondqz", "email": "zqothermailqz@people.example", "city": "zqtownqz"}
    assert "Zqsecondqz" in browser.open("/customers/new/", csrfmiddlewaretoken=token, **card).text


def somebody_at_the_door(browser):
    page = browser.open("/password/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    browser.open("/password/", csrfmiddlewaretoken=token, email="zqstaffqz@shop.example")
    browser.open("/login/", csrfmiddlewaretoken=token, email="zqstaffqz@shop.example", password="zqpasswordqz")


def requests_in(log):
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("message") == "request"]


def test_what_people_typed_is_neither_in_redis_nor_in_a_log(site):
    scopes = ("orders.add", "customers.edit", "customers.view", "complaints.work")
    program = Program(site, build.api_key("webshop", *scopes))
    clerk, stranger = Browser(*site.address), Browser(*site.address)
    wait_until(program.is_heard, 300, f"the web answers\n{site.logs()}")
    site.worker.stop()  # its wake-ups stay in Redis, where they can be looked at

    somebody_at_the_door(stranger)
    clerk.sign_in(build.user("support").email, "a long password")
    customer = a_program_at_work(program)
    somebody_at_work(clerk, customer)
    Message.queue(build.customer("Zqthirdqz", email="zqthirdmailqz@people.example"), "service", "preferences_link", "c")
    url = site.valkey.url()
    wait_until(lambda: "crm.react" in everywhere.redis_text(url), 300, f"the relay tells Redis\n{site.logs()}")
    waiting = everywhere.redis_text(url)
    site.worker = site.start_worker()
    wait_until(lambda: not Reaction.objects.filter(done_at=None).exists(), 300, f"all is done\n{site.logs()}")
    wait_until(lambda: not Job.objects.live().exists(), 300, f"the mails are sent\n{site.logs()}")

    log = site.everything_logged()
    assert len(typed_in("".join(everywhere.database().values()))) >= 12
    assert typed_in(waiting + everywhere.redis_text(url)) == set()
    assert typed_in(log) == set()
    assert len(requests_in(log)) >= 15
    assert all(re.fullmatch("[0-9a-f]{16}", line["request"]) for line in requests_in(log))
