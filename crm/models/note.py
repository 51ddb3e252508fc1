from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Note(models.Model):
    """A conversation somebody wrote down: it happened elsewhere, nothing is sent."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        VISIT = "visit", _("Visit")
        CHAT = "chat", _("Chat")
        EMAIL = "email", _("E-mail")
        NOTE = "note", _("Note")

    customer = models.ForeignKey("crm.Customer", models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=5, choices=Kind)
    body = models.TextField(_("What was said"), max_length=10_000)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-at", "-id"], name="note_newest_of_customer")]
