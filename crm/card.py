"""What the card says about a customer besides the timeline: the line under the name, the rhythm, orders, tasks."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.facets import all_facets
from crm.models import Customer, Identifier, Order, Refund
from crm.panels import NextStep, Panel
from shop import charts, formats
from shop.currency import currency_in_force

NEWEST = 60
SHOWN = 5
PURCHASE = Q(cancelled_at=None, paid_at__isnull=False)


def find_card(customers: Any, pk: int) -> Customer:
    """The customer with what rooms publish about them, in one query."""
    joins = {facet.join for facet in all_facets().values() if facet.join}
    return customers.select_related("owner", *sorted(joins)).get_or_404(pk)


@dataclass(frozen=True)
class Bought:
    """What a customer has bought up to this moment; published figures may be a day old."""

    orders: int
    net: Decimal
    first_at: datetime | None
    last_at: datetime | None


def bought(customer: Customer) -> Bought:
    unplaced = Refund.objects.filter(customer=OuterRef("customer"), order=None).order_by().values("customer")
    loose = unplaced.annotate(sum=Sum("amount")).values("sum")
    rows = (
        Order.objects.filter(PURCHASE, customer=customer)
        .order_by()
        .values("customer")
        .annotate(orders=Count("pk"), net=Sum("net"), first_at=Min("placed_at"), last_at=Max("placed_at"))
        .annotate(loose=Subquery(loose))
        .values("orders", "net", "first_at", "last_at", "loose")
    )
    sums = next(iter(rows), None)
    if not sums:
        return Bought(0, Decimal(0), None, None)
    given_back = sums["loose"] or 0
    return Bought(sums["orders"], sums["net"] - given_back, sums["first_at"], sums["last_at"])


def newest_orders(customer: Customer) -> list[Order]:
    """Asked for once a page: the panel and the rhythm draw the same rows."""
    if not hasattr(customer, "_newest_orders"):
        rows = customer.orders.defer("channel", "branch", "staff").order_by("-placed_at", "-pk")
        customer._newest_orders = list(rows[:NEWEST])  # type: ignore[attr-defined]
    return customer._newest_orders  # type: ignore[attr-defined]


def open_tasks(customer: Customer) -> list[Any]:
    if not hasattr(customer, "_open_tasks"):
        rows = customer.tasks.open().select_related("owner").order_by("due_on", "pk")
        customer._open_tasks = list(rows[:20])  # type: ignore[attr-defined]
    return customer._open_tasks  # type: ignore[attr-defined]


def rhythm(customer: Customer) -> charts.Rhythm | None:
    """One dot an order. The usual gap comes from the published figures, when there are any."""
    orders = [order for order in newest_orders(customer) if order.paid_at and not order.cancelled_at]
    if not orders:
        return None
    figures = getattr(customer, "figures", None)
    low, high = getattr(figures, "gap_low", None), getattr(figures, "gap_high", None)
    overdue_on, today = getattr(figures, "overdue_on", None), timezone.localdate()
    return charts.Rhythm(
        _dots(orders),
        today,
        usual=(low, high) if low is not None and high is not None else None,
        late=bool(overdue_on and overdue_on <= today),
    )


def _dots(orders: list[Order]) -> list[charts.Order]:
    """One for each day of buying, oldest first."""
    days: dict[date, list[Order]] = {}
    for order in reversed(orders):
        days.setdefault(timezone.localtime(order.placed_at).date(), []).append(order)
    currency = currency_in_force()
    return [
        charts.Order(
            day,
            f"{formats.day(day)}: {formats.money(sum(order.net for order in bought), currency)}",
            refunded=not any(order.net for order in bought),
        )
        for day, bought in days.items()
    ]


def orders_panel(request: HttpRequest, customer: Customer) -> Panel:
    orders = newest_orders(customer)
    return Panel("crm/_orders_panel.html", {"orders": orders[:SHOWN], "more": len(orders) > SHOWN}, order=50)


def tasks_panel(request: HttpRequest, customer: Customer) -> Panel:
    context = {"tasks": open_tasks(customer), "may_edit": request.user.may("customers.edit")}  # type: ignore[union-attr]
    return Panel("crm/_tasks_panel.html", context, order=40)


def late_task(request: HttpRequest, customer: Customer) -> NextStep | None:
    """What was promised comes before what could be tried."""
    for task in open_tasks(customer)[:1]:
        if task.days_late >= 0:
            return NextStep(
                text=sentence(task.title),
                why=lateness(task.days_late),
                weight=100 + min(task.days_late, 50),
                action_url=reverse("crm:task_done", args=[task.pk]),
                action_label=_("Done"),
                posts=True,
            )
    return None


def by_phone(step: NextStep | None, channels: list[Identifier]) -> NextStep | None:
    """Advice without a button of its own gets the phone."""
    phone = next((one for one in channels if one.kind == Identifier.Kind.PHONE), None)
    if step is None or step.action_url or phone is None:
        return step
    return replace(step, action_url=f"tel:{phone.normalised}", action_label=phone.value)


def lateness(days: int) -> str:
    if days <= 0:
        return _("Due today.")
    return ngettext("Due yesterday.", "Due %(n)s days ago.", days) % {"n": days}


def sentence(words: str) -> str:
    """What somebody typed as a title, ended like a sentence."""
    return words if words[-1:] in ".!?…" else f"{words}."
