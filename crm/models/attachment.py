import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from crm.complaints import files
from shop import disk
from shop.models import Setting

FOLDER = "attachments"


class Attachment(models.Model):
    """A file somebody put to a complaint or a conversation: under a name of ours, of a kind that we looked at."""

    customer = models.ForeignKey("crm.Customer", models.CASCADE, related_name="attachments")
    complaint = models.ForeignKey("crm.Complaint", models.CASCADE, null=True, related_name="attachments")
    note = models.ForeignKey("crm.Note", models.CASCADE, null=True, related_name="attachments")
    name = models.CharField(max_length=200)  # as its owner calls it; only ever shown
    path = models.CharField(max_length=200, unique=True)  # as we call it, below MEDIA_ROOT
    type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="attachment_belongs_to_a_complaint_or_a_conversation",
                condition=Q(complaint__isnull=False) | Q(note__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def file(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.path

    @classmethod
    def keep(cls, upload: Any, *, customer: Any, by: Any, complaint: Any = None, note: Any = None) -> "Attachment":
        """Look at it, copy it in blocks, write it down. Raises files.NotTaken; then nothing is left of it."""
        kind = cls.look_at(upload)
        path = f"{FOLDER}/{uuid.uuid4().hex}"
        target = Path(settings.MEDIA_ROOT) / path
        try:
            files.copy(upload, target)
            with transaction.atomic():
                return cls.objects.create(
                    customer=customer,
                    complaint=complaint,
                    note=note,
                    name=files.plain_name(upload.name or ""),
                    path=path,
                    type=kind,
                    size=upload.size,
                    by=by,
                )
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    @staticmethod
    def look_at(upload: Any) -> str:
        """Its type, when we take such files; raises files.NotTaken with the reason."""
        limit = Setting.get("complaints.file_megabytes")
        if disk.nearly_full():
            raise files.NotTaken("disk")
        if upload.size > limit * files.MEGABYTE:
            raise files.NotTaken("too_large", limit=limit)
        return files.type_of(upload)

    def remove(self) -> None:
        """The file goes when the row is gone for good."""
        with transaction.atomic():
            self.delete()
            transaction.on_commit(lambda: self.file.unlink(missing_ok=True))

    @classmethod
    def sweep(cls, older_than: timedelta = timedelta(hours=1)) -> int:
        """Files without a row: of an upload that broke off, of a person who was erased, of an import taken back."""
        folder, before, gone = Path(settings.MEDIA_ROOT) / FOLDER, timezone.now() - older_than, 0
        if not folder.is_dir():
            return 0
        old = [one for one in folder.iterdir() if one.stat().st_mtime < before.timestamp()]
        for some in (old[begin : begin + 500] for begin in range(0, len(old), 500)):
            paths = {f"{FOLDER}/{one.name}": one for one in some}
            known = set(cls.objects.filter(path__in=paths).values_list("path", flat=True))
            for path in paths.keys() - known:
                paths[path].unlink(missing_ok=True)
                gone += 1
        return gone
