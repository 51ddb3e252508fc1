"""A small piece of the demo shop: every tenth customer with all their orders, figures made, work waiting."""

import csv
import gzip
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from analytics import recompute
from crm.demo import orders, people, story
from crm.imports import running
from shop.models import Setting

EVERY = 10


@pytest.fixture(scope="session")
def piece_of_the_orders(tmp_path_factory):
    """The file of the demo, thinned once."""
    thin = tmp_path_factory.mktemp("demo") / "orders.csv.gz"
    with gzip.open(orders.FILE, "rt", newline="") as whole, gzip.open(thin, "wt", newline="") as piece:
        rows = csv.reader(whole)
        writer = csv.writer(piece)
        writer.writerow(next(rows))
        writer.writerows(row for row in rows if row[0].isdecimal() and int(row[0]) % EVERY == 0)
    return thin


@pytest.fixture
def demo_shop(transactional_db, mira, sam, piece_of_the_orders, tmp_path):
    """Committed, so that the live server and the recompute see it. Ends yesterday."""
    moved = tmp_path / "orders.csv"
    Setting.put("shop.name", "Tansy & Wren")
    Setting.put("analytics.active_days", 200)
    today = timezone.localdate()
    orders.move(piece_of_the_orders, moved, by=today - timedelta(days=1) - orders.LAST_DAY)
    with transaction.atomic():
        order_import = running.begin(moved, name="orders.csv", source="shop", owns_file=False)
        running.read(order_import)
        running.apply(order_import)
        people.invent()
        story.tell({"mira": mira, "sam": sam}, today)
    recompute.full()
    return order_import
