"""A worker is killed in the middle of long work: the job is taken up again and ends as if nothing had happened."""

import os
import signal
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from analytics import recompute
from analytics.models import Figures, Scores
from analytics.tasks import request_recompute
from crm.imports import jobs, running
from crm.models import Customer, Order, Refund
from shop.models import Job
from tests.analytics.shops import random_shop
from tests.faults.running import running_site, the_tests_own, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults"), pytest.mark.django_db(transaction=True)]

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def site(transactional_db, tmp_path):
    with running_site(tmp_path) as site:
        yield site


@contextmanager
def held(table):
    """Whoever wants to write into the table waits."""
    with psycopg.connect(the_tests_own(), autocommit=False) as wire, psycopg.connect(the_tests_own()) as watch:
        watch.autocommit = True
        wire.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield lambda: watch.execute(WAITING).fetchone()[0] > 0


def kill_while_it_waits_for(site, table, begin):
    """The job under way, whose worker was killed."""
    with held(table) as somebody_waits:
        job = begin()
        wait_until(somebody_waits, 300, f"the worker comes to {table}\n{site.logs()}")
        os.killpg(site.worker.process.pid, signal.SIGKILL)
        site.worker.end()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.RUNNING, 1)
    return job


def goes_on(site, job):
    """Another worker; the lease of the dead one has run out."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    site.worker = site.start_worker()
    wait_until(lambda: not Job.objects.live().filter(pk=job.pk).exists(), 300, f"the job ends\n{site.logs()}")
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)


def test_an_import_whose_worker_is_killed_ends_as_if_nothing_had_happened(site, tmp_path, mira):
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,order_id,ordered_at,amount,kind,refund_of\n" + "".join(rows()))
    clean = begun(path, "clean")
    running.read(clean)
    running.apply(clean)

    found = begun(path, "killed")
    reading = kill_while_it_waits_for(site, "crm_rejectedrow", lambda: jobs.request(found, jobs.READ, mira))
    goes_on(site, reading)
    found.refresh_from_db()
    assert not Order.objects.filter(source="killed").exists()
    applying = kill_while_it_waits_for(site, "crm_order", lambda: jobs.request(found, jobs.APPLY, mira))
    assert not Customer.objects.filter(identifiers__source="killed").exists()
    goes_on(site, applying)

    found.refresh_from_db()
    assert contents("killed") == contents("clean")
    assert found.report == clean.report
    assert list(found.rejected.values_list("line", "reason")) == list(clean.rejected.values_list("line", "reason"))


def rows():
    for n in range(3_000):
        yield f"{n % 300},A-{n},2026-01-{n % 28 + 1:02} 10:00,{n % 90 + 1}.50,sale,\n"
        if n % 40 == 0:
            yield f"{n % 300},R-{n},2026-02-01,1.00,refund,A-{n}\n"
        if n % 500 == 0:
            yield f"{n % 300},B-{n},2026-02-30,1.00,sale,\n"


def begun(path, source):
    return running.begin(path, name="orders.csv", source=source, owns_file=False)


def contents(source):
    orders, refunds = Order.objects.filter(source=source), Refund.objects.filter(source=source)
    whose = "customer__identifiers__normalised"
    return (
        sorted(orders.values_list("reference", "placed_at", "total", "refunded", whose)),
        sorted(refunds.values_list("reference", "at", "amount", "order__reference", whose)),
        Customer.objects.filter(identifiers__source=source).count(),
    )


def test_a_recompute_whose_worker_is_killed_ends_as_if_nothing_had_happened(site, mira):
    random_shop()

    job = kill_while_it_waits_for(site, "analytics_figures", lambda: request_recompute(by=mira))
    assert not Figures.objects.exists()
    goes_on(site, job)

    made = figures()
    recompute.full(recompute.today())
    assert made == figures()
    assert len(made) == Customer.objects.count()


def figures():
    names = [field.attname for field in Scores._meta.concrete_fields if field.name != "generation"]
    sums, scores = Figures.objects.order_by("pk").values_list(), Scores.objects.order_by("pk").values_list(*names)
    return list(zip(sums, scores, strict=True))
