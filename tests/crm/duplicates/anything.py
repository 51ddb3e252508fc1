"""Random rows for every model that points at customers, whatever the registry holds."""

import random
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from crm.models import ChangeSet, Consent, Customer, Identifier
from crm.policies import policies
from shop.models import Job
from tests import build

NOT_BY_HAND = {"crm.ComplaintTally", "crm.Reach", "loyalty.Account"}  # triggers and the verbs of the ledger keep these
MOST = 3  # rows of one model for one card


class Anything:
    """Fills cards with rows. `made`: how many of each model, for the test to see that it tested something."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.made: dict[str, int] = {}
        self.staff = build.user("manager")

    def card(self) -> Customer:
        names = self.chance.choice(("Ana Lindqvist", "Anna Lindqvist", "Ben Okafor", "Лена Коваль", ""))
        card = build.customer(names)
        for field in Customer._meta.concrete_fields:
            settable = field.editable and not field.generated and field.name not in ("id", "merged_into", "created_at")
            if settable and self.chance.random() < 0.5:
                setattr(card, field.name, self.value(field, card))
        card.custom = {key: self.word() for key in ("size", "dog") if self.chance.random() < 0.5}
        card.save()
        return card

    def fill(self, *cards: Customer) -> None:
        """The same e-mail now and then, and rows of all models in the order in which they need each other."""
        for policy in policies(Customer):
            if policy.model not in (Customer, Consent) and policy.model._meta.label not in NOT_BY_HAND:
                for card in cards:
                    for _number in range(self.chance.randint(0, MOST)):
                        self.row(policy.model, {policy.field.name: card}, cards)

    def row(self, model: type[models.Model], given: dict[str, Any], cards: tuple[Customer, ...]) -> None:
        values = dict(given)
        for field in model._meta.concrete_fields:
            if field.name in values or field.generated or (field.primary_key and not field.remote_field):
                continue
            values[field.name] = self.value(field, values.get("customer"), cards)
        self.refit(model, values, cards)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                model._base_manager.create(**values)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        except (IntegrityError, ValueError):
            return  # a rule of the database says no to this one
        self.made[model._meta.label] = self.made.get(model._meta.label, 0) + 1

    def refit(self, model: type[models.Model], values: dict[str, Any], cards: tuple[Customer, ...]) -> None:
        """What only a person would get right."""
        if model is Identifier:
            values["kind"] = self.chance.choice(("email", "phone", "card", "external"))
            values["value"] = values["normalised"] = f"{values['kind']}-{self.chance.randint(1, 5)}"
            values["source"] = "till" if values["kind"] == "external" else ""
        if "subject_type" in values:
            values["kind"], values["subject_type"], values["subject_id"], values["data"] = "note.logged", "", None, {}
        if "first" in values:
            pair = sorted(self.chance.sample([card.pk for card in cards], 2))
            values.pop("first"), values.pop("second")
            values["first_id"], values["second_id"], values["reasons"] = *pair, ["email"]

    def value(self, field: Any, customer: Any = None, cards: tuple[Customer, ...] = ()) -> Any:
        if isinstance(field, models.ForeignKey):
            return self.related(field, customer)
        if field.null and self.chance.random() < 0.5:
            return None
        if field.choices:
            return self.chance.choice([key for key, _label in field.flatchoices if key != ""])
        match field.get_internal_type():
            case "DateTimeField":
                return timezone.now() - timedelta(days=self.chance.randint(0, 400))
            case "DateField":
                return date(2026, 1, 1) + timedelta(days=self.chance.randint(0, 300))
            case "DecimalField":
                return Decimal(self.chance.randint(0, 99))
            case "BooleanField":
                return self.chance.random() < 0.5
            case "JSONField":
                return field.get_default()
            case "ArrayField":
                return [self.value(field.base_field)]
            case "UUIDField":
                return uuid.UUID(int=self.chance.getrandbits(128))
            case "BinaryField":
                return self.chance.randbytes(32)
            case kind if "Integer" in kind or kind == "FloatField":
                return self.chance.randint(0, 99)
        return self.word()[: field.max_length or 20]

    def related(self, field: Any, customer: Any) -> Any:
        target = field.related_model
        if target is Customer:
            return customer
        if target._meta.label == "shop.User":
            return self.staff
        if target is ChangeSet:
            return ChangeSet.objects.create(kind="bulk")
        if target is Job:
            return None
        owned = [f.name for f in target._meta.concrete_fields if f.related_model is Customer]
        found = target._base_manager.all()
        if owned and customer:
            found = found.filter(**{owned[0]: customer})
        keys = list(found.order_by("pk").values_list("pk", flat=True))
        return found.get(pk=self.chance.choice(keys)) if keys else None

    def word(self) -> str:
        return self.chance.choice(("lantern", "tins", "Сова", "x" * 12)) + str(self.chance.randint(0, 10**6))
