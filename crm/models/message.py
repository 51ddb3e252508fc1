import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.event import Event
from shop.models.job import wake_relay

# A bulk send waits so long, and can be taken back meanwhile.
TAKE_BACK = timedelta(seconds=60)
# At least once: written again when the worker died over it. Everything else is sent at most once.
SERVICE = ("service", "staff")
# Why a message was not sent, where somebody may decide that it is sent after all.
AGAIN = ("taken_back", "restored", "gave_up", "refused", "no_text", "no_address")


class MessageQuerySet(models.QuerySet["Message"]):
    def queued(self) -> "MessageQuerySet":
        return self.filter(state=Message.State.QUEUED)

    def due(self, now: datetime | None = None) -> "MessageQuerySet":
        now = now or timezone.now()
        return self.queued().filter(due_at__lte=now).filter(Q(lease_until=None) | Q(lease_until__lt=now))

    @transaction.atomic
    def drop(self, why: str) -> int:
        """What still waits is not sent, for this reason. What a worker has begun to send is left alone."""
        dropped = list(self.queued().select_for_update(of=("self",)).order_by("pk"))
        now = timezone.now()
        Message.objects.filter(pk__in=[message.pk for message in dropped]).update(
            state=Message.State.NOT_SENT, why=why, at=now, lease_until=None
        )
        for message in dropped:
            Event.record(
                "message.dropped",
                customer_id=message.customer_id,
                subject=message,
                at=now,
                template=message.template,
                why=why,
            )
        return len(dropped)

    def take_back(self) -> int:
        """Undo of a send: works until a worker has begun with the message."""
        return self.drop("taken_back")


class Message(models.Model):
    """One mail to one person, from the wish to send it to what became of it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waits")
        SENDING = "sending", _("is being sent")
        SENT = "sent", _("sent")
        UNKNOWN = "unknown", _("unknown whether sent")
        BOUNCED = "bounced", _("came back")
        NOT_SENT = "not_sent", _("not sent")

    customer = models.ForeignKey("crm.Customer", models.PROTECT, null=True, related_name="messages")
    address = models.CharField(max_length=254, blank=True)
    purpose = models.CharField(max_length=12)
    template = models.CharField(max_length=40)
    version = models.PositiveIntegerField(null=True)
    language = models.CharField(max_length=2, blank=True)
    cause = models.CharField(max_length=120, unique=True)
    batch = models.CharField(max_length=64, blank=True)
    context = models.JSONField(default=dict)
    queued_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    at = models.DateTimeField(default=timezone.now)  # when it came into this state
    why = models.CharField(max_length=40, blank=True)  # why it waits, was not sent, or came back
    message_id = models.CharField(max_length=120, unique=True)
    provider_id = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="message_waiting", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="message_in_hand", condition=Q(state="sending")),
            models.Index(fields=["customer", "-at", "-id"], name="message_newest_of_customer"),
            models.Index(fields=["customer", "-sent_at"], name="message_sent_to", condition=Q(sent_at__isnull=False)),
            models.Index(
                fields=["-at", "-id"],
                name="message_not_arrived",
                condition=Q(state__in=["bounced", "not_sent", "unknown"]),
            ),
            models.Index(fields=["template", "-at", "-id"], name="message_newest_of_template"),
            models.Index(fields=["-at", "-id"], name="message_newest"),
            models.Index(fields=["batch"], name="message_of_batch", condition=~Q(batch="")),
            models.Index(fields=["provider_id"], name="message_at_provider", condition=~Q(provider_id="")),
            models.Index(fields=["sent_at"], name="message_with_body", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.template} #{self.pk}"

    @classmethod
    @transaction.atomic
    def queue(
        cls,
        customer: Any,
        purpose: str,
        template: str,
        cause: str,
        *,
        context: dict[str, Any] | None = None,
        due_at: datetime | None = None,
        batch: str = "",
        address: str = "",
        language: str = "",
    ) -> "Message":
        """Once per cause. What may not go now waits with its reason, or is written down as not sent.

        `batch`: of a bulk send; it waits a minute and can be taken back. `address` and `language`: of somebody
        who is no customer (purpose "staff").
        """
        from crm.mail.asking import before_queueing

        cls.refuse_unknown(purpose, template, context or {})
        now = timezone.now()
        message = cls(customer=customer, purpose=purpose, template=template, batch=batch, context=context or {})
        message.due_at = max(due_at or now, now + TAKE_BACK if batch else now)
        message.address, message.language = address, language
        message.message_id = cls.new_message_id()
        before_queueing(message)
        return message._once_per(cause)

    def _once_per(self, cause: str) -> "Message":
        values = {f.name: getattr(self, f.name) for f in self._meta.fields if f.name not in ("id", "cause")}
        message, new = Message.objects.get_or_create(cause=cause, defaults=values)
        if new:
            message._tell()
        return message

    def _tell(self) -> None:
        if self.state == self.State.NOT_SENT:
            Event.record(
                "message.dropped", customer_id=self.customer_id, subject=self, template=self.template, why=self.why
            )
        elif self.due_at <= timezone.now():
            wake_relay()

    @staticmethod
    def refuse_unknown(purpose: str, template: str, context: dict[str, Any]) -> None:
        """Refuses what could never be rendered, where the programmer sees it."""
        from crm.mail.kinds import mail_named

        mail = mail_named(template)
        if mail.purpose != purpose:
            raise ValueError(f"{template} is for {mail.purpose}, not {purpose}")
        if unknown := set(context) - set(mail.placeholders):
            raise ValueError(f"{template} has no placeholder {', '.join(sorted(unknown))}")

    @staticmethod
    def new_message_id() -> str:
        host = settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
        return f"<{uuid.uuid4().hex}@{host or 'localhost'}>"

    @property
    def is_service(self) -> bool:
        return self.purpose in SERVICE

    @property
    def label(self) -> Any:
        """What the mail is about, in the reader's language."""
        from crm.mail.kinds import mails

        mail = mails().get(self.template)
        return mail.label if mail else self.template

    @property
    def language_name(self) -> str:
        return dict(settings.LANGUAGES).get(self.language, self.language)

    @property
    def reason(self) -> str:
        """Why it waits, was not sent, or came back; a sentence."""
        from crm.mail.reasons import in_words

        return in_words(self.why)

    def begin(self, lease_until: datetime, **written: Any) -> bool:
        """From here on it may be out of the house. False: taken back, dropped, or in somebody else's hands."""
        mine = Message.objects.queued().filter(pk=self.pk, lease_until=self.lease_until)
        values = {"state": self.State.SENDING, "at": timezone.now(), "why": "", "lease_until": lease_until, **written}
        if not mine.update(attempts=F("attempts") + 1, **values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        self.attempts += 1
        return True

    def wait(self, until: datetime, why: str, **known: Any) -> bool:
        """Not now: it stays in the queue with its reason."""
        mine = Message.objects.filter(pk=self.pk, lease_until=self.lease_until)
        return bool(
            mine.filter(state__in=[self.State.QUEUED, self.State.SENDING]).update(
                state=self.State.QUEUED, due_at=until, why=why, lease_until=None, at=timezone.now(), **known
            )
        )

    @transaction.atomic
    def end(self, state: str, why: str = "", **known: Any) -> bool:
        """What became of it, once. `known`: provider_id, last_error."""
        now = timezone.now()
        if state in (self.State.SENT, self.State.UNKNOWN, self.State.BOUNCED):
            known.setdefault("sent_at", now)
        mine = Message.objects.filter(pk=self.pk, lease_until=self.lease_until)
        if not mine.update(state=state, why=why, at=now, lease_until=None, **known):
            return False
        self._record(state, why, now)
        return True

    def _record(self, state: str, why: str, at: datetime) -> None:
        what: dict[str, Any] = {"customer_id": self.customer_id, "subject": self, "at": at, "template": self.template}
        if state == self.State.SENT:
            Event.record("message.sent", **what, purpose=self.purpose)
        elif state == self.State.BOUNCED:
            Event.record("message.bounced", **what, why=why)
        else:
            Event.record("message.dropped", **what, why=why or state)

    @transaction.atomic
    def bounce(self, why: str) -> bool:
        """The provider says that it did not arrive. False: known already."""
        back = Message.objects.filter(pk=self.pk).exclude(state=self.State.BOUNCED)
        now = timezone.now()
        if not back.update(state=self.State.BOUNCED, why=why, at=now):
            return False
        self._record(self.State.BOUNCED, why, now)
        return True

    def try_again(self) -> bool:
        """A look said that it may go after all. False: it is on its way, out, or was refused for good."""
        ended = Message.objects.filter(pk=self.pk, state=self.State.NOT_SENT, why__in=AGAIN)
        now = timezone.now()
        if not ended.update(state=self.State.QUEUED, due_at=now, at=now, why="", attempts=0, lease_until=None):
            return False
        wake_relay()
        return True

    @property
    def may_be_tried_again(self) -> bool:
        return self.state == self.State.NOT_SENT and self.why in AGAIN

    @classmethod
    def park_all(cls, why: str = "restored") -> int:
        """After a restore: what waited then may have gone out since, so nothing of it goes without a look."""
        open_states = [cls.State.QUEUED, cls.State.SENDING]
        return cls.objects.filter(state__in=open_states).update(
            state=cls.State.NOT_SENT, why=why, lease_until=None, at=timezone.now()
        )
