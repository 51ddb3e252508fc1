"""Fields that a shop defines for itself; their values are in Customer.custom, by key."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models.event import Event
from shop import formats

KEY = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)
PREFIX = "custom__"  # before the key where a field of the card is named
LONGEST = 500
MOST_CHOICES = 100
MOST_FIELDS = 100
LARGEST = Decimal(10) ** 12


class KindInUse(Exception):
    """The kind cannot change while there are values of the old one."""

    def __init__(self, used: int) -> None:
        super().__init__(used)
        self.used = used


class ChoicesInUse(Exception):
    """These choices are on cards, so they cannot be taken away."""

    def __init__(self, choices: list[str], used: int) -> None:
        super().__init__(used)
        self.choices, self.used = choices, used


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def present(self) -> "CustomFieldQuerySet":
        return self.filter(archived_at=None).order_by("position", "pk")


class CustomField(models.Model):
    """Its key is how programs, files and mails name it, so it never changes."""

    class Kind(models.TextChoices):
        TEXT = "text", gettext_lazy("Text")
        NUMBER = "number", gettext_lazy("Number")
        DATE = "date", gettext_lazy("Date")
        CHOICE = "choice", gettext_lazy("One of several")
        YES_NO = "yes_no", gettext_lazy("Yes or no")

    key = models.CharField(gettext_lazy("Key"), max_length=30, unique=True)
    label = models.CharField(gettext_lazy("Label"), max_length=80)
    kind = models.CharField(gettext_lazy("Kind"), max_length=6, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(gettext_lazy("Choices"), default=list)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="custom_field_key_is_plain", condition=Q(key__regex=r"^[a-z][a-z0-9_]{0,29}$"))
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def name(self) -> str:
        """As Customer.edit and the timeline call it."""
        return f"{PREFIX}{self.key}"

    # ---- Values ---------------------------------------------------------------------------------------
    def clean_value(self, told: Any) -> Any:
        """What is stored for what was told; None for nothing. Raises ValidationError with a sentence."""
        if told is None or (isinstance(told, str) and not told.strip()):
            return None
        return _READ[self.kind](self, told)

    def words(self, value: Any) -> str:
        """A stored value as people read it."""
        if value is None or value == "":
            return ""
        if self.kind == self.Kind.YES_NO:
            return _("yes") if str(value).lower() == "true" else _("no")
        if self.kind == self.Kind.DATE:
            try:
                return formats.day(date.fromisoformat(str(value)))
            except ValueError:
                return str(value)
        if self.kind == self.Kind.NUMBER:
            number = Decimal(str(value)).normalize()
            return formats.number(number, max(-int(number.as_tuple().exponent), 0))
        return str(value)

    def used(self, values: Iterable[Any] | None = None) -> int:
        """How many cards have a value, or one of these."""
        found = Q(custom__has_key=self.key) if values is None else Q()
        for value in values or ():
            found |= Q(custom__contains={self.key: value})
        customers = self._meta.apps.get_model("crm", "Customer").objects.filter(found)
        return customers.count()

    @classmethod
    def placeholders(cls) -> list[tuple[str, str]]:
        """(placeholder, label) for mails: {custom.KEY}."""
        return [(f"custom.{key}", label) for key, label in cls.objects.present().values_list("key", "label")]

    @classmethod
    def said(cls, customer: Any) -> dict[str, str]:
        """Every present field of a customer in words, by key: what the placeholders stand for."""
        return {field.key: field.words(customer.custom.get(field.key)) for field in cls.objects.present()}

    # ---- Verbs ----------------------------------------------------------------------------------------
    @classmethod
    @transaction.atomic
    def define(cls, *, key: str, label: str, kind: str, choices: Iterable[str] = (), actor: str) -> "CustomField":
        last = cls.objects.aggregate(last=models.Max("position"))["last"]
        field = cls.objects.create(
            key=key, label=label, kind=kind, choices=list(choices), position=0 if last is None else last + 1
        )
        Event.record("field.defined", subject=field, actor=actor, key=key, label=label, kind=kind)
        return field

    @transaction.atomic
    def change(self, *, label: str, kind: str, choices: Iterable[str] = (), actor: str) -> bool:
        """False: nothing was different. Raises KindInUse, ChoicesInUse."""
        field = CustomField.objects.select_for_update().get(pk=self.pk)
        new = {"label": label, "kind": kind, "choices": list(choices)}
        changes = {name: [getattr(field, name), value] for name, value in new.items() if getattr(field, name) != value}
        if not changes:
            return False
        if "kind" in changes and (used := field.used()):
            raise KindInUse(used)
        lost = [choice for choice in field.choices if choice not in new["choices"]]
        if field.kind == kind == self.Kind.CHOICE and lost and (used := field.used(lost)):
            raise ChoicesInUse(lost, used)
        for name, value in new.items():
            setattr(field, name, value)
            setattr(self, name, value)
        field.save(update_fields=list(new))
        Event.record("field.changed", subject=field, actor=actor, key=field.key, changes=changes)
        return True

    @transaction.atomic
    def archive(self, *, actor: str) -> bool:
        """It is asked for nowhere any more; its values stay. False: it was archived."""
        now = timezone.now()
        if not CustomField.objects.filter(pk=self.pk, archived_at=None).update(archived_at=now):
            return False
        self.archived_at = now
        Event.record("field.archived", subject=self, actor=actor, key=self.key)
        return True

    @transaction.atomic
    def restore(self, *, actor: str) -> bool:
        if not CustomField.objects.filter(pk=self.pk, archived_at__isnull=False).update(archived_at=None):
            return False
        self.archived_at = None
        Event.record("field.restored", subject=self, actor=actor, key=self.key)
        return True

    @transaction.atomic
    def move(self, steps: int) -> None:
        """Up (-1) or down (1) among the present ones; positions are counted anew."""
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE crm_customfield IN SHARE ROW EXCLUSIVE MODE")
        fields = list(CustomField.objects.present())
        here = next((at for at, field in enumerate(fields) if field.pk == self.pk), None)
        if here is None or not 0 <= here + steps < len(fields):
            return
        fields.insert(here + steps, fields.pop(here))
        for position, field in enumerate(fields):
            field.position = position
        CustomField.objects.bulk_update(fields, ["position"])


# ---- Reading what was told ----------------------------------------------------------------------------
def _text(field: CustomField, told: Any) -> str:
    text = told if isinstance(told, str) else str(told)
    if isinstance(told, (dict, list, bool)) or len(text) > LONGEST or "\0" in text:
        raise ValidationError(_("A text of at most %(n)s characters.") % {"n": LONGEST})
    return text.strip()


def _number(field: CustomField, told: Any) -> int | float:
    plain = told.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".") if isinstance(told, str) else told
    try:
        if isinstance(plain, (bool, dict, list)):
            raise InvalidOperation
        number = Decimal(str(plain))
        rounded = round(number, 3) if number.is_finite() else None
    except InvalidOperation:
        rounded = None
    if rounded is None or abs(rounded) >= LARGEST or rounded != number:
        raise ValidationError(_("A number such as 12.5, with at most three places."))
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def _date(field: CustomField, told: Any) -> str:
    try:
        day = told if isinstance(told, date) else date.fromisoformat(str(told).strip())
        if not 1900 <= day.year <= 2200:
            raise ValueError
    except ValueError:
        raise ValidationError(_("A date such as 2026-03-01.")) from None
    return day.isoformat()[:10]


def _choice(field: CustomField, told: Any) -> str:
    for choice in field.choices:
        if isinstance(told, str) and told.strip().casefold() == choice.casefold():
            return choice
    raise ValidationError(_("One of: %(choices)s.") % {"choices": ", ".join(field.choices)})


YES, NO = ("yes", "true", "1", "y", "on"), ("no", "false", "0", "n", "off")


def _yes_no(field: CustomField, told: Any) -> bool:
    plain = str(told).strip().casefold()
    if plain in (*YES, _("yes").casefold()):
        return True
    if plain in (*NO, _("no").casefold()):
        return False
    raise ValidationError(_("Yes or no."))


_READ = {"text": _text, "number": _number, "date": _date, "choice": _choice, "yes_no": _yes_no}


def values_for(told: dict[str, Any]) -> dict[str, Any]:
    """{key: told} as {custom__key: stored} for Customer.edit. Raises ValidationError by key."""
    fields = {field.key: field for field in CustomField.objects.present()}
    values, errors = {}, {}
    for key, value in told.items():
        try:
            if key not in fields:
                raise ValidationError(_("There is no field of this key."))
            values[f"{PREFIX}{key}"] = fields[key].clean_value(value)
        except ValidationError as error:
            errors[key] = error
    if errors:
        raise ValidationError(errors)
    return values


def in_use_sentence(used: int) -> str:
    return ngettext(
        "%(n)s card has a value of this kind. Archive the field and define a new one.",
        "%(n)s cards have a value of this kind. Archive the field and define a new one.",
        used,
    ) % {"n": formats.number(used)}
