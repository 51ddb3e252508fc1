from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.event import Event
from crm.models.mention import Mention
from crm.models.task import Task


class Note(models.Model):
    """A conversation somebody wrote down: it happened elsewhere, nothing is sent."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        VISIT = "visit", _("Visit")
        CHAT = "chat", _("Chat")
        EMAIL = "email", _("E-mail")
        NOTE = "note", _("Note")

    customer = models.ForeignKey("crm.Customer", models.CASCADE, related_name="notes", db_index=False)
    kind = models.CharField(max_length=5, choices=Kind)
    body = models.TextField(_("What was said"), max_length=10_000)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    imprint = models.UUIDField(null=True, unique=True, editable=False)  # of a row of an import, to know it again
    complaint = models.ForeignKey("crm.Complaint", models.SET_NULL, null=True, blank=True, related_name="notes")

    class Meta:
        indexes = [models.Index(fields=["customer", "-at", "-id"], name="note_newest_of_customer")]

    @classmethod
    @transaction.atomic
    def log(
        cls,
        customer: Any,
        kind: str,
        body: str,
        *,
        by: Any = None,
        actor: str = "",
        follow_up: dict[str, Any] | None = None,
        complaint: Any = None,
    ) -> "Note":
        """Write down a conversation, and in the same move what must follow it (title, due_on, owner).

        `actor`: the program that did, when it was nobody of the staff.
        """
        note = cls.objects.create(customer=customer, kind=kind, body=body, by=by, complaint=complaint)
        actor = by.actor if by else actor
        Event.record("note.logged", customer=customer, subject=note, at=note.at, actor=actor, kind=kind)
        Mention.find_in(note)
        if follow_up:
            Task.plan(**follow_up, by=by, customer=customer)
        return note
