from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Event
from crm.models.order import money
from loyalty.discounts.basket import Applied, Priced
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.rounding import of_units, quantised
from loyalty.discounts.why_not import USED_UP
from loyalty.models.budget import Budget
from loyalty.models.discount import DiscountVersion
from loyalty.models.grant import Grant
from shop.currency import currency_in_force

HOLD_LASTS = timedelta(minutes=30)
SHIPPING = 0  # the position that stands for it; lines of the basket begin with 1


class NotAvailable(Exception):
    """Between the quote and now somebody else was faster, or it ended: ask for a new quote."""

    def __init__(self, grant: int, code: str) -> None:
        super().__init__(f"grant {grant}: {code}")
        self.grant, self.code = grant, code


class WrongState(Exception):
    """What was asked cannot follow on what was done: a used discount is not let go, one let go is not used."""

    def __init__(self, redemption: "Redemption") -> None:
        super().__init__(f"redemption {redemption.pk} is {redemption.state}")
        self.redemption = redemption


class TooManyUnits(Exception):
    def __init__(self, position: int, left: Decimal) -> None:
        super().__init__(f"of line {position} only {left} can come back")
        self.position, self.left = position, left


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    def counted(self) -> "RedemptionQuerySet":
        """Uses are counted from these."""
        return self.filter(state__in=[Redemption.State.HELD, Redemption.State.COMMITTED])

    def of(self, key: str) -> "RedemptionQuerySet":
        """What one hold took, in the order of its lanes."""
        return self.filter(key=key).order_by("pk")

    def by(self, buyer: Buyer) -> "RedemptionQuerySet":
        """Of one person. A guest is whoever used one of their addresses before; a customer also the guest they were.

        Families share addresses, so one customer is never another.
        """
        if buyer.customer_id is None:
            return self.filter(marks__overlap=list(buyer.marks))
        return self.filter(Q(customer=buyer.customer_id) | Q(customer=None, marks__overlap=list(buyer.marks)))

    @transaction.atomic
    def void_all(self, *, at: datetime | None = None) -> None:
        for redemption in self.locked():
            redemption.void(at=at)

    @transaction.atomic
    def commit_all(self, *, order: Any = None, actor: str = "", at: datetime | None = None) -> None:
        for redemption in self.locked():
            redemption.commit(order=order, actor=actor, at=at)

    def locked(self) -> list["Redemption"]:
        """Before several change in one transaction: grants, then budgets, each by number, as every hold takes them."""
        redemptions: list[Redemption] = list(self.order_by("pk"))
        grants = {one.grant_id for one in redemptions}
        budgets = {one.budget_id for one in redemptions if one.budget_id}
        list(Grant.objects.filter(pk__in=grants).order_by("pk").select_for_update().values_list("pk"))
        list(Budget.objects.filter(pk__in=budgets).order_by("pk").select_for_update().values_list("pk"))
        return redemptions

    def stale(self, at: datetime | None = None) -> "RedemptionQuerySet":
        return self.filter(state=Redemption.State.HELD, expires_at__lt=at or timezone.now())

    @transaction.atomic
    def let_go_stale(self, at: datetime) -> None:
        """Their customer did not pay in time. One that is committed at this very moment stays so."""
        for redemption in self.stale(at).locked():
            with suppress(WrongState):
                redemption.void(at=at)


class Redemption(models.Model):
    """One use of a grant: held while the customer pays, then committed or voided; reversed when all came back.

    Every verb may be repeated: with the same key it does nothing more, and answers as it did.
    """

    class State(models.TextChoices):
        HELD = "held", _("held")
        COMMITTED = "committed", _("used")
        VOIDED = "voided", _("let go")
        REVERSED = "reversed", pgettext_lazy("a use of a discount", "came back")

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="redemptions", db_index=False)
    version = models.ForeignKey(DiscountVersion, models.PROTECT, related_name="+", db_index=False)
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey("crm.Customer", models.PROTECT, null=True, related_name="redemptions", db_index=False)
    marks = ArrayField(models.CharField(max_length=64), default=list)  # of a guest: digests of e-mail and phone
    order = models.ForeignKey("crm.Order", models.PROTECT, null=True, related_name="redemptions", db_index=False)
    source = models.CharField(max_length=32, default="till")
    reference = models.CharField(max_length=64)
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=9, choices=State, default=State.HELD)
    lane = models.CharField(max_length=8)
    desired = money()
    amount = money()
    clipped = models.CharField(max_length=7, blank=True)
    given_back = money(default=0)
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    reversed_at = models.DateTimeField(null=True)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "grant"], name="redemption_once_per_key"),
            models.CheckConstraint(
                name="redemption_amounts_fit",
                condition=Q(amount__gt=0, amount__lte=F("desired"), given_back__gte=0, given_back__lte=F("amount")),
            ),
        ]
        indexes = [
            models.Index(fields=["grant", "customer"], name="redemption_of_grant"),
            models.Index(fields=["customer", "-id"], name="redemption_of_customer"),
            models.Index(fields=["version", "-id"], name="redemption_of_version"),
            models.Index(fields=["order"], name="redemption_of_order", condition=Q(order__isnull=False)),
            models.Index(fields=["expires_at"], name="redemption_held", condition=Q(state="held")),
            models.Index(fields=["source", "reference"], name="redemption_of_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"

    @classmethod
    @transaction.atomic
    def hold(
        cls,
        priced: Priced,
        *,
        reference: str,
        key: str,
        buyer: Buyer | None = None,
        source: str = "till",
        until: datetime | None = None,
    ) -> list["Redemption"]:
        """Take one use and the money of every discount that was applied. Raises NotAvailable, BudgetEmpty."""
        _take_turn(key)
        if held := list(cls.objects.of(key)):
            return held
        buyer = buyer or Buyer()
        at = priced.at
        grants = sorted(one.offer.id for one in priced.applied)
        cls.objects.filter(grant__in=grants).let_go_stale(at)
        for grant in grants:
            cls._take(grant, buyer, at)
        for one in sorted(priced.applied, key=lambda one: one.offer.budget or 0):
            if one.offer.budget is not None:
                Budget.reserve(one.offer.budget, one.amount)
        common = {
            "customer_id": buyer.customer_id,
            "marks": list(buyer.marks),
            "source": source,
            "reference": reference,
            "key": key,
            "held_at": at,
            "expires_at": until or at + HOLD_LASTS,
        }
        return [cls._held(priced, one, common) for one in priced.applied]

    @classmethod
    def _take(cls, grant_id: int, buyer: Buyer, at: datetime) -> None:
        """One use of the grant; then, under the row that this locked: has this person had theirs?"""
        if not Grant.take(grant_id, at, customer_id=buyer.customer_id):
            raise NotAvailable(grant_id, USED_UP)
        each = Grant.objects.values_list("uses_each", flat=True).get(pk=grant_id)
        if each is not None and cls.objects.counted().by(buyer).filter(grant=grant_id).count() >= each:
            raise NotAvailable(grant_id, USED_UP)

    @classmethod
    def _held(cls, priced: Priced, one: Applied, common: dict[str, Any]) -> "Redemption":
        redemption = cls.objects.create(
            grant_id=one.offer.id,
            version_id=one.offer.version,
            budget_id=one.offer.budget,
            lane=one.offer.lane,
            desired=one.desired,
            amount=one.amount,
            clipped=one.clipped,
            **common,
        )
        parts = [(SHIPPING, "", Decimal(1), one.shipping)]
        parts += [
            (position, line.sku, line.quantity, share)
            for position, (line, share) in enumerate(zip(priced.basket.lines, one.lines, strict=True), start=1)
        ]
        RedemptionLine.objects.bulk_create(
            RedemptionLine(redemption=redemption, position=position, sku=sku, quantity=quantity, amount=share)
            for position, sku, quantity, share in parts
            if share
        )
        return redemption

    @transaction.atomic
    def commit(self, *, order: Any = None, actor: str = "", at: datetime | None = None) -> bool:
        """The customer has paid. False: it was committed before. Raises WrongState."""
        at = at or timezone.now()
        changed = {"state": self.State.COMMITTED, "committed_at": at}
        if not self._move(self.State.HELD, **changed, **({"order": order} if order else {})):
            if self.state in (self.State.COMMITTED, self.State.REVERSED):
                return False
            raise WrongState(self)
        if self.budget_id:
            Budget.spend(self.budget_id, self.amount)
        self._tell("discount.redeemed", self.amount, actor, at)
        return True

    @transaction.atomic
    def void(self, *, at: datetime | None = None) -> bool:
        """The customer has not paid: the use and the money go back. False: voided before. Raises WrongState."""
        if not self._move(self.State.HELD, state=self.State.VOIDED, voided_at=at or timezone.now()):
            if self.state == self.State.VOIDED:
                return False
            raise WrongState(self)
        Grant.put_back(self.grant_id)
        if self.budget_id:
            Budget.release(self.budget_id, self.amount)
        return True

    @transaction.atomic
    def reverse(
        self, units: Mapping[int, Decimal] | None = None, *, key: str, actor: str = "", at: datetime | None = None
    ) -> Decimal:
        """Goods came back: {position: units}, or all that is left. Returns the discount that was on them.

        When all of it has come back, the use does too; an offer that ran out meanwhile can be used a few days more.
        """
        at = at or timezone.now()
        locked_row = Redemption.objects.select_for_update().get(pk=self.pk)
        self.state, self.given_back = locked_row.state, locked_row.given_back
        if done := RedemptionReturn.objects.filter(redemption=self, key=key).first():
            return done.amount
        if self.state not in (self.State.COMMITTED, self.State.REVERSED):
            raise WrongState(self)
        amount = sum((line.come_back(units) for line in self.lines.order_by("position")), Decimal(0))
        RedemptionReturn.objects.create(redemption=self, key=key, amount=amount, at=at)
        if amount:
            self._give_back(amount, actor, at)
        return amount

    def _give_back(self, amount: Decimal, actor: str, at: datetime) -> None:
        self.given_back += amount
        Redemption.objects.filter(pk=self.pk).update(given_back=self.given_back)
        whole = self.given_back == self.amount
        if whole and self._move(self.State.COMMITTED, state=self.State.REVERSED, reversed_at=at):
            Grant.put_back(self.grant_id)
            self.grant.refresh_from_db()
            self.grant.reopen(self, at)
        if self.budget_id:
            Budget.give_back(self.budget_id, amount)
        self._tell("discount.returned", amount, actor, at)

    def _move(self, before: str, **values: Any) -> bool:
        """One of two who try at once moves it; the other sees where it is."""
        moved = Redemption.objects.filter(pk=self.pk, state=before).update(**values)
        self.refresh_from_db()
        return bool(moved)

    def _tell(self, kind: str, amount: Decimal, actor: str, at: datetime) -> None:
        Event.record(
            kind,
            customer_id=self.customer_id,
            order=self.order,
            subject=self.grant,
            at=at,
            actor=actor,
            discount=self.grant.discount.name,
            amount=str(quantised(amount, currency_in_force())),
            reference=self.reference,
        )


def _take_turn(key: str) -> None:
    """Two requests with one key come one after the other; the second finds what the first has done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"redemption\n{key}"])


class RedemptionLine(models.Model):
    """What of a redemption lies on one line of the basket, and how much of that has come back."""

    redemption = models.ForeignKey(Redemption, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    amount = money()
    returned = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    given_back = money(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["redemption", "position"], name="redemption_line_has_its_position"),
            models.CheckConstraint(
                name="redemption_line_gives_back_what_it_has",
                condition=Q(
                    returned__gte=0,
                    returned__lte=F("quantity"),
                    given_back__gte=0,
                    given_back__lte=F("amount"),
                ),
            ),
        ]

    def come_back(self, units: Mapping[int, Decimal] | None) -> Decimal:
        """Raises TooManyUnits."""
        left = self.quantity - self.returned
        wanted = left if units is None else Decimal(units.get(self.position, 0))
        if wanted <= 0:
            return Decimal(0)
        if wanted > left:
            raise TooManyUnits(self.position, left)
        share = self.share_of(wanted)
        self.returned += wanted
        self.given_back += share
        self.save(update_fields=["returned", "given_back"])
        return share

    def share_of(self, units: Decimal) -> Decimal:
        """The discount on the next units that come back; writes nothing."""
        return of_units(self.amount, self.quantity, self.returned, units, currency_in_force())


class RedemptionReturn(models.Model):
    """One return of goods, so that the same one told twice is booked once. Only added."""

    redemption = models.ForeignKey(Redemption, models.PROTECT, related_name="returns", db_index=False)
    key = models.CharField(max_length=120)
    amount = money()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["redemption", "key"], name="return_of_redemption_once")]
