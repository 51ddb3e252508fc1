"""Role × address × method, generated from the URL configuration.

Every address declares who may open it (shop/access.py). Whoever may not is refused, and after a refusal,
as after every GET by anyone, nothing was written: PostgreSQL itself counts the rows of this transaction.
"""

import time
import types
from dataclasses import dataclass
from functools import cached_property

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse

from crm.models import Webhook
from shop.access import PUBLIC, SIGNED_IN, all_patterns, declared, public, right, undeclared
from shop.models import ApiKey, Heartbeat, Job, Setting, User
from shop.rights import RIGHTS, ROLES
from tests import build

UNUSUAL = ["PUT", "PATCH", "DELETE"]
METHODS = ["GET", "POST", *UNUSUAL]
# Records of access, not facts: sessions, tries, when a key was last used.
ACCESS_RECORDS = {"shop_staffsession", "shop_throttle", "shop_apikeyuse", "crm_cardopened"}

# What anybody may open, written down once more: an address does not become public by a slip.
OPEN_TO_ALL = {
    "shop:login",
    "shop:logout",
    "shop:language",
    "shop:forgotten",
    "shop:reset",
    "shop:invitation",
    "shop:livez",
    "shop:readyz",
    "shop:healthz",
    "shop:metrics",
    "crm:preferences",
    "feedback:brand_css",
    "feedback:brand_logo",
    "crm:unsubscribe",
    "crm:me_data",
    "crm:me",
    "crm:me_card",
    "crm:me_close",
    "crm:me_open",
    "crm:me_card_asked",
    "crm:me_copy",
    "crm:me_copy_file",
    "no_such_address",
    "shop_api:openapi",
    "api_papers",
    "crm:mail_webhook",
    "feedback:form",
    "feedback:form_opened",
    "feedback:open_form",
    "feedback:framed_form",
    "feedback:widget_script",
    "feedback:me_answer",
}

ADDRESSES = [(name or route, pattern) for route, name, pattern in all_patterns()]

WRITTEN = """
    SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
               + pg_stat_get_xact_tuples_deleted(oid))
      FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL (%s)
"""


def rows_written():
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, [list(ACCESS_RECORDS)])
        return cursor.fetchone()[0]


class Visitors:
    """One client per role, anonymous, and API keys with one scope each."""

    def __init__(self, people):
        self.people, self.clients = people, {}
        self.keys = {scope: ApiKey.make(f"with {scope}", [scope])[1] for scope in RIGHTS}
        self.sessions = {role: self._session(user) for role, user in people.items()}
        self.come()

    @staticmethod
    def _session(user):
        client = Client()
        if user:
            client.force_login(user)
            session = client.session
            session["since"], session["seen"] = time.time(), time.time() + 3600  # so that no request has to note it
            session.save()
        return {name: cookie.value for name, cookie in client.cookies.items()}

    def come(self):
        """With the cookies of the first day: signing out at one address is nothing to the next."""
        for role, cookies in self.sessions.items():
            self.clients[role] = Client(raise_request_exception=False)
            self.clients[role].cookies.load(cookies)
        return self

    def expected(self, needed):
        """(who, headers, may) for an address of the staff."""
        for who, user in self.people.items():
            yield who, {}, needed == PUBLIC or (user is not None and (needed == SIGNED_IN or user.may(needed)))

    def expected_of_api(self, needed):
        """Only a key opens the API, and only for its scopes; a session of staff is no key."""
        for who in self.people:
            if who in ("nobody", "administrator"):
                yield who, {}, needed == PUBLIC
        for scope in ({needed} | {"customers.view"}) & set(RIGHTS):
            headers = {"HTTP_AUTHORIZATION": f"Bearer {self.keys[scope]}"}
            yield f"key with {scope}", headers, needed in (PUBLIC, scope)

    def client(self, who):
        return self.clients.get(who, self.clients["nobody"])


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker):
    """The world and its visitors, made once: every request takes back what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        staff = {role: build.user(role) for role in ROLES}
        world = things(staff["support"], staff["administrator"])
        yield world, Visitors({"nobody": None, **staff})
        transaction.set_rollback(True)


@pytest.fixture
def world(db, stage):
    return stage[0]


@pytest.fixture
def visitors(db, stage):
    return stage[1].come()


def things(sam, ada):
    """One of everything that an address may name."""
    customer = build.customer(email="ana@people.example")
    order = build.order(customer)
    Heartbeat.beat("relay")
    Setting.put("shop.name", "Tansy & Wren", by=ada)
    hook, _secret = Webhook.make(name="shop", url="https://shop.example/", kinds=["order.placed"])
    return {
        "customer": customer.pk,
        "order": order.pk,
        "note": build.note(customer).pk,
        "segment": build.segment(sam).pk,
        "task": build.task(sam, customer=customer).pk,
        "complaint": build.complaint(customer).pk,
        "identifier": customer.identifiers.get().pk,
        "job": Job.request("shop.nothing", by=sam).pk,
        "user": build.user("support").pk,
        "key": ApiKey.make("till", ["orders.add"])[0].pk,
        "source": order.source,
        "reference": order.reference,
        "screen": "shop",
        "secret": "x" * 43,
        "message": build.message(customer).pk,
        "webhook": hook.pk,
        "delivery": hook.test(by=ada).pk,
        "kept": build.kept_mail().pk,
        "template": "preferences_link",
        "language": "en",
    }


def address_of(name, pattern, world, number=None):
    """Arguments are filled by their names: job_id is the job's; or all that are numbers with this one."""
    converters = pattern.pattern.converters
    arguments = {}
    for argument, converter in converters.items():
        subject = argument.removesuffix("_id").removesuffix("_pk")
        if subject == "pk":  # of what the address is named after: crm:task_done is about a task
            subject = name.partition(":")[2].partition("_")[0]
            subject = subject if subject in world else "customer"
        fallback = "x" if type(converter).__name__ in ("StringConverter", "SlugConverter", "PathConverter") else 1
        meant = world.get(subject, fallback)
        arguments[argument] = number if number and isinstance(meant, int) else meant
    return reverse(name, kwargs=arguments)


def is_refusal(response):
    to_the_door = response.status_code == 302 and response.headers["Location"].startswith("/login/")
    return response.status_code in (401, 403) or to_the_door


def wrongs(name, pattern, world, visitors):
    """What does not go with the table, as sentences; empty is good."""
    before = rows_written()
    visits = list(visits_of(name, pattern, world, visitors))
    found = [wrong for visit in visits if not visit.may_write for wrong in visit.wrongs()]
    if rows_written() != before:  # one of them: which is asked only then
        found += [wrong for visit in visits if not visit.may_write for wrong in visit.writes()]
    return found + [wrong for visit in visits if visit.may_write for wrong in visit.wrongs()]


def visits_of(name, pattern, world, visitors, number=None):
    url = address_of(name, pattern, world, number)
    for method in METHODS:
        needed = declared(pattern.callback, method)
        expected = visitors.expected_of_api(needed) if url.startswith("/api/") else visitors.expected(needed)
        visits = [
            Visit(visitors.client(who), who, method, url, headers, f"{who} {method} {name}", may)
            for who, headers, may in expected
        ]
        if method in UNUSUAL and visits[-1].answered.status_code == 405:  # whom nothing is refused
            visits = [visit for visit in visits if visit.who not in ("support", "manager")]
        yield from visits


@dataclass
class Visit:
    client: Client
    who: str
    method: str
    url: str
    headers: dict
    what: str
    may: bool

    @property
    def may_write(self):
        return self.may and self.method != "GET" and not self.what.endswith("logout")

    def answer(self):
        """What is answered; what it did is taken back."""
        to_api = self.method != "GET" and "/api/" in self.url
        body = {"data": "{}", "content_type": "application/json", "HTTP_IDEMPOTENCY_KEY": "once"} if to_api else {}
        with transaction.atomic():  # so that the key is new each time
            response = getattr(self.client, self.method.lower())(self.url, **body, **self.headers)
            transaction.set_rollback(True)
        return response

    @cached_property
    def answered(self):
        return self.answer()

    def wrongs(self):
        response = self.answered
        refused = is_refusal(response)
        if response.status_code >= 500:
            yield f"{self.what}: {response.status_code}"
        if not self.may and not refused and response.status_code != 405:
            yield f"{self.what}: should be refused, was answered with {response.status_code}"
        if self.may and refused and not self.what.endswith("logout"):
            yield f"{self.what}: may, but was refused with {response.status_code}"

    def writes(self):
        before = rows_written()
        self.answer()
        if written := rows_written() - before:
            yield f"{self.what}: wrote {written} rows"


@pytest.mark.parametrize(("name", "pattern"), ADDRESSES, ids=[name for name, _ in ADDRESSES])
def test_each_role_may_do_what_the_address_declares_and_nothing_else(name, pattern, world, visitors):
    assert wrongs(name, pattern, world, visitors) == []


NUMBERED = [(name, pattern) for name, pattern in ADDRESSES if "int:pk" in str(pattern.pattern)]


@pytest.mark.parametrize(("name", "pattern"), NUMBERED, ids=[name for name, _ in NUMBERED])
def test_a_number_that_no_row_can_have_is_of_nothing(name, pattern, world, visitors):
    visits = list(visits_of(name, pattern, world, visitors, number=2**63))

    assert [visit.what for visit in visits if visit.answered.status_code >= 500] == []
    assert not any(visit.answered.status_code == 200 for visit in visits)


def test_every_address_declares_who_may_open_it():
    assert undeclared() == []


def test_every_address_has_a_name():
    assert [route for route, name, _ in all_patterns() if name.endswith(":") or not name] == []


def test_every_declared_right_exists():
    rights = {declared(pattern.callback, method) for _, pattern in ADDRESSES for method in METHODS}

    assert rights <= {*RIGHTS, PUBLIC, SIGNED_IN}


def test_only_these_addresses_are_open_to_all():
    assert {name for name, pattern in ADDRESSES if declared(pattern.callback) == PUBLIC} == OPEN_TO_ALL


def test_roles_are_made_of_rights():
    assert set(ROLES) == set(User.Role.values)
    for role, rights in ROLES.items():
        assert rights <= set(RIGHTS), role
    assert not ROLES["manager"] & {"settings.edit", "staff.manage", "keys.manage", "audit.view"}


# The table itself must be able to fail.


def writes(request):
    Heartbeat.beat("x")
    return HttpResponse()


def says_nothing(request):
    return HttpResponse()


def writes_before_it_refuses(request):
    Heartbeat.beat("x")
    return HttpResponse(status=403)


def open_inside(request):
    return HttpResponse()


open_inside.right, open_inside.rights_by_method = "settings.edit", {}


def site_of(*patterns):
    site = types.ModuleType("site_of_this_test")
    site.urlpatterns = list(patterns)
    return override_settings(ROOT_URLCONF=site)


FAULTS = {
    "writes": (right("reports.view")(writes), "wrote"),
    "early": (public(writes_before_it_refuses), "wrote"),
    "open": (open_inside, "should be refused"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_table_finds_a_view_that_does_otherwise(fault, world, visitors):
    view, complaint = FAULTS[fault]
    address = path("x/", view, name="x")
    with site_of(address, path("", include("shop.urls"))):
        found = wrongs("x", address, world, visitors)

    assert any(complaint in wrong for wrong in found)
    # What was taken from staff leaves a trace: a row more.
    assert all(any(said in wrong for said in (complaint, "may, but", "wrote 1 rows")) for wrong in found)


def test_the_table_finds_an_address_that_says_nothing():
    with site_of(path("x/", says_nothing, name="x")):
        assert undeclared() == ["x/"]
