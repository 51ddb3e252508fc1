"""Killed at any moment, a full run leaves the old figures or the new, and the next one works."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from analytics import recompute
from analytics.models import Figures, Generation, PeriodFigure, PurchaseDays
from crm.models import Order
from tests.analytics.shops import AS_OF, order, random_shop

ROOT = Path(__file__).resolve().parents[2]

DIE = """
import os, signal, sys
import django
django.setup()
from analytics import publishing, recompute
from tests.analytics.shops import AS_OF

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

{where}
recompute.full(AS_OF)
"""

MOMENTS = {
    "with half of the new tables written": "publishing.copy_purchase_days = die",
    "while the indexes are made": "publishing._definition_for_next = die",
    "inside the switch, when the old tables are gone": "recompute.Generation.take_over = die",
}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed(moment):
    customers = random_shop()
    first = recompute.full(AS_OF)
    before = list(Figures.objects.order_by("pk").values_list())
    order(customers[0], 1, "500.00").save()

    assert killed(MOMENTS[moment]) == -signal.SIGKILL

    assert list(Figures.objects.order_by("pk").values_list()) == before
    assert PurchaseDays.objects.count() == len(before)
    assert Generation.objects.current() == first

    second = recompute.full(AS_OF)

    assert set(Figures.objects.values_list("generation", flat=True)) == {second.pk}
    assert Figures.objects.get(pk=customers[0].pk).net == sum(
        o.net for o in Order.objects.filter(customer=customers[0])
    )
    assert PeriodFigure.objects.values("generation").distinct().count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'analytics%%_next' AND relkind = 'r'")
        assert cursor.fetchone() == (0,)


def killed(where: str) -> int:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {**os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", DIE.format(where=where)], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    return done.returncode
