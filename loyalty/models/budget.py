from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from crm.models.order import money


class BudgetEmpty(Exception):
    def __init__(self, budget: int, needed: Decimal) -> None:
        super().__init__(f"budget {budget} has not {needed} left")
        self.budget, self.needed = budget, needed


class Budget(models.Model):
    """What discounts may cost together: what is held at the till is reserved, what was used is spent."""

    name = models.CharField(pgettext_lazy("of a discount, a tier, a reward", "Name"), max_length=120)
    currency = models.CharField(max_length=3)
    limit = money()
    reserved = money(default=0)
    spent = money(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(name="budget_is_not_overdrawn", condition=Q(limit__gte=F("reserved") + F("spent"))),
            models.CheckConstraint(name="budget_sums_are_not_negative", condition=Q(reserved__gte=0, spent__gte=0)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> Decimal:
        return self.limit - self.reserved - self.spent

    @classmethod
    def reserve(cls, pk: int, amount: Decimal) -> None:
        """Looks and takes in one statement. Raises BudgetEmpty."""
        within = Q(limit__gte=F("reserved") + F("spent") + amount)
        if not cls.objects.filter(within, pk=pk).update(reserved=F("reserved") + amount):
            raise BudgetEmpty(pk, amount)

    @classmethod
    def release(cls, pk: int, amount: Decimal) -> None:
        cls.objects.filter(pk=pk).update(reserved=F("reserved") - amount)

    @classmethod
    def spend(cls, pk: int, amount: Decimal) -> None:
        """What was reserved is used."""
        cls.objects.filter(pk=pk).update(reserved=F("reserved") - amount, spent=F("spent") + amount)

    @classmethod
    def give_back(cls, pk: int, amount: Decimal) -> None:
        cls.objects.filter(pk=pk).update(spent=F("spent") - amount)

    def change_limit(self, limit: Decimal) -> None:
        """Raises BudgetEmpty: more than that is reserved and spent already."""
        within = Q(reserved__lte=limit - F("spent"))
        if not Budget.objects.filter(within, pk=self.pk).update(limit=limit):
            raise BudgetEmpty(self.pk, limit)
        self.limit = limit
