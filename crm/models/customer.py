from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Lower, Trim
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.card_number import card_number
from crm.models.custom_field import PREFIX
from crm.models.event import Event
from crm.models.identifier import Identifier
from crm.models.tag import Tag, Tagging
from shop.asking import ask_one


class CustomerQuerySet(models.QuerySet["Customer"]):
    def allowed(self, user, right: str) -> "CustomerQuerySet":
        """The one place that decides who may touch customers; raises PermissionDenied before anything is read."""
        if not user.may(right):
            raise PermissionDenied(right)
        return self

    def get_or_404(self, named: int | str) -> "Customer":
        """Follows a card that was merged into another. An erased card is only found by its certificate.

        `named`: our number, or source:number of another program.
        """
        rows = self.called(named) if isinstance(named, str) else self.filter(pk=named)
        return Customer.meant_by(rows.select_related("merged_into").first())

    def called(self, name: str) -> "CustomerQuerySet":
        """By what another program calls them: "shop:c-7"."""
        source, _colon, value = name.partition(":")
        number = Identifier.normalise(Identifier.Kind.EXTERNAL, value)
        known = Identifier.objects.filter(kind=Identifier.Kind.EXTERNAL, source=source, normalised=number)
        return self.filter(pk__in=known.values("customer"))

    def present(self) -> "CustomerQuerySet":
        """Neither merged into another card nor erased."""
        return self.filter(merged_into=None, erased_at=None)


class Customer(models.Model):
    """The person; the card is their page."""

    given_name = models.CharField(_("Given name"), max_length=120, blank=True)
    family_name = models.CharField(_("Family name"), max_length=120, blank=True)
    name = models.GeneratedField(
        expression=Trim(Concat("given_name", Value(" "), "family_name")),
        output_field=models.CharField(max_length=241),
        db_persist=True,
    )
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    language = models.CharField(_("Language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    time_zone = models.CharField(_("Time zone"), max_length=40, blank=True)
    company = models.CharField(_("Company"), max_length=120, blank=True)
    street = models.CharField(_("Street"), max_length=200, blank=True)
    postcode = models.CharField(_("Postcode"), max_length=20, blank=True)
    city = models.CharField(_("Town"), max_length=120, blank=True)
    country = models.CharField(_("Country"), max_length=80, blank=True)
    source = models.CharField(_("Source"), max_length=64, blank=True)
    about = models.TextField(_("About"), max_length=4000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customers",
        db_index=False,
        verbose_name=_("Owner"),
    )
    created_at = models.DateTimeField(default=timezone.now)
    brought_by = models.BigIntegerField(null=True, editable=False)  # the import that made it, for its undo
    left_out_at = models.DateTimeField(_("Left out of figures since"), null=True, blank=True)
    unprofiled_since = models.DateTimeField(_("Objects to risk scoring since"), null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # {key of a CustomField: value}; a field without one is left out.
    custom = models.JSONField(default=dict, db_default={}, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )

    objects = CustomerQuerySet.as_manager()
    UNDONE_BY_KEY = ("custom",)  # taken back value by value, as if every key were a column

    class Meta:
        indexes = [
            BrinIndex(fields=["brought_by"], name="customer_brought_by", pages_per_range=32),
            GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="customer_name_trigrams"),
            GinIndex(OpClass(F("custom"), name="jsonb_path_ops"), name="customer_custom"),
            models.Index(Lower("name"), "id", name="customer_by_name"),
            models.Index(fields=["-created_at", "-id"], name="customer_newest"),
            models.Index(fields=["owner", "id"], name="customer_by_owner"),
            # Who has no e-mail, no order: walked along beside the index of those who have.
            models.Index(fields=["id"], name="customer_present", condition=models.Q(merged_into=None, erased_at=None)),
            models.Index(fields=["merged_into"], name="customer_merged", condition=models.Q(merged_into__isnull=False)),
            # For questions of the list: texts that contain something. One index is written faster than two.
            GinIndex(
                *(OpClass(Lower(field), name="gin_trgm_ops") for field in ("city", "company")),
                name="customer_texts_trigrams",
            ),
            # Of these there are few different ones, which are looked through instead.
            models.Index(fields=["country"], name="customer_by_country"),
            models.Index(fields=["source"], name="customer_by_source"),
            models.Index(fields=["language"], name="customer_by_language"),
            models.Index(
                F("birthday__month") * 100 + F("birthday__day"),
                name="customer_by_birth_day",
                condition=models.Q(birthday__isnull=False),
            ),
            models.Index(fields=["id"], name="customer_with_words", condition=~models.Q(about="")),
            models.Index(
                fields=["left_out_at"], name="customer_left_out", condition=models.Q(left_out_at__isnull=False)
            ),
            models.Index(
                fields=["unprofiled_since"], name="customer_objects", condition=models.Q(unprofiled_since__isnull=False)
            ),
            models.Index(fields=["erased_at"], name="customer_erased", condition=models.Q(erased_at__isnull=False)),
            models.Index(fields=["birthday"], name="customer_by_birthday", condition=models.Q(birthday__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="customer_is_not_merged_into_itself", condition=~models.Q(merged_into=F("id"))),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("crm:customer", args=[self.pk])

    @property
    def meant(self) -> "Customer":
        """The card itself, or the one it was merged into."""
        return self.merged_into or self

    @staticmethod
    def meant_by(found: "Customer | None") -> "Customer":
        """The card that is meant; raises Http404 when there is none any more."""
        if found is None or found.meant.erased_at:
            raise Http404
        return found.meant

    @property
    def card_number(self) -> str:
        """The one a shop brought with it, else ours."""
        brought = sorted((one.pk, one.value) for one in self.identifiers.all() if one.kind == Identifier.Kind.CARD)
        return brought[0][1] if brought else card_number(self.pk)

    def held(self) -> "Customer":
        """The card that is meant, and it stays the one until the end of the transaction.

        Who merges it waits; who waits for a merge gets the card that it went into.
        """
        row = ask_one("SELECT merged_into_id FROM crm_customer WHERE id = %s FOR KEY SHARE", [self.pk])
        return Customer.objects.get(pk=row[0]).held() if row and row[0] else self

    @classmethod
    @transaction.atomic
    def open_card(cls, *, actor: str, contacts: dict[str, str], **fields: Any) -> "Customer":
        """A card made by hand, with what the person is known by: {"email": …, "phone": …}."""
        customer = cls.objects.create(**fields)
        for kind, value in contacts.items():
            if value:
                customer.identifiers.create(kind=kind, value=value, normalised=Identifier.normalise(kind, value))
        Event.record("customer.created", customer=customer, subject=customer, actor=actor, source="staff")
        return customer

    @transaction.atomic
    def edit(self, *, actor: str, **values: Any) -> bool:
        """Set fields (custom__KEY: one the shop defined) and write down old and new. False: nothing was different."""
        card = Customer.objects.select_for_update().get(pk=self.pk)
        changes = card.put(values)
        for field, new in values.items():
            self.set_value(field, new)
        if changes:
            card.save(update_fields=list({field.partition("__")[0] for field in changes}))
            Event.record("customer.edited", customer=card, subject=card, actor=actor, changes=changes)
        return bool(changes)

    def put(self, values: dict[str, Any]) -> dict[str, list[str | None]]:
        """Sets them on this row, unsaved; what was different as {field: [old, new]}."""
        changes = {}
        for field, new in values.items():
            if self.value_of(field) != new:
                old = self._said(self, field)
                self.set_value(field, new)
                changes[field] = [old, self._said(self, field)]
        return changes

    def value_of(self, field: str) -> Any:
        return self.custom.get(field.removeprefix(PREFIX)) if field.startswith(PREFIX) else getattr(self, field)

    def set_value(self, field: str, value: Any) -> None:
        """A custom field without a value leaves no key behind."""
        if not field.startswith(PREFIX):
            setattr(self, field, value)
        elif value is None:
            self.custom.pop(field.removeprefix(PREFIX), None)
        else:
            self.custom[field.removeprefix(PREFIX)] = value

    def object_to_profiling(self, objects: bool, *, actor: str) -> bool:
        """Risk scoring off for this person, or on again. False: it was so already."""
        if objects == bool(self.unprofiled_since):
            return False
        return self.edit(actor=actor, unprofiled_since=timezone.now() if objects else None)

    @staticmethod
    def _said(card: "Customer", field: str) -> str | None:
        """A value as the timeline keeps it: text, a date as 2026-11-21, staff as the actor they are."""
        value = card.value_of(field)
        if value is None or value == "":
            return None
        return value.actor if field == "owner" else str(value)

    @transaction.atomic
    def tag(self, tag: Tag, *, actor: str) -> bool:
        """False: it was on the card."""
        if not Tagging.objects.get_or_create(customer=self, tag=tag)[1]:
            return False
        Event.record("customer.tagged", customer=self, subject=tag, actor=actor, tag=tag.name)
        return True

    @transaction.atomic
    def untag(self, tag: Tag, *, actor: str) -> bool:
        """False: it was not on the card."""
        if not Tagging.objects.filter(customer=self, tag=tag).delete()[0]:
            return False
        Event.record("customer.untagged", customer=self, subject=tag, actor=actor, tag=tag.name)
        return True

    @transaction.atomic
    def change_contact(self, kind: str, old: Any, new: str, *, actor: str) -> bool:
        """Add (`old` is None), change, or take away (`new` is empty) an identifier. False: nothing was different."""
        Customer.objects.select_for_update().get(pk=self.pk)
        before, new = old and old.value, new.strip()
        if (before or "") == new:
            return False
        if not new:
            old.delete()
        else:
            identifier = old or Identifier(customer=self, kind=kind)
            identifier.value, identifier.normalised = new, identifier.normalise(kind, new)
            identifier.save()
        Event.record("customer.edited", customer=self, subject=self, actor=actor, changes={kind: [before, new or None]})
        return True
