import csv
import re
import time
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Event, Export
from crm.segments import exporting
from crm.segments.files import write_xlsx
from shop.models import Job
from tests import build
from tests.crm.segments.test_list import figures

PAGE = "/customers/export/"
ALL = {"all": "1", "question": ""}


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "exports"


@pytest.fixture
def confirmed(as_mira):
    """The password was given a moment ago."""
    session = as_mira.session
    session["password_at"] = int(time.time())
    session.save()
    return as_mira


def made(client, **asked):
    answer = client.post(PAGE, {**ALL, "format": "csv", "column": ["city"], **asked})
    assert answer.status_code == 302, answer.content.decode()
    return Export.objects.latest("pk")


def rows_of(export):
    with export.path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_view_becomes_a_file_with_the_columns_chosen(confirmed, ana, ben):
    build.identifier(ana, "external", "R-1")
    ana.edit(actor="", city="Ludlow")

    export = made(confirmed, question="city=Ludlow", column=["city", "email", "created"])

    assert rows_of(export) == [
        ["Card", "Customer number", "Customer", "Town", "E-mail", "Since"],
        [
            str(ana.pk),
            "R-1",
            "Ana Lindqvist",
            "Ludlow",
            "ana@people.example",
            timezone.localtime(ana.created_at).strftime("%Y-%m-%d %H:%M:%S"),
        ],
    ]


def test_only_those_who_were_picked_are_in_the_file(confirmed, ana, ben, cleo):
    export = made(confirmed, all="", pick=[ben.pk, cleo.pk], question="name=nobody")

    assert [row[2] for row in rows_of(export)[1:]] == ["Ben Okafor", "Cleo Marczak"]


@pytest.mark.parametrize("begins", ["=1+1", "+44", "-x", "@me", "\tx", "\rx", "\nx"])
def test_a_text_that_would_be_a_formula_gets_an_apostrophe(confirmed, begins):
    customer = build.customer("Ana", company=begins)
    build.identifier(customer, "external", "-12")

    row = rows_of(made(confirmed, column=["company"]))[1]

    assert row == [str(customer.pk), "'-12", "Ana", "'" + begins]


def test_numbers_stay_numbers_in_both_kinds_of_file(confirmed, ana):
    known = figures(ana, net=-15).figures

    text = rows_of(made(confirmed, column=["net", "orders", "last_on"]))[1]
    book = made(confirmed, column=["net", "orders", "last_on"], format="xlsx")
    with zipfile.ZipFile(book.path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        names = parts.read("xl/workbook.xml").decode()

    assert '<sheet name="Customers"' in names
    assert text[3:] == ["-15", str(known.orders), known.last_on.isoformat()]
    assert "<v>-15</v>" in sheet
    assert "<f>" not in sheet


def test_a_further_sheet_has_the_same_name_and_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr("crm.segments.files.MOST_ROWS", 2)

    write_xlsx(tmp_path / "book.xlsx", "Customers", ["Name"], [["Ana"], ["Ben"], ["Cleo"]])

    with zipfile.ZipFile(tmp_path / "book.xlsx") as parts:
        assert re.findall(r'<sheet name="([^"]+)"', parts.read("xl/workbook.xml").decode()) == [
            "Customers",
            "Customers 2",
        ]


def test_the_audit_says_who_exported_how_many_by_which_question_but_no_name(confirmed, mira, ana):
    made(confirmed, question="q=Ana+Lindqvist&name=lind&created=2020-01-01..")

    event = Event.objects.get(kind="customers.exported")
    assert event.actor == mira.actor
    assert event.data["count"] == 1
    assert event.data["columns"] == ["city"]
    assert "created=2020-01-01.." in event.data["filter"]
    assert "ind" not in event.data["filter"].lower()


def test_the_password_is_asked_for_and_then_for_ten_minutes_not_again(as_mira, mira, ana):
    first = as_mira.post(PAGE, {**ALL, "format": "csv"})
    wrong = as_mira.post(PAGE, {**ALL, "format": "csv", "password": "another one"})
    right = as_mira.post(PAGE, {**ALL, "format": "csv", "password": "a long password"})
    again = as_mira.post(PAGE, {**ALL, "format": "csv"})

    assert [first.status_code, wrong.status_code, right.status_code, again.status_code] == [422, 422, 302, 302]
    assert Export.objects.count() == 2
    assert b'type="password"' not in as_mira.get(PAGE, ALL).content


def test_an_old_password_is_asked_for_again(as_mira, ana):
    session = as_mira.session
    session["password_at"] = int(time.time()) - 601
    session.save()

    assert as_mira.post(PAGE, {**ALL, "format": "csv"}).status_code == 422


def test_at_most_ten_exports_an_hour(confirmed, ana):
    statuses = [confirmed.post(PAGE, {**ALL, "format": "csv"}).status_code for _ in range(11)]

    assert statuses == [302] * 10 + [422]


def test_support_may_not_export_and_is_not_offered_it(as_sam, ana):
    assert as_sam.get(PAGE, ALL).status_code == 403
    assert as_sam.post(PAGE, ALL).status_code == 403
    assert PAGE not in as_sam.get("/customers/").content.decode()


def test_a_question_that_is_half_read_is_not_exported(confirmed, ana):
    answer = confirmed.post(PAGE, {"all": "1", "question": "created=soon", "format": "csv"})

    assert answer.status_code == 422
    assert "not a date" in answer.content.decode()
    assert not Export.objects.exists()


def test_many_are_written_in_the_background_page_by_page(confirmed, mira, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    monkeypatch.setattr(exporting, "PAGE", 3)
    for number in range(8):
        build.customer(f"Somebody {number}")

    export = made(confirmed)
    waiting = confirmed.get(reverse("crm:export", args=[export.pk])).content.decode()
    exporting.export_customers.do(Job.claim(export.job_id))
    export.refresh_from_db()

    assert "Waiting for its turn" in waiting
    assert [row[2] for row in rows_of(export)[1:]] == [f"Somebody {number}" for number in range(8)]
    assert Job.objects.get(pk=export.job_id).done == 8
    assert "8 customers are in the file" in confirmed.get(reverse("crm:export", args=[export.pk])).content.decode()


def test_a_run_that_was_interrupted_is_begun_anew_and_tells_the_audit_once(confirmed, mira, ana, files, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    export = made(confirmed)
    claimed = Job.claim(export.job_id)

    def breaks(done):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        exporting.write(export, breaks)
    assert list(files.iterdir()) == []
    exporting.export_customers.do(claimed)
    exporting.export_customers.do(claimed)

    assert Event.objects.filter(kind="customers.exported").count() == 1
    assert len(list(files.iterdir())) == 1


def test_the_file_is_an_attachment_for_whoever_asked_and_for_nobody_else(confirmed, client, ana):
    export = made(confirmed)
    link = reverse("crm:export_file", args=[export.pk])

    mine = confirmed.get(link)
    client.force_login(build.user("administrator"))

    assert mine["Content-Disposition"].startswith('attachment; filename="customers-')
    assert mine["Cache-Control"] == "no-store"
    assert b"Ana Lindqvist" in b"".join(mine.streaming_content)
    assert client.get(link).status_code == 404


def test_after_a_day_the_link_is_over_and_the_sweep_takes_the_file(confirmed, ana, files):
    export = made(confirmed)
    Export.objects.filter(pk=export.pk).update(created_at=timezone.now() - timedelta(hours=24, minutes=1))

    assert confirmed.get(reverse("crm:export_file", args=[export.pk])).status_code == 404
    assert exporting.sweep() == 1
    assert list(files.iterdir()) == []
    assert Export.objects.get().address == ""
