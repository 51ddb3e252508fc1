import base64
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from crm.models.event import Event
from crm.webhooks.words import why_not
from shop.models import Setting, User
from shop.models.job import wake_relay
from shop.rights import RightMissing
from shop.sealing import seal, unseal

EVERYTHING = "*"  # among the kinds: every kind there is or will be
OVERLAP = timedelta(hours=24)  # for which a former secret still signs
# After an attempt without any answer the whole address rests, so that it keeps nobody waiting.
RESTS = [timedelta(seconds=s) for s in (30, 60, 300, 900, 1800, 3600)]
KEEP = timedelta(days=30)
PERSONAL = "customers.export"  # what people typed leaves the house


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def for_the_list(self) -> "WebhookQuerySet":
        """With how many of its deliveries wait and failed, and when the last one arrived."""
        mine = Delivery.objects.filter(webhook=models.OuterRef("pk"))

        def counted(state: str) -> Any:
            rows = mine.filter(state=state).order_by().values("webhook").annotate(n=models.Count("pk"))
            return models.functions.Coalesce(models.Subquery(rows.values("n")), 0)

        last = mine.filter(state=Delivery.State.DELIVERED).order_by("-ended_at").values("ended_at")[:1]
        return self.order_by("name", "pk").annotate(
            waiting=counted(Delivery.State.WAITING), failed=counted(Delivery.State.FAILED), last=models.Subquery(last)
        )


class Webhook(models.Model):
    """An address of another program, and what it wants to hear of. A trigger queues a delivery for each such event."""

    class State(models.TextChoices):
        LIVE = "live", pgettext_lazy("webhook", "live")
        PAUSED = "paused", pgettext_lazy("webhook", "paused")
        GONE = "gone", pgettext_lazy("webhook", "gone")  # its owner answered 410: nothing is queued any more

    name = models.CharField(max_length=64)
    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=32))
    personal = models.BooleanField(default=False)  # also what staff or customers typed
    state = models.CharField(max_length=6, choices=State, default=State.LIVE)
    since = models.DateTimeField(default=timezone.now)  # in this state
    secret = models.TextField(editable=False)
    former_secret = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    silences = models.PositiveSmallIntegerField(default=0)  # attempts without any answer, in a row
    rest_until = models.DateTimeField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = WebhookQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def make(cls, *, by: Any = None, **values: Any) -> "tuple[Webhook, str]":
        """The webhook, and its secret, which nobody is shown again. `by`: one of the staff, or a key.

        Raises RightMissing.
        """
        cls._authorise(by, values.get("personal", False))
        secret, person = new_secret(), by if isinstance(by, User) else None
        webhook = cls.objects.create(**values, secret=seal(secret, "webhook"), made_by=person)
        webhook._note("made", by)
        return webhook, secret

    @transaction.atomic
    def change(self, *, by: Any, **values: Any) -> bool:
        """False: it was so already. Raises RightMissing."""
        before = Webhook.objects.select_for_update().get(pk=self.pk)
        if all(getattr(before, name) == value for name, value in values.items()):
            return False
        self._authorise(by, values.get("personal", before.personal))
        for name, value in values.items():
            setattr(self, name, value)
        self.silences, self.rest_until = 0, None
        self.save(update_fields=[*values, "silences", "rest_until"])
        if before.personal and not values.get("personal", True):
            self._word_anew()
        self._note("changed", by)
        return True

    @staticmethod
    def _authorise(by: Any, personal: bool) -> None:
        """Whoever says where, and of what, people's words go may take them out of the house. None: the command line."""
        if personal and by is not None and not by.may(PERSONAL):
            raise RightMissing(PERSONAL)

    def _word_anew(self) -> None:
        """What waits, or is sent once more, says as little as what comes after it."""
        self.deliveries.filter(Q(state=Delivery.State.WAITING) | ~Q(body="")).update(body="")

    @transaction.atomic
    def pause(self, *, by: Any) -> bool:
        """Deliveries gather, and go when it is resumed."""
        return self._enter(self.State.PAUSED, {self.State.LIVE}, "paused", by)

    @transaction.atomic
    def resume(self, *, by: Any) -> bool:
        resumed = self._enter(self.State.LIVE, {self.State.PAUSED, self.State.GONE}, "resumed", by)
        if resumed:
            wake_relay()
        return resumed

    @transaction.atomic
    def end_as_gone(self) -> bool:
        """Its owner says that it is no more: nothing goes there, and what waited is written down as not delivered."""
        if not self._enter(self.State.GONE, {self.State.LIVE, self.State.PAUSED}, "gone", None):
            return False
        Delivery.objects.filter(webhook=self).park("gone")
        return True

    @transaction.atomic
    def remove(self, *, by: Any) -> None:
        self._note("removed", by)
        self.delete()

    @transaction.atomic
    def change_secret(self, *, by: Any) -> str:
        """A new one signs from now on; the former signs beside it for a day, so that the other side can follow."""
        secret = new_secret()
        self.former_secret, self.former_until = self.secret, timezone.now() + OVERLAP
        self.secret = seal(secret, "webhook")
        self.save(update_fields=["secret", "former_secret", "former_until"])
        self._note("secret_changed", by)
        return secret

    @transaction.atomic
    def end_former_secret(self, *, by: Any) -> bool:
        if not self.has_former:
            return False
        self.former_secret, self.former_until = "", None
        self.save(update_fields=["former_secret", "former_until"])
        self._note("former_secret_ended", by)
        return True

    @transaction.atomic
    def test(self, *, by: Any) -> "Delivery":
        """An event of its own goes to this address alone, whatever it wants to hear of."""
        event = self._note("tested", by)
        delivery = Delivery.objects.create(webhook=self, event=event)
        wake_relay()
        return delivery

    def note_replay(self, *, by: Any) -> None:
        self._note("replayed", by)

    def live_secrets(self) -> list[str]:
        """Those that sign now, the newest first. Raises shop.sealing.Unreadable."""
        sealed = [self.secret, self.former_secret] if self.has_former else [self.secret]
        return [unseal(one, "webhook") for one in sealed]

    @property
    def has_former(self) -> bool:
        return bool(self.former_until and self.former_until > timezone.now())

    def was_silent(self) -> None:
        """No answer at all: the address rests for a while, longer each time. Told of several at once, it counts one."""
        now = timezone.now()
        rest = now + RESTS[min(self.silences, len(RESTS) - 1)]
        awake = Webhook.objects.filter(pk=self.pk).filter(Q(rest_until=None) | Q(rest_until__lt=now))
        awake.update(silences=models.functions.Least(F("silences") + 1, 1000), rest_until=rest)

    def answered(self, wait_until: datetime | None = None) -> None:
        """It is there. `wait_until`: it asked for a pause."""
        rested = Webhook.objects.filter(pk=self.pk).exclude(silences=0, rest_until=wait_until)
        if self.silences or self.rest_until or wait_until:
            rested.update(silences=0, rest_until=wait_until)

    def _enter(self, state: str, former: set[Any], what: str, by: Any) -> bool:
        now = timezone.now()
        mine = Webhook.objects.filter(pk=self.pk, state__in=former)
        if not mine.update(state=state, since=now, silences=0, rest_until=None):
            return False
        self.state, self.since = state, now
        self._note(what, by)
        return True

    def _note(self, what: str, by: Any) -> Event:
        return Event.record("webhook.changed", subject=self, actor=by.actor if by else "", webhook=self.pk, what=what)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def failed_since(self, since: datetime) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.FAILED, ended_at__gte=since)

    def park(self, why: str) -> int:
        """What waits does not go; staff may send it all the same."""
        waiting = self.filter(state=Delivery.State.WAITING)
        return waiting.update(state=Delivery.State.FAILED, trouble=why, lease_until=None, ended_at=timezone.now())

    def replay(self) -> int:
        """Once more, from the first attempt on, under the same number. What waits goes as it would have."""
        ended = self.exclude(state=Delivery.State.WAITING)
        now = timezone.now()
        again = ended.update(state=Delivery.State.WAITING, due_at=now, attempts=0, lease_until=None, ended_at=None)
        if again:
            wake_relay()
        return again


class Delivery(models.Model):
    """One event on its way to one webhook: a row of the outbox, written with the event by a trigger."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("webhook delivery", "waits")
        DELIVERED = "delivered", pgettext_lazy("webhook delivery", "delivered")
        FAILED = "failed", pgettext_lazy("webhook delivery", "failed")

    key = models.UUIDField(unique=True, db_default=RandomUUID(), editable=False)  # the other side knows it by this
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries", db_index=False)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    queued_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)  # of the last answer
    trouble = models.CharField(max_length=24, blank=True)
    body = models.TextField(blank=True)  # as it was signed; kept for 48 hours

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "webhook"], name="delivery_once_per_event_and_webhook")]
        indexes = [
            models.Index(fields=["webhook", "due_at", "id"], name="delivery_waiting", condition=Q(state="waiting")),
            models.Index(
                fields=["webhook", "lease_until"],
                name="delivery_in_hand",
                condition=Q(state="waiting", lease_until__isnull=False),
            ),
            models.Index(fields=["webhook", "ended_at"], name="delivery_failed", condition=Q(state="failed")),
            models.Index(fields=["webhook", "-ended_at"], name="delivery_done", condition=Q(state="delivered")),
            models.Index(fields=["webhook", "-id"], name="delivery_newest"),
            models.Index(fields=["ended_at"], name="delivery_over", condition=Q(ended_at__isnull=False)),
            models.Index(fields=["queued_at"], name="delivery_with_body", condition=~Q(body="")),
        ]

    def __str__(self) -> str:
        return f"msg_{self.key.hex}"

    @property
    def reason(self) -> Any:
        return why_not(self.trouble, self.status)

    @classmethod
    def park_all(cls, why: str = "restored") -> int:
        """After a restore: what waited then may have gone out since, so nothing of it goes without a look."""
        return cls.objects.all().park(why)

    @classmethod
    def sweep(cls) -> None:
        """Bodies and answers after two days at most, deliveries a month after their end."""
        now = timezone.now()
        copies = timedelta(hours=Setting.get("privacy.copies_hours"))
        cls.objects.filter(queued_at__lt=now - copies).exclude(body="").update(body="")
        DeliveryAttempt.objects.filter(at__lt=now - copies).exclude(answer="").update(answer="")
        over = cls.objects.filter(ended_at__lt=now - KEEP).order_by("pk").values_list("pk", flat=True)
        while pks := list(over[:5000]):
            cls.objects.filter(pk__in=pks).delete()


class DeliveryAttempt(models.Model):
    """One try: what was answered, or why nothing was."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    trouble = models.CharField(max_length=24, blank=True)
    took_ms = models.PositiveIntegerField()
    answer = models.TextField(blank=True)  # its beginning; kept for 48 hours

    class Meta:
        indexes = [models.Index(fields=["at"], name="attempt_with_answer", condition=~Q(answer=""))]

    @property
    def reason(self) -> Any:
        return why_not(self.trouble, self.status)
