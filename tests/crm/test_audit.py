"""The audit: who saw, changed and exported what, when."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.words import WORDS
from crm.audit import exported
from crm.audit.asking import TABLES, Asked, page_of
from crm.audit.showing import more
from crm.audit.words import DONE, SAID
from crm.events.kinds import KINDS
from crm.models import CardOpened, Complaint, Event
from crm.privacy.erasing import erase
from shop.audit import DEEDS
from shop.models import ApiKey, AuditRow, Setting
from tests import build

pytestmark = pytest.mark.django_db
PAGE = "/settings/audit/"
# Numbers, days, money and what people called things.
AS_WRITTEN = set(
    """reference total amount points discount tag number version until target
       count created changed skipped rejected""".split()
)


def shown(client, **asked):
    """(what, who, about) of the lines."""
    response = client.get(reverse("crm:audit"), asked)
    assert response.status_code == 200, response.context["form"].errors
    return [(line.what, line.who, line.about) for line in response.context["lines"]]


@pytest.fixture
def busy(sam, ada, ana, ben):
    """Sam looked at Ana's card and opened a complaint, Ada set something, a key changed Ben's card."""
    key, _text = ApiKey.make("web shop", ["customers.edit"], by=ada)
    CardOpened.note(ana, sam)
    Event.record("customer.tagged", customer=ana, actor=sam.actor, tag="Regular")
    Setting.put("shop.name", "Tansy & Wren", by=ada)
    Event.record("customer.untagged", customer=ben, actor=key.actor, tag="New")
    return key


def test_everybody_who_did_something_is_told_newest_first(as_administrator, busy, ada):
    assert shown(as_administrator)[:4] == [
        ("Took a tag off the card", str(busy), "Ben Okafor"),
        ("Set “Name of the shop” to “Tansy & Wren”", str(ada), ""),
        ("Put a tag on the card", "Sam Ashby", "Ana Lindqvist"),
        ("Opened the card", "Sam Ashby", "Ana Lindqvist"),
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"who": "sam"}, ["Put a tag on the card", "Opened the card"]),
        ({"who": "key"}, ["Took a tag off the card"]),
        ({"customer": "Ana"}, ["Put a tag on the card", "Opened the card"]),
        ({"customer": "nobody of this name"}, []),
        ({"kind": "card.opened"}, ["Opened the card"]),
        ({"kind": "setting.changed"}, ["Set “Name of the shop” to “Tansy & Wren”"]),
        ({"who": "sam", "kind": "customer.tagged"}, ["Put a tag on the card"]),
        ({"who": "sam", "kind": "setting.changed"}, []),
        ({"subject": "no such order"}, []),
    ],
)
def test_it_is_asked_by_person_key_customer_and_kind(as_administrator, busy, sam, asked, expected):
    names = {"sam": sam.actor, "key": busy.actor}
    asked = {name: names.get(value, value) for name, value in asked.items()}

    assert [what for what, _who, _about in shown(as_administrator, **asked)] == expected


def test_it_is_asked_by_days_the_last_one_included(as_administrator, ana, sam):
    for day in (10, 11, 12):
        with time_machine.travel(f"2026-03-{day}T12:00:00Z", tick=False):
            Event.record("customer.tagged", customer=ana, actor=sam.actor, tag=f"Of the {day}th")

    lines = as_administrator.get(PAGE, {"since": "2026-03-11", "until": "2026-03-11"}).context["lines"]

    assert [line.more for line in lines] == ["Tag: Of the 11th"]


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("survey.changed", {"what": "published", "version": 2}, "What: version published; Version: 2"),
        ("brand.changed", {"what": ["accent", "logo"]}, "What: colour, logo"),
        ("programme.changed", {"what": "scheme", "number": 3}, "What: tiers; Number: 3"),
        ("webhook.changed", {"what": "secret_changed"}, "What: new secret"),
        ("goal.set", {"metric": "retention", "target": "0.9"}, "Figure: Retention, strict; Goal: 0.9"),
        ("message.sent", {"template": "card_link"}, "Mail: Link to their own card"),
        ("import.applied", {"kind": "orders", "created": 3}, "New: 3; Kind: Orders"),
        ("order.refunded", {"reference": "A-1", "amount": "5.00"}, "Number: A-1; Amount: £5.00"),
        ("complaint.opened", {"kind": "goods", "severity": 1}, "Kind: Goods; How bad: Urgent"),
    ],
)
def test_what_is_kept_as_a_code_is_said_in_words(db, kind, data, expected):
    assert more(kind, data) == expected


def test_every_code_that_the_audit_says_has_words():
    said = {(kind.partition(".")[0], key) for kind in KINDS for key in set(KINDS[kind].keys) & set(SAID)}

    assert {f"{noun}.{key}" for noun, key in said if key not in AS_WRITTEN} - set(WORDS) == {"customers.format"}


def test_it_is_asked_by_the_number_of_a_thing_and_of_an_order(as_administrator, ana, sam):
    order = build.order(ana, "20.00")
    complaint = build.complaint(ana)
    Event.record(
        "complaint.solved",
        customer=ana,
        subject=complaint,
        actor=sam.actor,
        complaint=complaint.pk,
        title="Torn",
        cause="",
    )
    Event.record("order.refunded", customer=ana, order=order, actor=sam.actor, reference=order.reference, amount="5.00")

    assert ("Solved a complaint", "Sam Ashby", f"Ana Lindqvist, Complaint {complaint.pk}") in shown(
        as_administrator, subject=str(complaint.pk)
    )
    assert shown(as_administrator, subject=order.reference) == [
        ("Gave money of an order back", "Sam Ashby", "Ana Lindqvist")
    ]


def test_a_line_leads_to_what_is_still_there_and_names_what_is_not(as_administrator, ana, ada):
    complaint = build.complaint(ana)
    Event.record("complaint.closed", customer=ana, subject=complaint, actor=ada.actor, complaint=complaint.pk, title="")
    gone = Complaint(pk=complaint.pk + 1000)
    Event.record("complaint.closed", customer=ana, subject=gone, actor=ada.actor, complaint=gone.pk, title="")

    lines = as_administrator.get(PAGE, {"kind": "complaint.closed"}).context["lines"]

    assert [(line.subject, line.url) for line in lines] == [
        (f"Complaint {gone.pk}", ""),
        (f"Complaint {complaint.pk}", reverse("crm:complaint", args=[complaint.pk])),
    ]


def test_pages_follow_each_other_without_a_gap_also_among_rows_of_one_moment(ana, sam):
    with time_machine.travel("2026-03-10T12:00:00Z", tick=False):
        for n in range(3):
            Event.record("customer.tagged", customer=ana, actor=sam.actor, tag=str(n))
            AuditRow.write("staff.signed_in", by=sam)
        CardOpened.note(ana, sam)
    everything, _none = page_of(Asked())

    for size in (1, 2, 3):
        found, place = page_of(Asked(), "", size)
        while place:
            rows, place = page_of(Asked(), place, size)
            found += rows
        assert found == everything
    assert len(everything) == 7


@pytest.mark.parametrize(
    "asked",
    ["since=2026-02-30", "who=nobody", "kind=nothing", "since=x", "customer=%00", "before=x", "subject=9" + "9" * 40],
)
def test_what_cannot_be_read_is_no_error_of_the_site(as_administrator, asked):
    assert as_administrator.get(f"{PAGE}?{asked}").status_code in (200, 400, 422)


def test_a_page_asks_as_often_for_fifty_lines_as_for_one(
    as_administrator, busy, sam, ana, django_assert_max_num_queries
):
    as_administrator.get(PAGE)
    with django_assert_max_num_queries(12) as few:
        as_administrator.get(PAGE)
    for n in range(60):
        Event.record(
            "complaint.closed",
            customer=build.customer(f"Person {n}"),
            subject=build.complaint(ana),
            actor=sam.actor,
            complaint=n,
            title="",
        )
    with django_assert_max_num_queries(12) as many:
        as_administrator.get(PAGE)

    assert len(many) <= len(few) + 1  # whether the things they are about still exist


def test_who_may_not_read_the_audit_is_refused(as_manager, as_support):
    for client in (as_manager, as_support):
        assert client.get(PAGE).status_code == 403
        assert client.post(reverse("crm:audit_export"), {"password": "a long password"}).status_code == 403
    assert not AuditRow.objects.filter(kind="audit.exported").exists()


def test_an_export_asks_for_the_password_and_is_a_line_itself(as_administrator, busy, ada):
    address = f"{reverse('crm:audit_export')}?customer=Ana+Lindqvist"

    assert as_administrator.post(address, {"password": "guessed"}).status_code == 422
    response = as_administrator.post(address, {"password": "a long password"})

    table = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row[2] for row in table] == ["What", "Put a tag on the card", "Opened the card"]
    row = AuditRow.objects.get(kind="audit.exported")
    assert (row.actor, row.data) == (ada.actor, {"count": 2, "filter": "customer=…"})


def test_whoever_opens_a_card_is_written_down_once_an_hour(as_support, sam, ana):
    with time_machine.travel("2026-03-10T12:10:00Z", tick=False):
        client = Client()
        client.force_login(sam)
        for _time in range(3):
            assert client.get(reverse("crm:customer", args=[ana.pk])).status_code == 200
    with time_machine.travel("2026-03-10T13:10:00Z", tick=False):
        client.get(reverse("crm:customer", args=[ana.pk]))

    assert list(CardOpened.objects.values_list("customer", "actor")) == [(ana.pk, sam.actor)] * 2


def test_a_program_that_reads_a_card_is_written_down(ana):
    key, text = ApiKey.make("reader", ["customers.view"])
    Client().get(f"/api/v1/customers/{ana.pk}/", headers={"Authorization": f"Bearer {text}"})

    assert list(CardOpened.objects.values_list("customer", "actor")) == [(ana.pk, key.actor)]


def test_the_access_log_is_only_added_to(ana, sam):
    CardOpened.note(ana, sam)
    for change in ("UPDATE crm_cardopened SET actor = ''", "DELETE FROM crm_cardopened"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_erasing_a_customer_leaves_the_lines_without_a_name(as_administrator, ana, sam, ada):
    CardOpened.note(ana, sam)
    Event.record("customer.edited", customer=ana, actor=sam.actor, changes={"given_name": ["Ana", "Anastasia"]})
    erase(ana, why="asked", by=ada)

    response = as_administrator.get(PAGE)

    said = [(line.what, line.about) for line in response.context["lines"]]
    assert any(what == "Opened the card" for what, _about in said)
    body = response.content.decode()
    assert not any(name in body for name in ("Lindqvist", "Anastasia", "ana@people.example"))
    assert any(what == "Erased the customer" for what, _about in said)


def test_every_kind_of_event_has_words():
    assert DONE.keys() - {"card.opened"} == KINDS.keys()
    assert not DONE.keys() & DEEDS.keys()


def test_what_is_said_of_an_event_is_a_key_of_some_kind():
    assert SAID.keys() <= {key for kind in KINDS.values() for key in kind.keys}


@pytest.mark.parametrize(
    "asked", [Asked(), Asked(who="staff:1"), Asked(since=timezone.localdate() - timedelta(days=3))]
)
def test_every_table_is_read_by_an_index_that_has_the_order(asked, ana, sam):
    """With sequential scans and sorts made dear, only a missing index leads to one."""
    from crm.audit import asking

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        for name in TABLES:
            cursor.execute(f"EXPLAIN {asking._branch(name, asked, None)}", {**asking._values(asked), "limit": 51})
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Index" in plan, plan
            assert "Sort" not in plan, plan
            assert "Seq Scan" not in plan, plan


def test_an_export_of_customers_is_told_with_the_names_of_columns_and_filters(as_administrator, ada, sam):
    asked = f"state=at_risk&state=overdue&city.not=%E2%80%A6&owner={sam.pk}&2.orders=2..5&groups=any&gone=7&orders=x"
    Event.record(
        "customers.exported", actor=ada.actor, filter=asked, columns=["city", "net", "gone"], count=3, format="csv"
    )

    (line,) = as_administrator.get(PAGE).context["lines"]

    assert line.more == (
        "How many: 3; File: csv; Asked for: State: At risk, Overdue, and Town not: …, and Owner: Sam Ashby, "
        "and gone: 7, and Orders: x; or Orders: 2 to 5; Columns: Town, Spent, gone"
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "everybody"),
        ("q=%E2%80%A6&sort=-net", "Search: …"),
        ("pick=12", "12 chosen by hand"),
        ("created=2026-03-01..&owner=me&match=any", "Since: since 1 Mar 2026, or Owner: me"),
    ],
)
def test_what_an_export_asked_for_reads_as_the_list_says_it(asked, said):
    assert exported.filters(asked) == said


def test_an_export_of_the_audit_is_told_in_words_and_keeps_no_name_that_was_typed(as_administrator, ada):
    password = {"password": "a long password"}
    asked = f"who={ada.actor}&kind=customers.exported&since=2026-03-01"
    as_administrator.post(f"{reverse('crm:audit_export')}?{asked}", password)
    as_administrator.post(f"{reverse('crm:audit_export')}?subject=Ana+Lindqvist", password)
    as_administrator.post(reverse("crm:audit_export"), password)

    told = [what.partition("; ")[2] for what, _who, _about in shown(as_administrator, kind="audit.exported")]

    assert told == [
        "asked for: everything",
        "asked for: Number: …",
        f"asked for: Who: {ada}, What was done: Exported customers, From: 1 Mar 2026",
    ]
