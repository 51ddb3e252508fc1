from contextvars import ContextVar
from typing import Any

from django.db import models
from django.utils import timezone

from shop.inserting import insert

# Whether this request has left a trace already (shop/tracing.py).
noted: ContextVar[bool] = ContextVar("noted", default=False)


class AuditRow(models.Model):
    """Who did what, when, where it is no event of a customer. Written with the fact and never changed (a trigger).

    `kind` is one of shop/audit.py; the actor is written as in events: staff:7, key:ab12; empty: nobody we know.
    """

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=32)
    actor = models.CharField(max_length=40, blank=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["actor", "-at", "-id"], name="audit_newest_of_actor"),
            models.Index(fields=["kind", "-at", "-id"], name="audit_newest_of_kind"),
            models.Index(
                fields=["subject_id", "-at", "-id"],
                name="audit_newest_of_subject",
                condition=models.Q(subject_id__isnull=False),
            ),
        ]

    @classmethod
    def write(cls, kind: str, /, *, by: Any = None, subject: Any = None, **data: Any) -> "AuditRow":
        """`by`: a user or a key, None for nobody we know. Call it inside the transaction of the fact."""
        from shop.audit import DEEDS

        if set(data) != set(DEEDS[kind].keys):
            raise ValueError(f"{kind} carries {DEEDS[kind].keys}, not {tuple(data)}")
        row = cls(
            kind=kind,
            actor=by.actor if by else "",
            subject_type=subject._meta.label_lower if subject else "",
            subject_id=subject.pk if subject else None,
            data=data,
        )
        insert(row)
        noted.set(True)
        return row
