"""The disk is full in the middle of an upload, or of the reading: a sentence, and nothing lost."""

import os
import resource
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from crm.imports import jobs, running
from crm.models import Import
from shop.models import Job

FULL = "The disk is nearly full"
ROWS = "".join(f"{n},A-{n},2026-01-13,20.00\n" for n in range(60_000))
FILE = f"customer_id,order_id,ordered_at,amount\n{ROWS}".encode()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@contextmanager
def no_file_may_grow_beyond(size):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def upload(client):
    upload = {"file": SimpleUploadedFile("orders.csv", FILE), "source": "shop"}
    return client.post(reverse("crm:import"), upload)


def test_an_upload_for_which_the_room_runs_out_is_refused_and_leaves_nothing(as_manager, media, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * len(FILE)

    with no_file_may_grow_beyond(len(FILE) // 2):
        answer = upload(as_manager)

    assert (answer.status_code, FULL in answer.content.decode()) == (422, True)
    assert not Import.objects.exists()
    assert list((media / "imports").iterdir()) == []
    assert upload(as_manager).status_code == 302


def test_room_that_runs_out_while_the_form_is_still_coming_in_is_said(as_manager):
    as_manager.raise_request_exception = False

    with no_file_may_grow_beyond(len(FILE) // 2):
        answer = upload(as_manager)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "The disk is full, so nothing was saved." in answer.content.decode()
    assert upload(as_manager).status_code == 302


@pytest.fixture
def tiny_disk(transactional_db):
    """A tablespace of one megabyte, for tables made from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        data = Path(cursor.fetchone()[0])
    if os.geteuid() != 0 or not data.exists():
        pytest.skip("only root can mount a tiny disk under an embedded PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="regulars-tiny-", dir="/var/tmp"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("this machine lets nobody mount a tiny disk")
    os.chown(folder, data.stat().st_uid, data.stat().st_gid)
    name = f"tiny_{connection.settings_dict['NAME']}"  # tablespaces are the whole server's
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        cursor.execute(f"SET default_tablespace = {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET default_tablespace")
        for order_import in Import.objects.all():
            cursor.execute(f"DROP TABLE IF EXISTS {order_import.staging}")
        cursor.execute(f"DROP TABLESPACE {name}")
    subprocess.run(["umount", folder], check=True)
    shutil.rmtree(folder)


def test_a_database_without_room_for_the_rows_is_said_and_the_file_can_be_read_later(tiny_disk, tmp_path, mira):
    path = tmp_path / "orders.csv"
    path.write_bytes(FILE)
    order_import = running.begin(path, name="orders.csv", source="shop", by=mira, owns_file=False)

    jobs.read_import(jobs.request(order_import, jobs.READ, mira).pk)

    order_import.refresh_from_db()
    assert (Job.objects.get().state, order_import.refusal["code"]) == (Job.State.DONE, "disk")
    with connection.cursor() as cursor:
        cursor.execute("RESET default_tablespace")
    jobs.read_import(jobs.request(order_import, jobs.READ, mira).pk)
    order_import.refresh_from_db()
    assert order_import.report["orders_create"] == 60_000
