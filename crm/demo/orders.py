"""The orders of the demo, moved in time by whole days so that the last of them was yesterday."""

import csv
import gzip
import tempfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings

from crm.imports import running
from crm.models import Import
from crm.models.imports import SOURCE

FILE = settings.BASE_DIR / "demo" / "online_retail_orders.csv.gz"
LAST_DAY = date(2011, 12, 9)


def bring(yesterday: date) -> Import:
    """The same import as everybody's. Call it inside a transaction."""
    with tempfile.TemporaryDirectory() as folder:
        moved = Path(folder) / "orders.csv"
        move(FILE, moved, by=yesterday - LAST_DAY)
        order_import = running.begin(moved, name=FILE.name, source=SOURCE)
        running.read(order_import)
        running.apply(order_import)
    running.discard(order_import)
    return order_import


def move(source: Path, target: Path, *, by: timedelta) -> None:
    @cache
    def moved(day: str) -> str:
        return (date.fromisoformat(day) + by).isoformat()

    with gzip.open(source, "rt", encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8") as new:
        rows = csv.reader(old)
        writer = csv.writer(new)
        header = next(rows)
        at = header.index("ordered_at")
        writer.writerow(header)
        writer.writerows([*row[:at], moved(row[at][:10]) + row[at][10:], *row[at + 1 :]] for row in rows)
