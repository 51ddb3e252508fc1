from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.imports.columns import Mapping

SOURCE = "shop"  # the source of orders and customer numbers when nobody names another
SOURCE_SHAPE = r"^[A-Za-z0-9._-]{1,32}\Z"


class Import(models.Model):
    """One file on its way in: chosen, read into a table of its own, looked at, then applied at one go."""

    source = models.CharField(_("Source"), max_length=32, default=SOURCE)
    file_name = models.CharField(max_length=200)  # as its owner calls it; only ever shown
    path = models.CharField(max_length=500)  # as we call it
    workbook = models.CharField(max_length=500, blank=True)  # ours too, while another of its sheets may be chosen
    owns_file = models.BooleanField(default=True)  # ours to throw away; a file named on the command line is not
    sha256 = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    staged_rows = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey("shop.Job", models.SET_NULL, null=True, related_name="+")
    changes = models.ForeignKey("crm.ChangeSet", models.SET_NULL, null=True, related_name="+")
    read_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refusal = models.JSONField(default=dict)
    swept_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="import_newest")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file(self) -> Path:
        return Path(self.path)

    @property
    def actor(self) -> str:
        return f"import:{self.pk}"

    @property
    def staging(self) -> str:
        """The name of the table that holds its rows between reading and applying."""
        return f"crm_import_rows_{int(self.pk)}"

    @property
    def mapping_in_use(self) -> Mapping:
        return Mapping(**self.mapping)

    @property
    def can_be_applied(self) -> bool:
        return bool(self.read_at and not self.applied_at and not self.swept_at)

    @property
    def undone_at(self) -> Any:
        return self.changes.undone_at if self.changes else None

    @property
    def can_be_undone(self) -> bool:
        return bool(self.applied_at and self.changes and self.changes.can_be_undone)

    @property
    def customer_ids(self) -> "models.QuerySet[ImportedCustomer, int]":
        """Whose orders it brought or changed: what a reaction to import.applied needs."""
        return self.customers.values_list("customer_id", flat=True)

    def remember(self, **fields: Any) -> None:
        """Set these fields here and in the row, and nothing else."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))

    def refuse(self, refusal: dict[str, Any]) -> None:
        self.remember(refused_at=timezone.now(), refusal=refusal, read_at=None)


class RejectedRow(models.Model):
    """A row that cannot come in: where it stands and why. Kept for 48 hours, for its owner to put right."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="rejected", db_column="import_id")
    line = models.BigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=24)  # a key of crm.imports.reasons.REASONS
    cells = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["of", "line", "id"], name="rejected_row_by_line")]


class ImportedCustomer(models.Model):
    """Whose orders an import brought or changed. Not held to the customer by a foreign key: there may be millions."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="customers", db_column="import_id")
    customer = models.ForeignKey(
        "crm.Customer", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


class SavedMapping(models.Model):
    """How a file was read: remembered for the next one with this header, or kept under a name."""

    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=32)
    fingerprint = models.CharField(max_length=64, blank=True)  # of the names in the header; none when it has a name
    name = models.CharField(max_length=60, blank=True)
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "kind", "source", "fingerprint", condition=models.Q(name=""), name="mapping_of_last_time"
            ),
            models.UniqueConstraint(
                "kind", Lower("name"), condition=~models.Q(name=""), name="mapping_has_a_name_of_its_own"
            ),
        ]

    def __str__(self) -> str:
        return self.name
