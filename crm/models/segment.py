from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from crm.models.customer import Customer
from shop.models import User

if TYPE_CHECKING:
    from crm.facets import Asker
    from crm.segments.question import Question


class SegmentQuerySet(models.QuerySet["Segment"]):
    def present(self) -> "SegmentQuerySet":
        return self.filter(removed_at=None)

    def seen_by(self, user: Any) -> "SegmentQuerySet":
        """One's own and the shared ones; an API key has none of its own."""
        return self.seen_by_staff(user.pk) if isinstance(user, User) else self.present().filter(shared_at__isnull=False)

    def seen_by_staff(self, user: Any) -> "SegmentQuerySet":
        return self.present().filter(Q(owner=user) | Q(shared_at__isnull=False))


class Segment(models.Model):
    """A saved question about customers: a tab of the list, and whoever answers to it when it is asked.

    `address` is the question as the list writes it, with its order; `columns` the names of the facets it shows.
    """

    name = models.CharField(pgettext_lazy("view", "Name"), max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="segments")
    address = models.TextField(max_length=4000, blank=True)
    columns = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    shared_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner", Lower("name"), name="segment_name_once_per_owner", condition=Q(removed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.name

    def question(self, asker: "Asker") -> "Question":
        from crm.segments.question import Question

        return Question.read(QueryDict(self.address), asker)

    def customers(self, asker: "Asker") -> models.QuerySet[Customer]:
        """Who answers now; nobody when the asker's rights, or what is left of the facets, cannot read the question."""
        return self.question(asker).customers

    def may_be_changed_by(self, user: Any) -> bool:
        return self.owner_id == user.pk or bool(self.shared_at and user.may("segments.edit"))

    @property
    def is_shared(self) -> bool:
        return self.shared_at is not None

    def rename(self, name: str) -> None:
        self.name = name
        self.save(update_fields=["name"])

    def share(self, shared: bool) -> None:
        """With everybody, or no longer."""
        if shared != self.is_shared:
            self.shared_at = timezone.now() if shared else None
            self.save(update_fields=["shared_at"])

    def ask(self, address: str, columns: list[str]) -> None:
        """Another question under the same name."""
        self.address, self.columns = address, columns
        self.save(update_fields=["address", "columns"])

    def remove(self) -> None:
        self.removed_at = timezone.now()
        self.save(update_fields=["removed_at"])

    def bring_back(self) -> None:
        """A name that was given again meanwhile is told apart by a number."""
        taken = Segment.objects.present().filter(owner=self.owner).values_list(Lower("name"), flat=True)
        name, number = self.name, 2
        while name.lower() in taken:
            name, number = f"{self.name[:74]} ({number})", number + 1
        self.name, self.removed_at = name, None
        self.save(update_fields=["name", "removed_at"])


class Tab(models.Model):
    """How one member of staff arranged a view among their tabs. Without a segment: the tab of all customers."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tabs")
    segment = models.ForeignKey(Segment, models.CASCADE, null=True, related_name="tabs")
    position = models.PositiveIntegerField(default=0)
    pinned_at = models.DateTimeField(null=True)
    is_default = models.BooleanField(default=False)
    columns = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "segment"], name="one_tab_per_view", nulls_distinct=False),
            models.UniqueConstraint(fields=["user"], name="one_default_view", condition=Q(is_default=True)),
        ]

    @classmethod
    def of(cls, user: Any, segment: Segment | None) -> "Tab":
        return cls.objects.get_or_create(user=user, segment=segment)[0]

    def pin(self, pinned: bool) -> None:
        self.pinned_at = timezone.now() if pinned else None
        self.save(update_fields=["pinned_at"])

    @transaction.atomic
    def open_first(self, first: bool) -> None:
        """The view that opens when nothing else is said; there is one at most."""
        Tab.objects.filter(user=self.user, is_default=True).update(is_default=False)
        self.is_default = first
        self.save(update_fields=["is_default"])

    def show(self, columns: list[str] | None) -> None:
        self.columns = columns
        self.save(update_fields=["columns"])
