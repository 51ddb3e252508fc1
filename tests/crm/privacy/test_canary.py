"""Forty unique strings about one person, brought in by the product's own doors; after the erasure there are none.

What may stay is written down here (KEPT): numbers of orders and what was bought, which name nobody.
"""

import json
import re

import pytest
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from crm.events.kinds import KINDS
from crm.models import (
    ChangeSet,
    Complaint,
    Consent,
    Customer,
    CustomField,
    Erasure,
    Event,
    Import,
    Message,
    RejectedRow,
    Segment,
    Suppression,
    Tag,
    Task,
)
from crm.privacy import held
from crm.privacy.erasing import erase
from crm.privacy.jobs import remove_now
from crm.undo.recording import noting
from shop.models import ApiKey, Job, KeptAnswer
from tests import build
from tests.crm.privacy import everywhere
from tests.loyalty.discounts import making

CANARY = re.compile(r"zq[a-z]{3,14}qz")
# Whoever reads these learns what was sold, not to whom.
KEPT = {"zqreferenceqz", "zqskuqz", "zqlinenameqz", "zqcategoryqz", "zqchannelqz", "zqbranchqz"}


def left(files, caplog):
    """Where canaries are still found."""
    places = {
        **everywhere.database(),
        "redis": everywhere.redis_text(),
        "files": everywhere.files_text(files),
        "logs": everywhere.logs_text(caplog.records),
    }
    found = {place: set(CANARY.findall(text.lower())) - KEPT for place, text in places.items()}
    return {place: canaries for place, canaries in found.items() if canaries}


@pytest.fixture
def person(client, as_administrator, as_manager, ada, sam, ben, files, db):
    """Sown through the doors: the form, the card, the composer, the API, the tables that other rooms write."""
    as_administrator.post(
        reverse("crm:customer_new"),
        {
            "given_name": "Zqgivenqz", "family_name": "Zqfamilyqz", "email": "zqmailqz@people.example",
            "phone": "+44 7700 900142", "company": "zqcompanyqz", "city": "zqcityqz", "source": "zqsourceqz",
        },
    )  # fmt: skip
    customer = Customer.objects.get(given_name="Zqgivenqz")
    sow_card(as_administrator, customer)
    sow_words(as_administrator, customer, ada)
    sow_order(client, customer)
    sow_rows(customer, ada)
    sow_elsewhere(customer, ben, sam, ada)
    sow_merged(customer, sam, ada)
    return customer


def sow_card(browser, customer):
    for name in ("street", "postcode", "country", "about"):
        assert browser.post(reverse("crm:field", args=[customer.pk, name]), {name: f"zq{name}qz"}).status_code < 400
    field = CustomField.objects.create(key="dog", label="Dog", kind="text")
    customer.refresh_from_db()
    customer.edit(actor="", **{f"custom__{field.key}": "zqcustomqz"})
    customer.edit(actor="", company="zqcompanynewqz")
    build.identifier(customer, "external", "zqexternalqz", source="shop")
    build.identifier(customer, "card", "zqcardqz")
    customer.change_contact("email", None, "zqsecondmailqz@people.example", actor="")


def sow_words(browser, customer, ada):
    url = reverse("crm:notes", args=[customer.pk])
    typed = {"kind": "call", "body": "zqnoteqz", "title": "zqfollowqz", "due_on": "2030-01-01", "owner": ada.pk}
    assert browser.post(url, typed).status_code < 400
    Task.plan("zqtaskqz", timezone.localdate(), owner=ada, by=ada, customer=customer)
    done = Task.plan("zqdoneqz", timezone.localdate(), owner=ada, by=ada, customer=customer)
    done.finish(actor=ada.actor)
    complaint = Complaint.open_for(customer, actor=ada.actor, title="zqtitleqz", details="zqdetailsqz")
    complaint.solve(actor=ada.actor, cause="zqcauseqz", outcome="zqoutcomeqz")
    complaint.reopen(actor=ada.actor, why="zqwhyqz")
    customer.attachments.create(
        complaint=complaint,
        name="zqfilenameqz.txt",
        path=stored("a.txt", "zqfileqz"),
        type="text/plain",
        size=8,
        by=ada,
    )


def stored(name, text):
    path = settings.MEDIA_ROOT / name
    path.write_text(text)
    return name


def sow_order(client, customer):
    key = ApiKey.make("till", ["orders.add"])[1]
    order = {
        "source": "shop", "reference": "zqreferenceqz", "placed_at": "2026-11-01T12:00:00Z", "total": "20.00",
        "channel": "zqchannelqz", "branch": "zqbranchqz", "customer": {"external_id": "zqexternalqz"},
        "lines": [{"sku": "zqskuqz", "name": "zqlinenameqz", "category": "zqcategoryqz", "quantity": "1"}],
    }  # fmt: skip
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}", "HTTP_IDEMPOTENCY_KEY": "one"}
    answer = client.post("/api/v1/orders/", json.dumps(order), content_type="application/json", **headers)
    if answer.status_code >= 400:
        build.order(customer, "20.00", reference="zqreferenceqz", channel="zqchannelqz", branch="zqbranchqz")


def sow_rows(customer, ada):
    Consent.say(
        customer, "email", "zqmailqz@people.example", {"offers": "given"}, method="phone", wording="zqwordingqz",
        source="zqsaidqz", by=ada.actor,
    )  # fmt: skip
    Consent.say(customer, "email", "zqmailqz@people.example", {"offers": "withdrawn"}, method="page", source="zqpageqz")
    customer.refunds.create(source="shop", at=timezone.now(), amount=1, note="zqrefundqz")
    customer.tag(Tag.objects.create(name="regular"), actor=ada.actor)
    Message.objects.create(
        customer=customer, address="zqmailqz@people.example", purpose="service", template="data_copy", cause="c1",
        message_id="<1@x>", context={"outcome": "zqcontextqz"}, subject="zqsubjectqz", text="zqtextqz",
        html="<p>zqhtmlqz</p>",
    )  # fmt: skip
    changes = ChangeSet.objects.create(kind="bulk", by=ada)
    with noting(changes, Customer, [customer.pk]):
        Customer.objects.filter(pk=customer.pk).update(city="zqcityafterqz")


def sow_elsewhere(customer, ben, sam, ada):
    """What names the person in rows of others, and outside of all cards."""
    build.note(ben, "Sent by Zqgivenqz Zqfamilyqz, zqmailqz@people.example", by=sam)
    build.task(sam, "Thank zqfamilyqz for sending Ben", customer=ben)
    ben.edit(actor=sam.actor, about="Friend of Zqfamilyqz, Zqgivenqz")
    KeptAnswer.objects.create(
        client="k",
        key="1",
        request_digest=b"x",
        status=201,
        content_type="",
        content='{"e": "zqmailqz@people.example"}',
    )
    Job.request("shop.nothing", question="q=zqmailqz%40people.example")
    uploaded = settings.MEDIA_ROOT / "imports"
    uploaded.mkdir(exist_ok=True)
    path = uploaded / "file.csv"
    path.write_text("zqexternalqz,zqmailqz@people.example\n")
    one = Import.objects.create(file_name="orders.csv", path=str(path), applied_at=timezone.now())
    RejectedRow.objects.create(of=one, line=1, reason="date", cells=["x", "zqmailqz@people.example"])


def sow_merged(customer, sam, ada):
    """A second card of the same person, merged into the first."""
    second = build.customer("Zqseconda zqsecondbqz", email="zqthirdmailqz@people.example", company="zqsecondfirmqz")
    build.note(second, "zqsecondnoteqz", by=sam)
    Suppression.note("zqthirdmailqz@people.example", "hard", customer=second)
    second.edit(actor=ada.actor, about="zqsecondaboutqz", city="zqsecondtownqz")
    Customer.objects.filter(pk=second.pk).update(merged_into=customer)
    Segment.objects.create(name="Somebody", owner=ada, address="q=zqthirdmailqz%40people.example")


def test_forty_strings_are_everywhere_before_and_nowhere_after(person, files, caplog):
    sown = set().union(*left(files, caplog).values())
    assert len(sown) >= 40, sorted(sown)

    erase(person, why="asked")
    assert remove_now() == 0

    assert left(files, caplog) == {}


@pytest.mark.parametrize(
    ("line", "weaker", "table"),
    [
        ("crm.Note.customer", "keep", "crm_note"),
        ("crm.Task.customer", "keep", "crm_task"),
        ("crm.Event.customer", "keep", "crm_event"),
        ("crm.Message.customer", "blank: address, context, subject, text", "crm_message"),
        ("crm.Identifier.customer", "keep", "crm_identifier"),
        ("crm.Change.customer", "keep", "crm_change"),
    ],
)
def test_one_weaker_policy_is_found_out(person, files, caplog, monkeypatch, line, weaker, table):
    from config.policies import POLICIES

    monkeypatch.setitem(POLICIES, line, {**POLICIES[line], "erase": weaker})
    held.everything.cache_clear()

    try:
        erase(person, why="asked")
    finally:
        held.everything.cache_clear()

    assert table in left(files, caplog)


HELD = [model for model in dict.fromkeys(one.model for one in held.everything()) if model is not Erasure]


@pytest.mark.slow
@pytest.mark.parametrize("model", HELD, ids=lambda model: model._meta.label)
def test_every_text_of_every_table_is_emptied_unless_it_is_declared_plain(model, ana, files, caplog):
    """By introspection: a table that a new room brings is tried the day it comes."""
    way = next(one for one in held.everything() if one.model is model and one.first)
    sown = sow_model(way, ana)

    erase(ana, why="asked")

    found = left(files, caplog).get(model._meta.db_table, set())
    assert found <= {canary(name) for name in held.plain_text().get(model._meta.label, ())}, sown


def canary(name):
    return f"zq{re.sub('[^a-z]', '', name)[:10]}aaaqz"


def sow_model(way, ana):
    """One row of the table with a canary in each text that is wide enough."""
    model = way.model
    if not held.text_fields(model):
        return {}
    texts = {}
    for name in held.text_fields(model):
        one = model._meta.get_field(name)
        if isinstance(one, models.JSONField):
            texts[name] = {"x": canary(name)} if one.get_default() == {} else [canary(name)]
        elif one.max_length is None or one.max_length >= len(canary(name)):
            texts[name] = canary(name)
    if model is Event:
        texts["kind"] = "customer.edited"
        texts["data"] = {key: canary("data") for key in KINDS["customer.edited"].keys}
    baker.make(model, **owners(model, way.path, ana), **texts, **needed(model, ana))
    return texts


def owners(model, path, ana):
    """The row it belongs to, made for Ana; nothing, where it may belong to nobody and its parent names no customer."""
    first, _, rest = path.partition("__")
    if not rest:
        return {first: ana}
    link = model._meta.get_field(first)
    parent = link.related_model
    if hasattr(parent, "customer"):
        return {first: baker.make(parent, customer=ana, **needed(parent, ana))}
    return {first: None if link.null else baker.make(parent, **owners(parent, rest, ana), **needed(parent, ana))}


def of_discounts(name):
    """Random terms would give nothing, and the database refuses them."""
    if name == "loyalty.Assignment":
        return {"version": making.discount().version, "whom": "one"}
    if name == "loyalty.Grant":
        offered = making.discount()
        return {"discount": offered, "version": offered.version}
    grant = making.grant(build.customer("Bea"))
    return {"grant": grant, "version": grant.version, "desired": 5, "amount": 5}


def needed(model, ana):
    """What some tables insist on."""
    name = model._meta.label
    if name == "crm.Attachment":
        return {"note": build.note(ana)}
    if name in ("crm.Task", "crm.Mention"):
        return {"owner" if name == "crm.Task" else "user": build.user()}
    if name == "crm.Consent":
        return {"state": "refused"}
    if name == "loyalty.Entry":
        return {"points": 5, "kind": "adjust"}
    if name == "loyalty.Hold":
        return {"points": 5, "status": "voided", "ended_at": timezone.now(), "entry": None}
    if name in ("loyalty.Assignment", "loyalty.Grant", "loyalty.Redemption"):
        return of_discounts(name)
    if name == "loyalty.Adjustment":
        return {"asked_by": build.user()}
    return {"subject_id": 1} if name == "crm.Given" else {}
