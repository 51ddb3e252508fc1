import pytest

from crm.bulk import jobs, running
from crm.models import ChangeSet, Event, Tag, Tagging
from shop.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(many, ana, ben, cleo, sam):
    """Tag three customers, one at a time, in the background."""

    def ask():
        tag = Tag.called("VIP")
        bulk = many("tag", [ana, ben, cleo], {"tag": tag.pk, "name": tag.name})
        return jobs.request(bulk, jobs.CHANGE, sam)

    return ask


def test_a_worker_does_it_and_says_how_far_it_is(asked):
    job = asked()

    jobs.change_many(job.pk)

    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.result) == ("done", 3, 3, {"changed": 3})
    assert Tagging.objects.count() == 3


def test_a_cancel_takes_back_what_was_done(asked, monkeypatch):
    monkeypatch.setattr(running, "PART", 1)
    job = asked()
    plain = Job.progress

    def cancelled_at_two(self, stage=None, done=0, total=0):
        if done == 2:
            self.cancel()
        plain(self, stage, done, total)

    monkeypatch.setattr(Job, "progress", cancelled_at_two)
    jobs.change_many(job.pk)

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not Tagging.objects.exists()
    assert ChangeSet.objects.get().undone_at
    assert list(Event.objects.values_list("kind", flat=True).order_by("pk"))[:2] == ["customer.tagged"] * 2
    assert Event.objects.filter(kind="customer.untagged").count() == 2


def test_another_worker_that_took_over_is_left_alone(asked, monkeypatch):
    monkeypatch.setattr(running, "PART", 1)
    job = asked()
    plain = Job.progress

    def taken_over_at_two(self, stage=None, done=0, total=0):
        if done == 2:
            Job.objects.filter(pk=self.pk).update(attempts=7)
        plain(self, stage, done, total)

    monkeypatch.setattr(Job, "progress", taken_over_at_two)
    jobs.change_many(job.pk)

    assert Tagging.objects.count() == 2
    assert not ChangeSet.objects.get().undone_at


@pytest.mark.django_db(transaction=True)
def test_taking_back_is_a_job_too(asked, sam):
    jobs.change_many(asked().pk)
    bulk = running.Bulk(ChangeSet.objects.get())

    job = jobs.request(bulk, jobs.TAKE_BACK, sam)
    jobs.take_back_many(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"restored": 3, "kept": 0})
    assert not Tagging.objects.exists()
