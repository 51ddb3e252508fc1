from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

LEASE = timedelta(seconds=60)
ATTEMPTS = 5


class Cancelled(Exception):
    """Somebody asked for the job to stop."""


class TryLater(Exception):
    """Something outside did not answer: the job goes back into the queue for a while."""

    def __init__(self, after: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.after = after


class JobQuerySet(models.QuerySet["Job"]):
    def live(self) -> "JobQuerySet":
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def due(self) -> "JobQuerySet":
        """Nobody works on it: queued, or its worker has not been heard of for the length of a lease."""
        queued = Q(state=Job.State.QUEUED, due_at__lte=timezone.now())
        return self.filter(queued | Q(state=Job.State.RUNNING, lease_until__lt=timezone.now()))


class Job(models.Model):
    """Long work with progress. `kind` is the name of the Celery task that takes the job's id.

    A lane holds one live job: a second request joins it. A period ("2026-11-21") is done once, however many ask.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=64)
    lane = models.CharField(max_length=64)
    period = models.CharField(max_length=32, null=True)
    params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=64, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    requested_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    stage_started_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lane"], name="one_live_job_per_lane", condition=Q(state__in=["queued", "running"])
            ),
            models.UniqueConstraint(
                fields=["kind", "period"], name="job_once_per_period", condition=Q(period__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="job_live", condition=Q(state__in=["queued", "running"]))]

    @classmethod
    def request(
        cls, kind: str, *, lane: str | None = None, period: str | None = None, by: Any = None, **params: Any
    ) -> "Job":
        """Ask for the work; returns the job that does it, which may be one already under way."""
        lane = lane or kind
        try:
            with transaction.atomic():
                job = cls.objects.create(kind=kind, lane=lane, period=period, requested_by=by, params=params)
                wake_relay()
                return job
        except IntegrityError:
            same_period = Q(kind=kind, period=period) if period else Q(pk=None)
            live = Q(lane=lane, state__in=[cls.State.QUEUED, cls.State.RUNNING])
            return cls.objects.filter(live | same_period).latest("pk")

    @classmethod
    def claim(cls, pk: int) -> "Job | None":
        """Take the job for the length of a lease, or None: somebody else has it, or it is over."""
        now = timezone.now()
        mine = (
            cls.objects.due()
            .filter(pk=pk)
            .update(state=cls.State.RUNNING, lease_until=now + LEASE, attempts=F("attempts") + 1, started_at=now)
        )
        if not mine:
            return None
        job = cls.objects.get(pk=pk)
        if job.attempts > ATTEMPTS:
            job.end(cls.State.FAILED, error="stopped five times before its end")
            return None
        return job

    def progress(self, stage: str | None = None, done: int = 0, total: int = 0) -> None:
        """Say how far it is and keep the lease. Raises Cancelled when somebody asked for the end."""
        now = timezone.now()
        if stage is not None and stage != self.stage:
            self.stage, self.stage_started_at = stage, now
        self.done, self.total, self.lease_until = done, total, now + LEASE
        mine = Job.objects.filter(pk=self.pk, state=self.State.RUNNING, attempts=self.attempts).update(
            stage=self.stage,
            stage_started_at=self.stage_started_at,
            done=done,
            total=total,
            lease_until=self.lease_until,
        )
        if not mine or Job.objects.filter(pk=self.pk, cancel_requested_at__isnull=False).exists():
            raise Cancelled

    def end(self, state: str, *, error: str = "", **result: Any) -> None:
        """Changes nothing when another worker has taken the job over meanwhile."""
        self.state, self.error, self.ended_at, self.lease_until = state, error[:300], timezone.now(), None
        self.result = {**self.result, **result}
        Job.objects.filter(pk=self.pk, attempts=self.attempts).update(
            state=state, error=self.error, ended_at=self.ended_at, lease_until=None, result=self.result
        )

    def postpone(self, after: timedelta, reason: str) -> None:
        """Give the job back, to be taken up again after a while; claim() gives up after five times."""
        Job.objects.filter(pk=self.pk, state=self.State.RUNNING, attempts=self.attempts).update(
            state=self.State.QUEUED, due_at=timezone.now() + after, lease_until=None, error=reason[:300]
        )

    def cancel(self) -> None:
        """A queued job ends at once, a running one at its next step."""
        now = timezone.now()
        Job.objects.filter(pk=self.pk, state=self.State.QUEUED).update(
            state=self.State.CANCELLED, ended_at=now, cancel_requested_at=now
        )
        Job.objects.filter(pk=self.pk, state=self.State.RUNNING).update(cancel_requested_at=now)
        self.refresh_from_db()

    @property
    def is_live(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)


def wake_relay() -> None:
    """Delivered on commit; the relay then looks for due work (see crm/events/relay.py)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('regulars', '')")
