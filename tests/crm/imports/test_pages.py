import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse

from crm.imports import jobs
from crm.imports.keeping import Kept
from crm.imports.sweeping import sweep
from crm.models import Customer, Import, Order
from shop import disk
from shop.models import Cancelled, Job

FILE = b"customer_id,order_id,ordered_at,amount\n7,A-1,2026-01-13,20.00\n=2+5,A-2,2026-02-30,5\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


def upload(client, content=FILE, name="orders.csv"):
    return client.post(reverse("crm:import"), {"file": SimpleUploadedFile(name, content), "source": "shop"})


def work():
    """What a worker does when the relay wakes it."""
    for job in Job.objects.due().order_by("pk"):
        claimed = Job.claim(job.pk)
        {jobs.READ: jobs.read_import, jobs.APPLY: jobs.apply_import, jobs.UNDO: jobs.undo_import}[job.kind].do(claimed)
        claimed.end(Job.State.DONE)


@pytest.fixture
def read(manager, transactional_db):
    upload(manager)
    work()
    return Import.objects.get()


def test_a_file_is_looked_at_before_anything_changes(manager, read, media):
    page = manager.get(reverse("crm:import_one", args=[read.pk])).content.decode()

    assert "Orders to create" in page
    assert "1 row rejected" in page
    assert not Order.objects.exists()
    assert [path.name != "orders.csv" for path in (media / "imports").iterdir()] == [True]


def test_applying_brings_the_orders_in(manager, read):
    manager.post(reverse("crm:import_application", args=[read.pk]))
    work()

    assert Order.objects.get().reference == "A-1"
    assert "Done. The figures" in manager.get(reverse("crm:import_one", args=[read.pk])).content.decode()


def write_for_ever(job):
    with Kept(job), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE crm_customer SET city = 'Nowhere' WHERE (SELECT true FROM pg_sleep(60))")


def test_a_cancel_stops_the_statement_itself(manager, read, ana):
    manager.post(reverse("crm:import_application", args=[read.pk]))
    claimed = Job.claim(Job.objects.latest("pk").pk)
    claimed.cancel()

    with pytest.raises(Cancelled):
        write_for_ever(claimed)

    assert Customer.objects.get().city == ""


def test_rejected_rows_download_with_reasons_and_without_formulas(manager, read):
    answer = manager.get(reverse("crm:import_rejected", args=[read.pk]))

    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert rows[0] == ["line", "column", "reason", "customer_id", "order_id", "ordered_at", "amount"]
    assert rows[1] == ["3", "ordered_at", "This is not a date.", "'=2+5", "A-2", "2026-02-30", "5"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_columns_can_be_chosen(manager, transactional_db):
    upload(manager, b"who;what;when;how much\n7;A-1;13.01.2026;20,00\n")
    found = Import.objects.get()
    assert found.job is None

    chosen = {"customer_id": "who", "order_id": "what", "ordered_at": "when", "amount": "how much"}
    writing = {"encoding": "utf-8", "delimiter": ";", "dates": "auto", "decimal": "auto"}
    said = writing | {f"column_{ours}": theirs for ours, theirs in chosen.items()}
    manager.post(reverse("crm:import_mapping", args=[found.pk]), said)
    work()

    found.refresh_from_db()
    assert found.report["orders_create"] == 1


def test_a_column_that_is_not_in_the_file_cannot_be_chosen(manager, read):
    answer = manager.post(reverse("crm:import_mapping", args=[read.pk]), {"column_amount": "password"})

    assert answer.status_code == 422


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(99), b"PK\x03\x04" + bytes(99), b"one word"])
def test_another_kind_of_file_is_refused_and_not_kept(manager, db, media, content):
    answer = upload(manager, content)

    assert answer.status_code == 422
    assert not Import.objects.exists()
    assert list((media / "imports").iterdir()) == []


def test_a_full_disk_is_said_before_a_file_is_chosen(manager, db, monkeypatch):
    monkeypatch.setattr(disk, "free_bytes", lambda: 0)

    assert "The disk is nearly full" in manager.get(reverse("crm:import")).content.decode()
    assert upload(manager).status_code == 422


def test_support_may_not_import(client, sam):
    client.force_login(sam)

    assert upload(client).status_code == 403
    assert not Import.objects.exists()


def test_a_forgotten_file_leaves_nothing(manager, read, media):
    manager.post(reverse("crm:import_removal", args=[read.pk]))

    assert not Import.objects.exists()
    assert list((media / "imports").iterdir()) == []


def test_rows_and_files_go_after_48_hours(manager, read, media):
    Job.objects.update(state=Job.State.DONE)
    Import.objects.update(created_at="2026-01-01T00:00:00Z")

    assert sweep() == 1

    assert not read.rejected.exists()
    assert list((media / "imports").iterdir()) == []
    assert "cleared away" in manager.get(reverse("crm:import_one", args=[read.pk])).content.decode()


def test_an_applied_import_is_taken_back_from_its_page(manager, read):
    manager.post(reverse("crm:import_application", args=[read.pk]))
    work()
    offered = manager.get(reverse("crm:import_one", args=[read.pk])).content.decode()

    manager.post(reverse("crm:import_undo", args=[read.pk]))
    work()
    page = manager.get(reverse("crm:import_one", args=[read.pk])).content.decode()

    assert "Take this import back" in offered
    assert (Order.objects.count(), Customer.objects.count()) == (0, 0)
    assert "Taken back." in page
    assert "Take this import back" not in page


def test_what_stayed_is_listed_with_the_reason(manager, read):
    manager.post(reverse("crm:import_application", args=[read.pk]))
    work()
    Order.objects.get().customer.edit(actor="", given_name="Eva")

    manager.post(reverse("crm:import_undo", args=[read.pk]))
    work()
    page = manager.get(reverse("crm:import_one", args=[read.pk])).content.decode()

    assert "Eva" in page
    assert "changed since" in page


def test_a_file_of_customers_is_recognised_and_shown_as_one(manager, transactional_db):
    upload(manager, b"email,phone,given_name\neva@people.example,07700900142,Eva\n", "people.csv")
    work()

    page = manager.get(reverse("crm:import_one", args=[Import.objects.get().pk])).content.decode()

    assert "Customers to create" in page
