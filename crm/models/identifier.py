import unicodedata

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.phones import e164
from shop.models import Setting


class Identifier(models.Model):
    """What a customer is known by. External ids and card numbers are unique; families share e-mails and phones."""

    class Kind(models.TextChoices):
        EXTERNAL = "external", _("Customer number")
        CARD = "card", _("Card number")
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")

    customer = models.ForeignKey("crm.Customer", models.CASCADE, related_name="identifiers", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    source = models.CharField(max_length=32, blank=True)
    value = models.CharField(max_length=254)
    normalised = models.CharField(max_length=254)
    brought_by = models.BigIntegerField(null=True, editable=False)  # the import that made it, for its undo

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source", "normalised"],
                name="identifier_belongs_to_one_customer",
                condition=Q(kind__in=["external", "card"]),
            ),
            models.UniqueConstraint(
                fields=["customer", "kind", "source", "normalised"], name="identifier_once_per_customer"
            ),
            models.CheckConstraint(name="identifier_is_not_empty", condition=~Q(normalised="")),
        ]
        indexes = [
            # By its beginning, too, whatever the locale of the database.
            models.Index(
                fields=["kind", "normalised"],
                opclasses=["varchar_ops", "varchar_pattern_ops"],
                name="identifier_lookup",
            ),
            # By a part of it only what somebody says on the phone: numbers are asked for from their beginning on.
            GinIndex(
                OpClass(F("normalised"), name="gin_trgm_ops"),
                name="identifier_trigrams",
                condition=Q(kind__in=["email", "phone"]),
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @staticmethod
    def normalise(kind: str, value: str) -> str:
        """E-mail: NFKC, trimmed, lower case. Phone: E.164, or its digits when it is no possible number."""
        value = unicodedata.normalize("NFKC", value).strip()
        if kind == Identifier.Kind.EMAIL:
            return value.lower()
        if kind == Identifier.Kind.PHONE:
            return Identifier.normalise_phone(value, Setting.get("shop.phone_country"))
        return value

    @staticmethod
    def normalise_phone(value: str, country: str) -> str:
        """For many at once: the country of numbers without one is asked for outside."""
        return e164(value, country) or "".join(c for c in value if c.isdigit())
