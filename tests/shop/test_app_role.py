"""In production the site works under a role that owns none of the tables that only grow, so it cannot open them."""

import os
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from analytics import recompute
from analytics.models import Figures
from crm.models import Customer, Order
from crm.privacy.erasing import erase
from loyalty.models import Account, Entry
from shop.backup import restoring, taking
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop
from tests.loyalty.points.conftest import NOW, earn, spend

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROLE = "regulars_app_of_a_test"
FILE = """customer_id,order_id,ordered_at,amount
C-1,1001,2026-03-01,20.00
C-2,1002,2026-03-02,30.00
"""
ATTEMPTS = ["ALTER TABLE {} DISABLE TRIGGER ALL", "DROP TABLE {} CASCADE", "TRUNCATE {} CASCADE"]


@pytest.fixture
def as_the_site(settings, monkeypatch):
    """Every connection of this test works as that role, also those of other threads."""
    settings.APP_DATABASE_URL = f"postgres://{ROLE}:of-a-test@localhost/regulars"
    call_command("make_app_role")
    call_command("make_app_role")  # as after every migrate
    owner = connection.settings_dict["USER"]
    url = urlsplit(os.environ["DATABASE_URL"])
    monkeypatch.setenv("DATABASE_URL", url._replace(netloc=f"{ROLE}@{url.netloc.rpartition('@')[2]}").geturl())
    connection.settings_dict["USER"] = ROLE
    connection.close()
    yield
    connection.settings_dict["USER"] = owner
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"REASSIGN OWNED BY {ROLE} TO CURRENT_USER")
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


def test_the_site_works_and_cannot_open_what_only_grows(as_the_site, ana, ben, tmp_path, settings):
    settings.ERASED_FILE, settings.MEDIA_ROOT = tmp_path / "erased.jsonl", tmp_path / "media"
    (tmp_path / "orders.csv").write_text(FILE)

    customers = random_shop(60)
    recompute.full(AS_OF)
    order(customers[0], 1, "500.00").save()
    recompute.full(AS_OF)
    call_command("import_orders", tmp_path / "orders.csv")
    account = Account.of(ana)
    Account.objects.filter(pk=account.pk).update(as_of=NOW)
    account.refresh_from_db()
    earn(account, 50, order=build.order(ana))
    spend(account, 20)
    build.note(ana)
    erase(ben, why="asked")
    faults = restoring.verify(taking.take(tmp_path / "shelf"))

    assert Figures.objects.get(pk=customers[0].pk).last_on == AS_OF - timedelta(days=1)
    assert Order.objects.filter(reference="1001").exists()
    assert Entry.objects.filter(account=account).count() == 2
    assert Customer.objects.get(pk=ben.pk).erased_at
    assert faults == []
    for table in ("loyalty_entry", "loyalty_allocation", "crm_event", "crm_consent"):
        for attempt in ATTEMPTS:
            assert refused(attempt.format(table)), (attempt, table)
    assert refused("SET session_replication_role = replica")


def refused(statement):
    with connection.get_new_connection(connection.get_connection_params()) as own:
        own.autocommit = True
        try:
            own.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
    return False
