"""What /healthz says of backups and of the ledger."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from loyalty.models import LedgerCheck
from shop import health
from shop.backup import shelf
from tests.shop.backup.test_believing import backup_in

pytestmark = pytest.mark.django_db
UNPROVED = "no backup was proved for long"


@pytest.fixture(autouse=True)
def own_shop(settings, tmp_path):
    settings.SHOP, settings.BACKUP_KEEP, settings.BACKUP_ROOT = "own", 14, tmp_path


def began(ago):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET applied = %s", [timezone.now() - ago])


def proved(folder, ago, faults=()):
    shelf.note(backup_in(folder, timezone.now() - ago), [*faults])


def test_a_new_shop_has_nine_days_until_a_backup_must_be_proved():
    began(timedelta(days=8))
    assert UNPROVED not in health.report()["reasons"]

    began(timedelta(days=10))
    assert UNPROVED in health.report()["reasons"]


def test_a_proof_counts_from_the_day_its_backup_was_made(tmp_path):
    began(timedelta(days=100))
    proved(tmp_path / "old", timedelta(days=10))
    assert UNPROVED in health.report()["reasons"]

    proved(tmp_path / "new", timedelta(days=2))
    assert UNPROVED not in health.report()["reasons"]


def test_a_backup_that_did_not_come_out_right_proves_nothing(tmp_path):
    began(timedelta(days=100))
    proved(tmp_path / "new", timedelta(days=1), ["crm_order has 4 rows, not 5"])

    assert UNPROVED in health.report()["reasons"]


@pytest.mark.parametrize(("shop", "keep"), [("demo", 14), ("own", 0)])
def test_where_none_is_made_none_is_missed(settings, shop, keep):
    settings.SHOP, settings.BACKUP_KEEP = shop, keep
    began(timedelta(days=100))

    assert UNPROVED not in health.report()["reasons"]


def test_differences_of_the_ledger_are_said_until_a_look_finds_none():
    LedgerCheck.objects.create(ended_at=timezone.now(), differences=2)
    assert "points and their entries differ" in health.report()["reasons"]

    LedgerCheck.objects.create(ended_at=timezone.now())
    assert "points and their entries differ" not in health.report()["reasons"]


def test_a_look_that_goes_on_leaves_the_last_one_standing():
    LedgerCheck.objects.create(ended_at=timezone.now(), differences=2)
    LedgerCheck.objects.create(ended_at=None)

    assert "points and their entries differ" in health.report()["reasons"]
