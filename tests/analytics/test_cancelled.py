"""A run that somebody stops leaves the figures there were, wherever it had come to, and the next one works."""

import pytest
import time_machine
from django.urls import reverse

from analytics import recompute
from analytics.lifetime import ahead
from analytics.models import Figures, Generation, PurchaseDays
from analytics.tasks import make_figures, request_recompute
from shop.models import Job
from tests.analytics.shops import AS_OF, order, random_shop

STAGES = [recompute.READ, recompute.MODEL, recompute.COMPARE, recompute.WRITE, recompute.INDEX, recompute.SWITCH]


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(ahead, "SHOPS", 3)
    with time_machine.travel(AS_OF, tick=True):
        yield


def shown():
    return list(Figures.objects.order_by("pk").values_list()), list(PurchaseDays.objects.order_by("pk").values_list())


def stop_at(wanted, patch):
    """Somebody presses the button the moment that stage begins."""
    goes_on = Job.progress

    def progress(job, stage=None, *counts):
        if stage == wanted:
            Job.objects.get(pk=job.pk).cancel()
        goes_on(job, stage, *counts)

    patch.setattr(Job, "progress", progress)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_stopped_at_any_stage_the_figures_stay_and_the_next_run_makes_them_anew(monkeypatch):
    customers = random_shop(70)
    first, before = recompute.full(AS_OF), shown()
    order(customers[0], 1, "500.00").save()

    for stage in STAGES:
        job = request_recompute()
        with monkeypatch.context() as patch:
            stop_at(stage, patch)
            make_figures(job.pk)
        job.refresh_from_db()
        assert (job.state, job.stage, job.is_live) == (Job.State.CANCELLED, stage, False)
        assert (Generation.objects.current(), shown()) == (first, before), stage

    job = request_recompute()
    make_figures(job.pk)
    job.refresh_from_db()

    assert (job.state, job.result["generation"]) == (Job.State.DONE, Generation.objects.current().pk)
    assert Figures.objects.get(pk=customers[0].pk).last_spend == 500


@pytest.mark.django_db
def test_the_page_says_how_far_the_run_is_and_a_second_request_joins_it(client, mira):
    client.force_login(mira)
    job = Job.claim(request_recompute(by=mira).pk)
    job.progress(recompute.READ, 30, 120)

    body = " ".join(client.get(reverse("analytics:retention")).content.decode().split())

    assert request_recompute().pk == job.pk
    assert recompute.READ in body
