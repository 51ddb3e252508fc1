"""One person's right to answer once."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Customer, Event
from feedback.models.survey import CannotAsk, Survey
from feedback.models.version import SurveyVersion
from shop.asking import ask
from shop.models.token import Token

LASTS = timedelta(days=30)
_ANSWERED = """
UPDATE feedback_invitation SET state = 'answered', answered_at = %s WHERE id = %s AND state <> 'answered' RETURNING id
"""


class Channel(models.TextChoices):
    """The way an answer came in."""

    EMAIL = "email", _("E-mail")
    OPEN = "open", _("QR code or open link")
    WIDGET = "widget", _("On the website")
    ME = "me", _("The customer’s own page")
    STAFF = "staff", _("Told to staff")
    API = "api", _("A program")
    IMPORT = "import", _("An imported file")


class AlreadyAnswered(Exception):
    """There is an answer; it may be changed, not given again. `response` is None where it has no name."""

    def __init__(self, response: Any = None) -> None:
        super().__init__("already answered")
        self.response = response


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: Any = None) -> "InvitationQuerySet":
        """Can still be answered."""
        states = [Invitation.State.WAITING, Invitation.State.SENT]
        return self.filter(state__in=states, expires_at__gt=now or timezone.now())

    def due(self, now: datetime | None = None) -> "InvitationQuerySet":
        """Nobody has looked yet whether it may go; once it is a mail, that waits in the queue of mails."""
        return self.filter(state=Invitation.State.WAITING, message=None, due_at__lte=now or timezone.now())

    def invite(
        self,
        customer: Customer,
        survey: Survey,
        *,
        cause: str,
        trigger: str,
        channel: str = Channel.EMAIL,
        due_at: datetime | None = None,
        batch: str = "",
        order: Any = None,
        complaint: Any = None,
        test: bool = False,
    ) -> "Invitation":
        """Once per cause: the same cause again gives the invitation there is. Raises CannotAsk.

        It waits until `due_at`; whether it may go is decided when it is sent (feedback/inviting/).
        """
        version = survey.version
        if version is None or (not survey.is_running and not test):
            raise CannotAsk("not_running")
        due_at = due_at or timezone.now()
        values = {
            "customer": customer.meant,
            "survey": survey,
            "version": version,
            "trigger": trigger,
            "channel": channel,
            "due_at": due_at,
            "expires_at": due_at + LASTS,
            "batch": batch,
            "order": order,
            "complaint": complaint,
            "test": test,
        }
        invitation, _new = self.get_or_create(cause=cause, defaults=values)
        return invitation


class Invitation(models.Model):
    """It is asked for one cause, once; it waits with its reason, is sent, and is answered or not."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("an invitation", "waits")
        SENT = "sent", pgettext_lazy("an invitation", "sent")
        ANSWERED = "answered", pgettext_lazy("an invitation", "answered")
        NOT_SENT = "not_sent", pgettext_lazy("an invitation", "not sent")

    class Trigger(models.TextChoices):
        ORDER = "order", _("After an order")
        COMPLAINT = "complaint", _("After a complaint was closed")
        LAPSE = "lapse", _("The customer seemed to be lost")
        EVERY = "every", _("Every few months")
        HAND = "hand", _("By hand")
        SEGMENT = "segment", _("To a segment")
        REASK = "reask", _("Asked again after a low score")
        OTHER = "other", _("Another way")

    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="invitations")
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="invitations")
    version = models.ForeignKey(SurveyVersion, models.PROTECT, related_name="invitations")
    cause = models.CharField(max_length=120, unique=True)  # order:17:survey:3
    trigger = models.CharField(max_length=9, choices=Trigger)
    channel = models.CharField(max_length=6, choices=Channel, default=Channel.EMAIL)
    batch = models.CharField(max_length=64, blank=True)  # of a send to many
    order = models.ForeignKey("crm.Order", models.PROTECT, null=True, related_name="invitations")
    complaint = models.ForeignKey("crm.Complaint", models.PROTECT, null=True, related_name="invitations")
    test = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(max_length=40, blank=True)  # why it waits or was not sent: crm/contact/reasons.py
    invited_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    message = models.ForeignKey("crm.Message", models.SET_NULL, null=True, related_name="invitations")
    sent_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # told by the page's script; without it nobody knows
    bounced_at = models.DateTimeField(null=True)  # it never arrived: nobody was asked
    answered_at = models.DateTimeField(null=True)  # without a name: the beginning of the week

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="invitation_says_when_it_was_answered",
                condition=Q(state="answered", answered_at__isnull=False) | (~Q(state="answered") & Q(answered_at=None)),
            ),
            models.CheckConstraint(
                name="invitation_sent_says_when", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            ),
            models.CheckConstraint(
                name="invitation_that_is_not_sent_says_why", condition=~Q(state="not_sent") | ~Q(why="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="invitation_waiting", condition=Q(state="waiting", message=None)
            ),
            models.Index(fields=["sent_at", "id"], name="invitation_to_remind", condition=Q(state="sent")),
            models.Index(fields=["customer", "-invited_at", "-id"], name="invitation_of_customer"),
            models.Index(fields=["survey", "-invited_at", "-id"], name="invitation_of_survey"),
            # The response rate: by day of sending.
            models.Index(
                fields=["survey", "sent_at"], name="invitation_by_sent", condition=Q(sent_at__isnull=False, test=False)
            ),
            models.Index(fields=["batch"], name="invitation_of_batch", condition=~Q(batch="")),
            # Who waits and who was not asked: counted by reason, and a reason found, without the rows themselves.
            models.Index(
                fields=["state", "-id"],
                include=["why", "message"],
                name="invitation_not_asked",
                condition=Q(state__in=["waiting", "not_sent"], test=False),
            ),
        ]

    def __str__(self) -> str:
        return self.cause

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.SENT) and self.expires_at > timezone.now()

    @transaction.atomic
    def answer(self, values: dict[str, Any], **how: Any) -> Any:
        """The one answer to it: {name of a question: value}, as the form has checked them. Raises AlreadyAnswered.

        `how`: language, channel, nameless, callback, assisted_by (feedback/answering/recording.py).
        """
        from feedback.answering.recording import answer

        return answer(self, values, **how)

    def mark_answered(self, at: datetime) -> bool:
        """False: somebody else was first. An invitation that was not sent can be answered on the phone."""
        if not ask(_ANSWERED, [at, self.pk]):
            return False
        self.state, self.answered_at = self.State.ANSWERED, at
        return True

    def withdraw(self, why: str) -> bool:
        """It is not sent after all. False: it is out already."""
        waiting = Invitation.objects.filter(pk=self.pk, state=self.State.WAITING)
        return bool(waiting.update(state=self.State.NOT_SENT, why=why))

    @transaction.atomic
    def note_opened(self) -> bool:
        """The first time the form is seen. Where no answer has a name, the card does not tell who looked, either."""
        first = Invitation.objects.filter(pk=self.pk, opened_at=None).update(opened_at=timezone.now())
        if first and self.survey.names != Survey.Names.NAMELESS:
            told: dict[str, Any] = {"invitation": self.pk, "survey": self.survey.name, "kind": self.survey.kind}
            Event.record("invitation.opened", customer_id=self.customer_id, order=self.order, subject=self, **told)
        return bool(first)

    @property
    def bounced(self) -> bool:
        return self.bounced_at is not None


class InvitationToken(Token):
    """A link to the form of one invitation. Each mail has its own; each of them opens it."""

    class Purpose:
        ANSWER = "answer"

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="tokens")

    class Meta:
        indexes = [models.Index(F("expires_at"), name="invitation_token_expires")]
