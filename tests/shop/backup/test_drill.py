"""The drill: a backup of a living shop, restored elsewhere, is the shop again."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from crm.models import Attachment
from crm.privacy.erasing import erase
from loyalty.models import Account
from shop.backup import evidence, restoring, taking
from shop.backup.databases import Database
from shop.models import Job, User
from tests import build
from tests.loyalty.points.conftest import NOW, earn, spend

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# What a restore itself writes: places of events in the feed, mails held back, long work ended, the ledger looked
# through, people erased again.
WRITTEN = {
    "crm_message",
    "crm_event",
    "shop_setting",
    "shop_auditrow",
    "shop_job",
    "loyalty_ledgercheck",
    "django_migrations",
}
EXACT = ["loyalty_account", "loyalty_entry", "loyalty_lot", "crm_complaint", "crm_order", "shop_user"]


@pytest.fixture
def shop(settings, tmp_path, ana, sam):
    """Points earned and spent, a complaint, a file, a mail that waits, work under way, somebody who can sign in."""
    settings.MEDIA_ROOT, settings.ERASED_FILE = tmp_path / "media", tmp_path / "erased.jsonl"
    settings.BACKUP_ROOT = tmp_path / "shelf"
    sam.set_password("a long enough secret")
    sam.save()
    account = Account.of(ana)
    Account.objects.filter(pk=account.pk).update(as_of=NOW)
    account.refresh_from_db()
    earn(account, 50, order=build.order(ana))
    spend(account, 20)
    complaint = build.complaint(ana)
    Attachment.keep(SimpleUploadedFile("label.txt", b"the label"), customer=ana, complaint=complaint, by=sam)
    build.message(ana)
    Job.request("analytics.recompute")
    return ana


@pytest.fixture
def elsewhere():
    """An empty database on the same server, as on a new machine."""
    there = Database.ours().called(f"{connection.settings_dict['NAME']}_elsewhere")
    there.drop()
    there.make(like=Database.ours())
    yield there
    with there.connect() as front:
        others = "SELECT datname FROM pg_database WHERE datname LIKE %s"
        names = [name for (name,) in front.execute(others, [f"{there.name}_before_%"])]
    for name in [there.name, *names]:
        there.called(name).drop()


def manage(database, *words, **env):
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(database.name)}").geturl()
    return subprocess.run(
        [sys.executable, site.BASE_DIR / "manage.py", *map(str, words)],
        env={**os.environ, "DATABASE_URL": url, **env},
        capture_output=True,
        text=True,
    )


def ask(database, question):
    with database.connect() as there:
        return there.execute(question).fetchall()


def test_restored_elsewhere_it_is_the_shop_again(shop, elsewhere, tmp_path):
    with Database.ours().connect() as ours:
        before = evidence.gather(ours)
    backup = taking.take(tmp_path / "shelf", orders_come_in(shop))
    erase(build.customer("Somebody else"), why="asked")  # since; never in the backup

    done = manage(elsewhere, "restore", backup, "--yes", MEDIA_ROOT=str(tmp_path / "there"))

    assert done.returncode == 0, done.stderr
    with elsewhere.connect() as restored:
        after = evidence.gather(restored)
    assert {line.split()[0] for line in evidence.differences(before, after)} <= WRITTEN
    assert all(after["tables"][name] == before["tables"][name] and before["tables"][name][0] for name in EXACT)
    assert contents_of(tmp_path / "there") == [b"the label"]
    assert User(password=ask(elsewhere, "SELECT password FROM shop_user")[0][0]).check_password("a long enough secret")
    assert "1 waiting mails are held back" in done.stdout
    assert ask(elsewhere, "SELECT state, why FROM crm_message") == [("not_sent", "restored")]
    assert ask(elsewhere, "SELECT value FROM shop_setting WHERE name = 'mail.held'") == [(True,)]
    assert ask(elsewhere, "SELECT state FROM shop_job WHERE kind = 'analytics.recompute'") == [("cancelled",)]


def test_who_was_erased_since_is_erased_again_and_what_was_there_stays_beside_it(shop, elsewhere, tmp_path):
    backup = taking.take(tmp_path / "shelf")
    erase(shop, why="asked")
    with elsewhere.connect() as there:
        there.execute("CREATE TABLE kept AS SELECT 7 AS seven")

    done = manage(
        elsewhere,
        *("restore", backup, "--yes"),
        MEDIA_ROOT=str(tmp_path / "there"),
        ERASED_FILE=str(tmp_path / "erased.jsonl"),
    )

    assert done.returncode == 0, done.stderr
    assert ask(elsewhere, "SELECT given_name, erased_at IS NULL FROM crm_customer") == [("", False)]
    assert contents_of(tmp_path / "there") == []
    old = done.stdout.split("stays as database ")[1].split(";")[0]
    assert ask(elsewhere.called(old), "SELECT seven FROM kept") == [(7,)]


def test_a_ledger_that_does_not_add_up_fails_the_proof_which_leaves_nothing_behind(shop, elsewhere, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE loyalty_lot SET remaining = remaining + 1")
    backup = taking.take(tmp_path / "shelf")

    (fault,) = restoring.verify(backup)

    assert "check_ledger failed" in fault
    assert "2 entries, 2 differences" in fault
    ours = Database.ours()
    assert ask(ours, f"SELECT datname FROM pg_database WHERE starts_with(datname, '{ours.name}_scratch_')") == []

    refused = manage(elsewhere, "restore", backup, "--yes", MEDIA_ROOT=str(tmp_path / "there"))
    assert refused.returncode == 1
    assert "Not restored; the shop is as it was" in refused.stderr
    assert ask(elsewhere, "SELECT count(*) FROM pg_class WHERE relname = 'crm_customer'") == [(0,)]


def orders_come_in(customer):
    """While the database is being copied: they are later than its moment."""
    seen = []

    def tell(stage, done=0, total=0):
        if len(seen) < 3:
            seen.append(build.order(customer, at=datetime(2026, 11, 22, tzinfo=UTC), reference=f"M-{len(seen)}"))

    return tell


def contents_of(folder):
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
