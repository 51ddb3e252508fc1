from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KEPT = timedelta(days=30)  # so long can a change of many be taken back


class ChangeSetQuerySet(models.QuerySet["ChangeSet"]):
    def recent(self) -> "ChangeSetQuerySet":
        return self.filter(at__gt=timezone.now() - KEPT)


class ChangeSet(models.Model):
    """One move that changed many rows and can be taken back: a bulk change, an import, a merge."""

    class Kind(models.TextChoices):
        BULK = "bulk", _("Change of many")
        IMPORT = "import", _("Import")
        MERGE = "merge", pgettext_lazy("kind of change", "Merge")

    kind = models.CharField(max_length=6, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    data = models.JSONField(default=dict)
    job = models.ForeignKey("shop.Job", models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = ChangeSetQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "-at", "-id"], name="change_set_newest_of_kind")]

    @property
    def can_be_undone(self) -> bool:
        return not self.undone_at and self.at > timezone.now() - KEPT

    def remember(self, **data: Any) -> None:
        self.data = {**self.data, **data}
        self.save(update_fields=["data"])


class ChangeQuerySet(models.QuerySet["Change"]):
    def kept(self) -> "ChangeQuerySet":
        """What taking back left as it is, and why."""
        return self.exclude(kept="")

    def forget(self, customer: Any) -> int:
        """Erasing a person takes their old and new values with it; what is left of the change skips their rows."""
        return self.filter(customer=customer).delete()[0]


class Change(models.Model):
    """One row that a change set made (`before` is empty), changed, or deleted (`after` is empty).

    Of a changed row only the fields that differ are held. `customer`: whose row it was, for the timeline and for
    erasing; not held by a foreign key, because a card that an import made is taken away with the import.
    """

    class Why(models.TextChoices):
        EDITED = "edited", _("changed since")
        GONE = "gone", _("no longer there")
        PARENTLESS = "parentless", _("what it belonged to is no longer there")
        POINTED_AT = "pointed_at", _("something new belongs to it")
        TAKEN = "taken", _("its place is taken")
        STAYS = "stays", _("what it belongs to stays")

    # Not held by a foreign key: whoever notes has the change set in hand, none is ever deleted, and a check per row of
    # 100,000 costs as much as writing the row.
    changes = models.ForeignKey(ChangeSet, models.CASCADE, related_name="rows", db_index=False, db_constraint=False)
    model = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    customer = models.ForeignKey(
        "crm.Customer", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    kept = models.CharField(max_length=10, choices=Why, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["changes", "model", "row_id"], name="change_once_per_row_and_set")
        ]
        indexes = [models.Index(fields=["customer", "id"], name="change_of_customer")]
