"""What the figures add to the questions one can ask about a customer (config/facets.py lists them)."""

from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.models import Figures, Stale
from analytics.models.figures import RfmGroup, State
from crm.facets import Facet
from crm.models import Customer, Reach

TONES = {
    State.STEADY: "good",
    State.OVERDUE: "warn",
    State.SECOND_DUE: "warn",
    State.AT_RISK: "bad",
    State.LIKELY_LOST: "bad",
}


# From the gravest on; each holds until the one before it begins.
BEGUN = {
    State.LIKELY_LOST: "likely_lost_on",
    State.AT_RISK: "at_risk_on",
    State.OVERDUE: "overdue_on",
    State.SECOND_DUE: "second_due_on",
}


def state() -> Any:
    """The state that has begun by today; the dates are stored, nobody's row changes for growing older."""
    today = timezone.localdate()
    return Case(
        When(figures__customer__isnull=True, then=Value(State.NO_ORDERS.value)),
        *(When(Q(**{f"figures__{day}__lte": today}), then=Value(name.value)) for name, day in BEGUN.items()),
        When(figures__occasions=1, then=Value(State.ONE_ORDER.value)),
        When(figures__likely_lost_on__isnull=True, then=Value(State.NOT_SCORED.value)),
        default=Value(State.STEADY.value),
    )


def unknown(value: str) -> Q | None:
    return Q(figures=None) if value == "-" else None


def without_figures(value: str) -> Any:
    """Who never bought, is left out, or waits for their first: each in an index, so that nobody else is looked at."""
    if value not in (State.NO_ORDERS, "-"):
        return None
    left_out = Customer.objects.filter(left_out_at__isnull=False).values("pk")
    return Reach.objects.filter(bought=False).values("customer").union(left_out, Stale.objects.values("customer"))


def without_stake(value: str) -> Any:
    if value != "-":
        return None
    return without_figures(value).union(Figures.objects.filter(at_stake=None).values("customer"))


def in_state(value: str) -> Q:
    """The same as `state() = value`, in words an index answers: begun, and nothing graver."""
    if value in (State.NO_ORDERS, "-"):
        return Q(figures=None)
    today, met = timezone.localdate(), Q()
    for name, day in BEGUN.items():
        if name == value:
            return met & Q(**{f"figures__{day}__lte": today})
        met &= Q(**{f"figures__{day}__gt": today}) | Q(**{f"figures__{day}__isnull": True})
    if value == State.ONE_ORDER:
        return met & Q(figures__occasions=1)
    return met & Q(figures__occasions__gt=1, figures__likely_lost_on__isnull=value == State.NOT_SCORED)


FACETS = [
    Facet(
        "last_on",
        _("Last order"),
        "date",
        F("figures__last_on"),
        condition=unknown,
        among=without_figures,
        join="figures",
        order_index="figures_by_last_order",
        on_phone="left",
    ),
    Facet(
        "orders",
        _("Orders"),
        "number",
        F("figures__orders"),
        condition=unknown,
        among=without_figures,
        join="figures",
        order_index="figures_by_orders",
    ),
    Facet(
        "net",
        _("Spent"),
        "money",
        F("figures__net"),
        condition=unknown,
        among=without_figures,
        join="figures",
        order_index="figures_by_net",
        on_phone="lead",
    ),
    Facet(
        "rfm",
        _("RFM group"),
        "choice",
        F("figures__rfm"),
        condition=unknown,
        among=without_figures,
        join="figures",
        choices=RfmGroup.choices,
    ),
    Facet(
        "state",
        _("State"),
        "choice",
        state,
        join="figures",
        choices=State.choices,
        tones=TONES,
        condition=in_state,
        among=without_figures,
        on_phone="right",
    ),
    Facet(
        "at_stake",
        _("At stake"),
        "money",
        F("figures__at_stake"),
        among=without_stake,
        join="figures",
        right="reports.view",
        column=False,
    ),
    Facet(
        "average_order",
        _("Average order"),
        "money",
        F("figures__average_order"),
        condition=unknown,
        among=without_figures,
        join="figures",
        order_index="figures_by_average_order",
        column=False,
    ),
    Facet(
        "first_on",
        _("First order"),
        "date",
        F("figures__first_on"),
        condition=unknown,
        among=without_figures,
        join="figures",
        order_index="figures_by_first_order",
        column=False,
    ),
]
