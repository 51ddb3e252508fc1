"""What discounts add to the questions one can ask about a customer (config/facets.py lists them)."""

from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.facets import Facet
from crm.models import Order
from loyalty.models import Discount, Grant, Redemption
from shop.typed import number_in

YEAR = timedelta(days=365)
DEPENDENCE = [
    ("never", pgettext_lazy("how often somebody buys with a discount", "never")),
    ("seldom", pgettext_lazy("how often somebody buys with a discount", "less than half of the orders")),
    ("often", pgettext_lazy("how often somebody buys with a discount", "half of the orders or more")),
    ("always", pgettext_lazy("how often somebody buys with a discount", "every order")),
]


def _has_one() -> Exists:
    """Paused ones are left out, and the others not joined: of a table of a few rows the database keeps no statistics,
    and would take nearly all of them for paused."""
    paused = Discount.objects.filter(paused_at__isnull=False).values("pk")
    usable = Grant.objects.usable_but_for_pauses().exclude(discount__in=paused)
    return Exists(usable.filter(customer=OuterRef("pk")))


def _can_use(value: str) -> Q:
    return Q(_has_one()) if value == "yes" else ~Q(_has_one())


def _discounts() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Discount.objects.order_by("name", "pk").values_list("pk", "name")]


def _was_given(value: str) -> Q | None:
    """Whoever has or had it, and was not taken it back."""
    given = Grant.objects.filter(withdrawn_at=None, customer__isnull=False)
    if value == "-":
        return ~Q(pk__in=given.values("customer"))
    discount = number_in(value)
    return Q(pk__in=given.filter(discount=discount).values("customer")) if discount is not None else None


def _newest() -> Any:
    own = Grant.objects.filter(customer=OuterRef("pk"), withdrawn_at=None).order_by("-pk")
    return Subquery(own.values("discount__name")[:1])


def _with_discount() -> QuerySet[Any]:
    """By customer: how many orders of the last year had one, and how many orders there were."""
    since = timezone.now() - YEAR
    used = Redemption.objects.filter(state="committed", committed_at__gte=since, order__isnull=False)
    by_customer = used.filter(customer__isnull=False).order_by().values("customer")
    return by_customer.annotate(with_one=Count("order", distinct=True), orders=_count(_orders(since, "customer")))


def _orders(since: Any, outer: str) -> QuerySet[Order]:
    bought = Order.objects.filter(cancelled_at=None, paid_at__isnull=False, placed_at__gte=since)
    return bought.filter(customer=OuterRef(outer))


def _count(rows: QuerySet[Any]) -> Any:
    counted = rows.order_by().values("customer").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _depends(value: str) -> Q | None:
    known = _with_discount()
    if value == "never":
        return ~Q(pk__in=known.values("customer"))
    if value == "-":
        return None
    half = Q(with_one__gte=F("orders") / 2.0)
    every = Q(with_one__gte=F("orders"))
    wanted = {"seldom": ~half, "often": half & ~every, "always": every}[value]
    return Q(pk__in=known.filter(wanted).values("customer"))


def _dependence() -> Any:
    since = timezone.now() - YEAR
    used = Redemption.objects.filter(
        customer=OuterRef("pk"), state="committed", committed_at__gte=since, order__isnull=False
    )
    used_orders = used.order_by().values("customer").annotate(n=Count("order", distinct=True)).values("n")
    with_one: Any = Coalesce(Subquery(used_orders, output_field=IntegerField()), 0)
    orders = _count(_orders(since, "pk"))
    return Case(
        When(~Exists(used), then=Value("never")),
        When(GreaterThanOrEqual(with_one, orders), then=Value("always")),
        When(GreaterThanOrEqual(with_one * 2, orders), then=Value("often")),
        default=Value("seldom"),
    )


FACETS = [
    Facet("has_discount", _("Has a discount to use"), "yes_no", _has_one, condition=_can_use, column=False),
    Facet(
        "discount",
        _("Was given the discount"),
        "choice",
        _newest,
        choices=_discounts,
        condition=_was_given,
        blank=True,
        column=False,
    ),
    Facet(
        "discount_dependence",
        _("Buys with a discount"),
        "choice",
        _dependence,
        choices=DEPENDENCE,
        condition=_depends,
        column=False,
    ),
]
