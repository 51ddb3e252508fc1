from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.models.order import money
from loyalty.discounts import codes
from loyalty.models.assignment import Assignment, Source
from loyalty.models.budget import Budget
from loyalty.models.discount import Discount, DiscountVersion
from shop.models import Setting

if TYPE_CHECKING:
    from loyalty.models.redemption import Redemption

# The condition is on the row itself: whoever waited for it sees what the one before has left.
_TAKE = """
    UPDATE loyalty_grant AS g SET taken = taken + 1
     WHERE g.id = %(grant)s AND (g.uses IS NULL OR g.taken < g.uses)
       AND g.withdrawn_at IS NULL AND g.pending_until IS NULL
       AND (g.starts_at IS NULL OR g.starts_at <= %(at)s) AND (g.expires_at IS NULL OR g.expires_at > %(at)s)
       AND (g.customer_id IS NULL OR g.customer_id = %(customer)s)
       AND NOT EXISTS (SELECT FROM loyalty_discount AS d WHERE d.id = g.discount_id AND d.paused_at IS NOT NULL)
"""


class GrantQuerySet(models.QuerySet["Grant"]):
    def there(self) -> "GrantQuerySet":
        """Given, approved and not taken back."""
        return self.filter(withdrawn_at=None, pending_until=None)

    def usable(self, at: datetime | None = None) -> "GrantQuerySet":
        """What its customer can use now, as far as the grant itself goes."""
        return self.usable_but_for_pauses(at).filter(discount__paused_at=None)

    def usable_but_for_pauses(self, at: datetime | None = None) -> "GrantQuerySet":
        return self.there().filter(_left(at or timezone.now()))

    def usable_or_held(self, at: Any = None) -> "GrantQuerySet":
        """And the last use of what is put aside for a basket that nobody has paid yet: it comes back, or is used."""
        usable = _left(at or timezone.now()) & Q(discount__paused_at=None)
        held = Q(Exists(_uses().filter(state="held")), taken__gte=F("uses"))
        return self.there().filter(usable | held)

    def used(self) -> "GrantQuerySet":
        """Not what is only put aside at the till."""
        return self.filter(Exists(_uses().filter(state="committed")), taken__gt=0)

    def with_held(self) -> "GrantQuerySet":
        """`held`: for how many baskets it is put aside that nobody has paid yet."""
        held: Any = _uses().filter(state="held").order_by().values("grant").annotate(n=Count("pk")).values("n")
        return self.annotate(held=Coalesce(Subquery(held), 0))

    def unused(self) -> "GrantQuerySet":
        return self.filter(withdrawn_at=None, taken=0)


def _left(at: Any) -> Q:
    begun = Q(starts_at=None) | Q(starts_at__lte=at)
    not_over = Q(expires_at=None) | Q(expires_at__gt=at)
    return begun & not_over & (Q(uses=None) | Q(taken__lt=F("uses")))


def _uses() -> Any:
    return apps.get_model("loyalty.Redemption")._default_manager.filter(grant=OuterRef("pk"))


class Grant(models.Model):
    """The right of one customer, or of everybody who has the code, to use a discount.

    `taken` counts its redemptions that are not cancelled, kept by conditional updates: it is the lock of the grant.
    """

    discount = models.ForeignKey(Discount, models.PROTECT, related_name="grants", db_index=False)
    version = models.ForeignKey(DiscountVersion, models.PROTECT, related_name="grants")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="grants")
    customer = models.ForeignKey("crm.Customer", models.PROTECT, null=True, related_name="grants", db_index=False)
    code = models.CharField(max_length=32, null=True, unique=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.STAFF)
    reason = models.CharField(max_length=200, blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    starts_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    uses = models.PositiveIntegerField(null=True, default=1)
    uses_each = models.PositiveIntegerField(null=True)  # of one person; for codes that everybody may use
    taken = models.PositiveIntegerField(default=0)
    worth = money(default=0)
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, related_name="grants", db_index=False)
    pending_until = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = GrantQuerySet.as_manager()

    held: int  # only of with_held()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grant_is_not_used_more_than_it_may", condition=Q(uses=None) | Q(taken__lte=F("uses"))
            ),
            models.CheckConstraint(
                name="grant_without_customer_has_a_code", condition=Q(customer__isnull=False) | Q(code__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="grant_of_customer"),
            models.Index(fields=["discount", "-id"], name="grant_of_discount"),
        ]

    def __str__(self) -> str:
        return f"{self.discount} #{self.pk}"

    @property
    def code_ending(self) -> str:
        return (self.code or "")[-4:]

    @property
    def last_day(self) -> datetime | None:
        """On which it can still be used; it ends with the midnight after."""
        return self.expires_at and self.expires_at - timedelta(microseconds=1)

    @property
    def uses_left(self) -> int | None:
        return None if self.uses is None else max(self.uses - self.taken, 0)

    @property
    def used(self) -> int:
        return self.taken - self.held

    @classmethod
    def take(cls, pk: int, at: datetime, *, customer_id: int | None) -> bool:
        """One use of it, if there is one: looks and takes in one statement. False: there is none."""
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {"grant": pk, "at": at, "customer": customer_id})
            return bool(cursor.rowcount)

    @classmethod
    def put_back(cls, pk: int) -> None:
        cls.objects.filter(pk=pk).update(taken=F("taken") - 1)

    def reopen(self, redemption: "Redemption", at: datetime) -> None:
        """All came back after it had run out: a few days more, with a public code for this customer only."""
        if self.expires_at is None or self.expires_at > at:
            return
        until = at + timedelta(days=Setting.get("discounts.days_after_return"))
        if self.customer_id:
            self.expires_at = until
            self.save(update_fields=["expires_at"])
        elif redemption.customer_id:
            Grant.objects.create(
                discount_id=self.discount_id,
                version_id=redemption.version_id,
                customer_id=redemption.customer_id,
                budget_id=self.budget_id,
                source=Source.RETURN,
                code=codes.new(),
                created_at=at,
                expires_at=until,
                worth=self.worth,
            )


class Drawn(models.Model):
    """Who of a segment was held back from a discount and who got it, by lot. Drawn once, never again."""

    discount = models.ForeignKey(Discount, models.PROTECT, related_name="drawn", db_index=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="drawn")
    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="+")
    held_back = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["discount", "customer"], name="customer_is_drawn_once")]
