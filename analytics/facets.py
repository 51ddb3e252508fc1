"""What the figures add to the questions one can ask about a customer (config/facets.py lists them)."""

from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.models import Flag, RfmPeriod, Scores, Stale
from analytics.models.flag import stage_of
from analytics.models.scores import RfmGroup, State
from crm.facets import Facet, staff_choices
from crm.models import Customer, Order, Reach

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


GROUP_NOW = RfmPeriod.objects.open().filter(customer=OuterRef("pk"))


def who_left_group(value: str) -> Any:
    return RfmPeriod.objects.open().filter(left_behind=value).values("customer")


def left_group(value: str) -> Q | None:
    return None if value == "-" else Q(pk__in=who_left_group(value))


def state() -> Any:
    """The state that has begun by today; the dates are stored, nobody's row changes for growing older."""
    today = timezone.localdate()
    return Case(
        When(scores__customer__isnull=True, then=Value(State.NO_ORDERS.value)),
        *(When(Q(**{f"scores__{day}__lte": today}), then=Value(name.value)) for name, day in BEGUN.items()),
        When(scores__occasions=1, then=Value(State.ONE_ORDER.value)),
        When(scores__likely_lost_on__isnull=True, then=Value(State.NOT_SCORED.value)),
        default=Value(State.STEADY.value),
    )


def unknown(value: str) -> Q | None:
    return Q(figures=None) if value == "-" else None


def unplaced(value: str) -> Q | None:
    return Q(scores=None) if value == "-" else None


def without_figures(value: str) -> Any:
    """Who never bought, has an order worth nothing, is left out, or waits for their first: each in an index, so that
    nobody else is looked at."""
    if value not in (State.NO_ORDERS, "-"):
        return None
    left_out = Customer.objects.filter(left_out_at__isnull=False).values("pk")
    paid = Order.objects.filter(cancelled_at__isnull=True, paid_at__isnull=False)
    waiting = Stale.objects.filter(refreshed_at__isnull=True).values("customer")
    unbought = Reach.objects.filter(bought=False).values("customer")
    return unbought.union(left_out, paid.filter(net_goods__lte=0).values("customer"), waiting)


def without_stake(value: str) -> Any:
    if value != "-":
        return None
    return without_figures(value).union(Scores.objects.filter(at_stake=None).values("customer"))


def in_state(value: str) -> Q:
    """The same as `state() = value`, in words an index answers: begun, and nothing graver.

    Of nobody who is not scored is anything known to be at stake.
    """
    if value in (State.NO_ORDERS, "-"):
        return Q(scores=None)
    today, met = timezone.localdate(), Q()
    for name, day in BEGUN.items():
        if name == value:
            once = Q(scores__occasions=1) if name == State.SECOND_DUE else Q()
            return met & once & Q(**{f"scores__{day}__lte": today})
        met &= Q(**{f"scores__{day}__gt": today}) | Q(**{f"scores__{day}__isnull": True})
    if value == State.ONE_ORDER:
        return met & Q(scores__occasions=1)
    if value == State.NOT_SCORED:
        return met & Q(scores__occasions__gt=1, scores__likely_lost_on=None, scores__at_stake=None)
    return met & Q(scores__occasions__gt=1, scores__likely_lost_on__isnull=False)


OPEN_FLAG = Flag.objects.open().filter(customer=OuterRef("pk"))
ENDED = (Flag.Why.PURCHASE, Flag.Why.DISMISSED, Flag.Why.EXPIRED)
STAGES = [*Flag.Stage.choices, *((why.value, why.label) for why in ENDED)]
# As stage_of() has it, in words of which PostgreSQL knows how many there are.
IN_STAGE = {
    "open": Q(offered_at=None, contacted_at=None),
    "contacted": Q(offered_at=None, contacted_at__isnull=False),
    "offered": Q(offered_at__isnull=False),
}
STAGE_TONES = {"open": "warn", "purchase": "good"}


def flag_state() -> Any:
    """Of the newest flag."""
    newest = Flag.objects.filter(customer=OuterRef("pk")).order_by("-raised_at", "-pk")
    of_it = Case(When(closed_at__isnull=False, then=F("closed_why")), default=stage_of())
    return Subquery(newest.annotate(now=of_it).values("now")[:1])


def in_flag_state(value: str) -> Q:
    if value == "-":
        return ~Q(Exists(Flag.objects.filter(customer=OuterRef("pk"))))
    if value in Flag.Stage.values:
        return Q(Exists(OPEN_FLAG.filter(IN_STAGE[value])))
    return Q(Exists(Flag.objects.filter(customer=OuterRef("pk"), closed_why=value))) & ~Q(Exists(OPEN_FLAG))


def in_hands_of(value: str) -> Q:
    if value == "-":
        return ~Q(Exists(OPEN_FLAG.filter(owner__isnull=False)))
    return Q(Exists(OPEN_FLAG.filter(owner=int(value))))


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
        F("scores__rfm"),
        condition=unplaced,
        among=without_figures,
        join="scores",
        choices=RfmGroup.choices,
    ),
    *(
        Facet(
            f"rfm_{letter}",
            label,
            "number",
            F(f"scores__{letter}"),
            condition=unplaced,
            among=without_figures,
            join="scores",
            column=False,
        )
        for letter, label in (("r", _("RFM: R, 1 to 5")), ("f", _("RFM: F, 1 to 5")), ("m", _("RFM: M, 1 to 5")))
    ),
    Facet(
        "rfm_left",
        _("RFM group before"),
        "choice",
        GROUP_NOW.values("left_behind"),
        condition=left_group,
        among=who_left_group,
        choices=RfmGroup.choices,
        column=False,
    ),
    Facet("rfm_since", _("In the RFM group since"), "date", GROUP_NOW.values("began_on"), column=False),
    Facet(
        "state",
        _("State"),
        "choice",
        state,
        join="scores",
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
        F("scores__at_stake"),
        among=without_stake,
        join="scores",
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
    Facet(
        "flag_state",
        _("Flag"),
        "choice",
        flag_state,
        choices=STAGES,
        tones=STAGE_TONES,
        condition=in_flag_state,
        blank=True,
        column=False,
    ),
    Facet(
        "flag_owner",
        _("Who sees to the flag"),
        "choice",
        Subquery(OPEN_FLAG.values("owner")[:1]),
        choices=staff_choices,
        people=True,
        condition=in_hands_of,
        blank=True,
        column=False,
    ),
]
