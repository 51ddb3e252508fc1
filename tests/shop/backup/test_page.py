"""Settings, Backups: which there are, whether each was proved, and another one now."""

from datetime import UTC, datetime

import pytest

from shop.backup import jobs, shelf
from shop.models import Job
from tests.shop.backup.test_believing import backup_in

pytestmark = pytest.mark.django_db
NAME = "2026-11-22T030000Z"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.BACKUP_ROOT = tmp_path
    return backup_in(tmp_path / NAME, datetime(2026, 11, 22, 3, tzinfo=UTC))


def test_each_says_what_is_in_it_and_whether_it_could_be_restored(as_administrator, folder):
    shelf.note(folder, ["crm_order has 4 rows, not 5"])

    page = as_administrator.get("/settings/backups/").content.decode()

    assert "cannot be restored" in page
    assert "crm_order has 4 rows, not 5" in page
    assert f"bin/manage restore {folder}" in page


def test_the_command_to_restore_is_called_as_commands_are_here(as_administrator, settings, folder):
    settings.MANAGE = "docker compose run --rm migrate python manage.py"

    page = as_administrator.get("/settings/backups/").content.decode()

    assert f"docker compose run --rm migrate python manage.py restore {folder}" in page


def test_one_is_asked_for_and_seen_on_its_way(as_administrator):
    as_administrator.post("/settings/backups/now/")

    assert Job.objects.get(kind=jobs.TAKE).is_live
    assert "Waiting for its turn" in as_administrator.get("/settings/backups/").content.decode()


def test_a_name_that_is_not_on_the_shelf_is_not_looked_for_on_the_disk(as_administrator):
    assert as_administrator.post("/settings/backups/etc/verify/").status_code == 404
    assert not Job.objects.exists()


def test_what_is_no_backup_any_more_says_so_when_it_is_tried(as_administrator, folder):
    as_administrator.post(f"/settings/backups/{NAME}/verify/")
    (folder / "database.dump").write_bytes(b"short")

    jobs.verify(Job.objects.get(kind=jobs.VERIFY).pk)

    page = as_administrator.get("/settings/backups/").content.decode()
    assert "The last one went wrong" in page
    assert "cut short" in page
    assert shelf.backups()[0].is_proved is False


@pytest.mark.parametrize(("shop", "keep"), [("demo", 14), ("own", 0)])
def test_no_night_backs_up_the_demo_or_a_shop_that_wants_none(settings, shop, keep):
    settings.SHOP, settings.BACKUP_KEEP = shop, keep

    assert jobs.nightly(datetime(2026, 11, 22).date()) is None


def test_a_night_backs_up_once_however_often_it_asks(settings):
    first = jobs.nightly(datetime(2026, 11, 22).date())

    assert jobs.nightly(datetime(2026, 11, 22).date()) == first
