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
from analytics.models import CohortCell, Figures, Generation, PeriodFigure, PurchaseDays, Scores
from crm.models import Order
from tests.analytics.shops import AS_OF, order, random_shop

ROOT = Path(__file__).resolve().parents[2]

NOTICE = (
    "SELECT coalesce(bool_and(pg_terminate_backend(pid, 60000)), true) FROM pg_stat_activity"
    " WHERE application_name = 'regulars-killed' AND datname = current_database() AND pid <> pg_backend_pid()"
)

DIE = """
import os, signal, sys
import django
django.setup()
from analytics import recompute
from analytics.publishing import tables
from tests.analytics.shops import AS_OF

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

{where}
recompute.full(AS_OF)
"""

AND_DIE = """
replace = tables._replace
tables._replace = lambda *statements: die(replace(*statements))
"""

MOMENTS = {
    "with half of the new tables written": "tables.copy_purchase_days = die",
    "while the indexes are made": "tables._definition_for_next = die",
    "inside the switch, before the tables": "recompute.Generation.take_over = die",
    "inside the switch, when the old tables are gone": AND_DIE,
}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed(moment):
    customers = random_shop()
    first = recompute.full(AS_OF)
    before = rows()
    order(customers[0], 1, "500.00").save()

    assert killed(MOMENTS[moment]) == -signal.SIGKILL

    assert rows() == before
    assert Generation.objects.current() == first

    second = recompute.full(AS_OF)

    assert set(Scores.objects.values_list("generation", flat=True)) == {second.pk}
    assert Figures.objects.get(pk=customers[0].pk).net == sum(
        o.net for o in Order.objects.filter(customer=customers[0])
    )
    assert PeriodFigure.objects.values("generation").distinct().count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'analytics%%_next' AND relkind = 'r'")
        assert cursor.fetchone() == (0,)


TWENTY = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from analytics import recompute
from tests.analytics.shops import AS_OF

KILLS = 20
seen = 0

def run(last, said):
    global seen

    def count(frame, event, arg):
        global seen
        if event == "call" and "/analytics/" in frame.f_code.co_filename:
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    recompute.full(AS_OF)
    sys.setprofile(None)
    connection.close()
    os.write(said, str(seen).encode())
    os._exit(0)

def apart(last):
    told, said = os.pipe()
    pid = os.fork()
    if not pid:
        run(last, said)
    os.close(said)
    _, status = os.waitpid(pid, 0)
    calls = int(os.read(told, 20) or 0)
    with connection.cursor() as cursor:
        cursor.execute({NOTICE!r})
    connection.close()
    return status, calls

status, calls = apart(-1)
assert status == 0, status
for kill in range(1, KILLS + 1):
    status, _ = apart(calls * kill // (KILLS + 1))
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (kill, status)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_twenty_times_all_along_the_way_the_figures_are_those_of_a_clean_run():
    """By how far it has come, not by the clock: after so many twenty-firsts of what the run calls."""
    random_shop()
    recompute.full(AS_OF)
    recompute.full(AS_OF)
    clean = published()

    done = python(TWENTY.replace("{NOTICE!r}", repr(NOTICE)))

    assert done.returncode == 0, done.stderr[-2000:]
    assert published() == clean
    recompute.full(AS_OF)
    assert published() == clean


def rows():
    return [list(model.objects.order_by("pk").values_list()) for model in (Scores, Figures, PurchaseDays)]


def published():
    """All that is shown, without the number of the run."""
    current = Generation.objects.current()
    rows = [
        *Figures.objects.order_by("pk").values(),
        *Scores.objects.order_by("pk").values(),
        *PeriodFigure.objects.filter(generation=current).order_by("pk").values(),
    ]
    rows += CohortCell.objects.filter(generation=current).order_by("cohort", "month").values()
    own = ("id", "generation", "generation_id")
    figures = [{name: value for name, value in row.items() if name not in own} for row in rows]
    return figures, list(PurchaseDays.objects.order_by("pk").values())


def python(script: str):
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    own = {"DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "config.settings", "REGULARS_ROLE": "killed"}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )


def killed(where: str) -> int:
    done = python(DIE.format(where=where))
    wait_for_the_server_to_notice()
    return done.returncode


def wait_for_the_server_to_notice():
    """The dead keep their locks until PostgreSQL has rolled them back, a moment after the kill."""
    with connection.cursor() as cursor:
        cursor.execute(NOTICE)
        assert cursor.fetchone() == (True,)
