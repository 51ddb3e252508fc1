"""What a new shop still needs, until all of it is there or whoever reads it puts it away (config/panels.py)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm import panels
from crm.models import Customer, Order
from shop.access import StaffRequest
from shop.at_once import once
from shop.models import ApiKey, Setting
from shop.navigation import address
from shop.preferences import preference
from shop.prepared import NOW, prepared


@dataclass(frozen=True)
class Step:
    """`url`: where to do it; without one, somebody else does. `extra`: nobody has to."""

    title: str
    text: str
    label: str = ""
    url: str = ""
    done: bool = False
    extra: bool = False


def first_steps(request: StaffRequest) -> list[tuple[Step, bool]]:
    """Each, and whether it is the one to take now."""
    if request.user.first_steps_put_away_at:
        return []
    steps = [step for function in panels.asked("first_steps") if (step := function(request))]
    if all(step.done or step.extra for step in steps):
        return []
    now = next((step for step in steps if step.url and not step.done and not step.extra), None)
    return [(step, step is now) for step in steps]


@once
def has_of(request: StaffRequest) -> tuple[Any, ...]:
    """Its first order and its first customer."""
    return () if request.user.first_steps_put_away_at else (_order(None), _customer(None))


@once
def key_of(request: StaffRequest) -> Any:
    return None if request.user.first_steps_put_away_at else _key(None)


@prepared
def _order(_shop: Any) -> Any:
    return Order.objects.order_by().values_list("pk")[:1]


@prepared
def _customer(_shop: Any) -> Any:
    return Customer.objects.order_by().values_list("pk")[:1]


@prepared
def _key(_shop: Any) -> Any:
    return ApiKey.objects.live(NOW).order_by().values_list("pk")[:1]


def name(request: StaffRequest) -> Step | None:
    may = request.user.may("settings.edit")
    order, _customer = has_of(request)
    if order and not may:
        return None
    return Step(
        _("Say what your shop is called"),
        _("Its name, currency and time zone. The last two are fixed once the first order is in."),
        _("Open the settings"),
        address("shop:settings") if may else "",
        done=Setting.get("shop.name") != preference("shop.name").default,
    )


def customers(request: StaffRequest) -> Step | None:
    if not request.user.may("imports.run"):
        return None
    _order, customer = has_of(request)
    return Step(
        _("Import customers"),
        _("Names, e-mails, phones and what they agreed to. Without them, orders make cards that have only a number."),
        _("Choose a file"),
        address("crm:import"),
        done=bool(customer),
    )


def orders(request: StaffRequest) -> Step | None:
    order, _customer = has_of(request)
    if request.user.may("imports.run"):
        said = _("A CSV file with customer, order, date and amount is enough. You see first what it would do.")
        return Step(_("Import orders"), said, _("Choose a file"), address("crm:import"), done=bool(order))
    said = _("Your manager can import them. As soon as they are in, customers stand here.")
    return None if order else Step(_("Import orders"), said)


def key(request: StaffRequest) -> Step | None:
    if not request.user.may("keys.manage"):
        return None
    return Step(
        _("Let your shop’s software send orders"),
        _("Each new order then arrives by itself, and the figures follow."),
        _("Make a key"),
        address("shop:keys"),
        done=bool(key_of(request)),
        extra=True,
    )
