from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from crm.models.event import Event


class MailText(models.Model):
    """The words of one mail in one language. Versions are only added; the newest is in force, 0 came with the shop."""

    template = models.CharField(max_length=40)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField(max_length=20_000)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "language", "version"], name="mail_text_has_each_version_once")
        ]

    def __str__(self) -> str:
        return self.subject

    @classmethod
    def publish(cls, template: str, language: str, *, subject: str, body: str, by: Any) -> "MailText | None":
        """The next version; None when nothing is different from the one in force."""
        for _try in range(5):
            last = cls.objects.filter(template=template, language=language).order_by("-version").first()
            if last and (last.subject, last.body) == (subject, body):
                return None
            text = cls(template=template, language=language, subject=subject, body=body, by=by)
            text.version = last.version + 1 if last else 1
            try:
                with transaction.atomic():
                    text.save(force_insert=True)
                    Event.record(
                        "mail_text.changed",
                        subject=text,
                        actor=by.actor if by else "",
                        template=template,
                        language=language,
                        version=text.version,
                    )
                return text
            except IntegrityError:  # somebody saved at the same moment: theirs stays as the version before ours
                continue
        raise RuntimeError("could not number the version")


class KeptMail(models.Model):
    """A mail that did not leave the machine: read on a page, in the demo and in development. Goes after 48 hours."""

    at = models.DateTimeField(default=timezone.now)
    sender = models.CharField(max_length=320, blank=True)
    recipients = models.CharField(max_length=1000, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    raw = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="kept_mail_newest")]

    def __str__(self) -> str:
        return self.subject
