"""The card's own panels and next step: orders, tasks, what was promised."""

from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.card.bought import newest_orders
from crm.facets import joins
from crm.models import Customer, Identifier, Task
from crm.panels import NextStep, Panel
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import prepared

SHOWN = 5


def find_card(user: Any, right: str, pk: int) -> Customer:
    """The customer with what rooms publish about them, in one query."""
    Customer.objects.allowed(user, right)
    return Customer.meant_by(next(iter(_joined(pk)), None))


def own_card(customer: Customer) -> Customer:
    """The same for the page of the customer themselves, whose link has decided already."""
    return next(iter(_joined(customer.pk)))


@prepared
def _joined(pk: Any) -> Any:
    return Customer.objects.filter(pk=pk).select_related("merged_into", "owner", *sorted(joins()))


@once
@prepared
def open_tasks(customer: Any) -> Any:
    return Task.objects.open().filter(customer=customer).select_related("owner").order_by("due_on", "pk")[:20]


def orders_panel(request: StaffRequest, customer: Customer) -> Panel:
    orders = newest_orders(customer)
    return Panel("crm/card/_orders_panel.html", {"orders": orders[:SHOWN], "more": len(orders) > SHOWN}, order=50)


def tasks_panel(request: StaffRequest, customer: Customer) -> Panel:
    context = {"tasks": open_tasks(customer), "may_edit": request.user.may("customers.edit")}
    return Panel("crm/card/_tasks_panel.html", context, order=40)


def late_task(request: StaffRequest, customer: Customer) -> NextStep | None:
    """What was promised comes before what could be tried."""
    for task in list(open_tasks(customer))[:1]:
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
