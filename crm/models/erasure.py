from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models.task import Task
from shop.models import User

ANSWERED_WITHIN = timedelta(days=30)  # what the law gives a shop to answer


class Erasure(models.Model):
    """The certificate: that a card was erased, when, why, and how many rows of each table. No identity."""

    class Why(models.TextChoices):
        ASKED = "asked", gettext_lazy("The customer asked for it")
        STAFF = "staff", gettext_lazy("Decided by the shop")
        CLOCK = "clock", gettext_lazy("Nothing had happened for years")
        AGAIN = "again", gettext_lazy("Erased again after an older backup was restored")

    customer = models.OneToOneField("crm.Customer", models.PROTECT, related_name="erasure")
    cards = ArrayField(models.BigIntegerField())  # the card and those that were merged into it
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=8, choices=Why)
    counts = models.JSONField(default=dict)  # {table: {"erased": 3, "emptied": 2, "kept": 5}}

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="erasure_newest")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"E-{self.at.year}-{self.customer_id:06}"


class FileToRemove(models.Model):
    """A file of somebody erased: removed after commit, and tried again until it is gone."""

    path = models.CharField(max_length=500)
    added_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)

    @property
    def file(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.path


class PrivacyRequestQuerySet(models.QuerySet["PrivacyRequest"]):
    def open(self) -> "PrivacyRequestQuerySet":
        return self.filter(done_at=None)


class PrivacyRequest(models.Model):
    """A customer asked for a copy of their data, or to be erased. Staff have a task with it, due in 30 days."""

    class Kind(models.TextChoices):
        COPY = "copy", gettext_lazy("Copy of the data")
        ERASURE = "erasure", gettext_lazy("Erasure")

    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(max_length=7, choices=Kind)
    asked_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    objects = PrivacyRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"],
                name="one_open_privacy_request_of_a_kind",
                condition=models.Q(done_at=None),
            )
        ]
        indexes = [models.Index(fields=["due_on", "id"], name="privacy_request_open", condition=models.Q(done_at=None))]

    @classmethod
    @transaction.atomic
    def ask(cls, customer: Any, kind: str, *, by: Any = None) -> "PrivacyRequest":
        """Asked twice is asked once: the open request is returned."""
        type(customer).objects.select_for_update().get(pk=customer.pk)
        known = cls.objects.open().filter(customer=customer, kind=kind).first()
        if known:
            return known
        due_on = timezone.localdate() + ANSWERED_WITHIN
        owner = by or answering(customer)
        title = _TITLES[cls.Kind(kind)]()
        task = Task.plan(title, due_on, owner=owner, by=by or owner, customer=customer) if owner else None
        return cls.objects.create(customer=customer, kind=kind, due_on=due_on, task=task)

    @transaction.atomic
    def finish(self, *, actor: str = "") -> bool:
        """False: it was done before."""
        now = timezone.now()
        if not PrivacyRequest.objects.open().filter(pk=self.pk).update(done_at=now):
            return False
        self.done_at = now
        if self.task:
            self.task.finish(actor=actor)
        return True

    @property
    def days_left(self) -> int:
        return (self.due_on - timezone.localdate()).days


_TITLES = {
    PrivacyRequest.Kind.COPY: lambda: _("Give the customer a copy of their data"),
    PrivacyRequest.Kind.ERASURE: lambda: _("Erase the customer, as asked"),
}


def answering(customer: Any) -> User | None:
    """Who answers: the card's owner when they may erase, else the first who may."""
    owner = customer.owner
    if owner and owner.is_active and owner.may("customers.erase"):
        return owner
    return next((user for user in User.objects.active().order_by("pk") if user.may("customers.erase")), None)


class OldCard(models.Model):
    """A card on which nothing has happened for years: proposed for erasure, until somebody decides."""

    customer = models.OneToOneField("crm.Customer", models.CASCADE, primary_key=True, related_name="old_card")
    last_on: "models.DateField[date, date]" = models.DateField()
    proposed_at = models.DateTimeField(default=timezone.now)
    kept_until = models.DateField(null=True)  # somebody said: not this one

    class Meta:
        indexes = [models.Index(fields=["last_on", "customer"], name="old_card_oldest")]
