from typing import Any

from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower, Trim
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from crm.models.event import Event

LONGEST = 60


class NoTag(ValueError):
    """A name that is empty, too long or not printable."""


class TagTaken(Exception):
    """Another tag has this name already; they can be merged."""

    def __init__(self, tag: "Tag") -> None:
        super().__init__(tag.pk)
        self.tag = tag


class TagQuerySet(models.QuerySet["Tag"]):
    def named(self, name: str) -> "TagQuerySet":
        return self.alias(lower=Lower("name")).filter(lower=Lower(Value(plain(name))))


class Tag(models.Model):
    """A word that staff put on customers. Capital letters make no other tag."""

    name = models.CharField(pgettext_lazy("tag", "Name"), max_length=LONGEST)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="tag_name_once"),
            models.CheckConstraint(name="tag_has_a_name", condition=~Q(name="") & Q(name=Trim("name"))),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def called(cls, name: str) -> "Tag":
        """The tag of this name, made when there is none. Asked for twice at once, it is one tag. Raises NoTag."""
        name = checked(name)
        Tag.objects.bulk_create([Tag(name=name)], ignore_conflicts=True)
        return Tag.objects.named(name).get()

    @transaction.atomic
    def rename(self, name: str, *, actor: str) -> bool:
        """False: it has this name. Raises NoTag, TagTaken."""
        name = checked(name)
        tag = Tag.objects.select_for_update().get(pk=self.pk)
        if tag.name == name:
            return False
        if taken := Tag.objects.named(name).exclude(pk=tag.pk).first():
            raise TagTaken(taken)
        old, tag.name = tag.name, name
        tag.save(update_fields=["name"])
        self.name = name
        Event.record("tag.renamed", subject=tag, actor=actor, old=old, new=name)
        return True


class Tagging(models.Model):
    """One tag on one customer."""

    customer = models.ForeignKey("crm.Customer", models.CASCADE, related_name="taggings", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "tag"], name="tag_once_per_customer")]
        indexes = [models.Index(fields=["tag", "customer"], name="tagging_by_tag")]


def plain(name: str) -> str:
    return " ".join(name.split())


def checked(name: str) -> str:
    name = plain(name)
    if not name or len(name) > LONGEST or not name.isprintable():
        raise NoTag(name[:LONGEST])
    return name


def tagged(customer: Any) -> models.QuerySet[Tag]:
    """By name."""
    return Tag.objects.filter(taggings__customer=customer).order_by(Lower("name"), "pk")
