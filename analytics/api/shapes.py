"""What the answers of this room look like (shop/api/told.py)."""

from analytics.models import Flag
from crm.api.shapes import AT
from shop.api.told import Shape

FLAG = Shape(
    "Flag",
    {
        "id": 40,
        "customer": 7,
        "state": "at_risk",
        "stage": "open",
        "silent_days": 71,
        "usual_days": 34,
        "at_stake": "55.000",
        "owner": "sam@shop.example",
        "due_on": "2026-03-31",
        "why": "",
        "raised_at": AT,
        "contacted_at": AT,
        "offered_at": AT,
        "closed_at": AT,
    },
    maybe="usual_days at_stake owner due_on contacted_at offered_at closed_at",
    choices={
        "state": Flag.State.values,
        "stage": [*Flag.Stage.values, *Flag.Why.values],
        "why": ["", *Flag.Dismissal.values],
    },
    notes={"at_stake": "What the customer may still spend with the shop.", "why": "As it was dismissed."},
)

FORECAST = Shape(
    "Forecast",
    {
        "as_of": "2026-03-01",
        "net": "412.500",
        "p_alive": 0.91,
        "p_order_90": 0.72,
        "p_nothing_365": 0.08,
        "orders_365": 4.2,
        "value_365": "160.000",
        "orders_10_to_90": [1, 8],
        "value_10_to_90": ["31.20", "324.80"],
    },
    maybe="p_alive p_order_90 p_nothing_365 orders_365 value_365 orders_10_to_90 value_10_to_90",
    notes={
        "p_alive": "That this is still a customer.",
        "p_order_90": "An order within 90 days.",
        "orders_10_to_90": "Of ten such customers eight lie within.",
    },
)

PERIOD = {"first": "2026-02-01", "last": "2026-02-28", "complete": True}
ABOUT = {"as_of": "2026-03-01", "definition": 1}
ASKED = {"period": PERIOD, "against": PERIOD, "group": "", "mode": "window", **ABOUT}
FIGURE = {
    "value": 0.861,
    "low": 0.848,
    "high": 0.873,
    "n": 2790,
    "hits": 2402,
    "of": 3240.5,
    "median": 31.9,
    "before": 0.852,
    "change": 0.009,
    "change_low": -0.009,
    "change_high": 0.027,
    "verdict": "same",
    "why": "too_few",
    "first_figure_on": "2026-04-01",
}
UNKNOWN = "value low high hits of median before change change_low change_high verdict why first_figure_on"
NOT_ALWAYS = "low high n hits of median before change change_low change_high verdict why first_figure_on"
OF_A_FIGURE = {
    "value": "A share from 0 to 1, money of the shop's currency, or days; null: not known yet, and `why`.",
    "low": "From here to `high` is the 95 % interval; null: no end.",
    "n": "How many it is of.",
}
METRIC = {"name": "retention", "label": "Retention", "means": "Of those who …", "unit": "share"}


def inside(path: str, names: str) -> str:
    return " ".join(f"{path}{name}" for name in names.split())


METRICS = Shape(
    "Metrics",
    {**ASKED, "metrics": {"retention": FIGURE}},
    maybe="against",
    free="metrics",
    notes={"metrics": "By name."},
)
NAMES = Shape("MetricNames", {"results": [METRIC]})
ONE_METRIC = Shape(
    "Metric",
    {**METRIC, **ASKED, **FIGURE},
    maybe=f"against {UNKNOWN}",
    sometimes=NOT_ALWAYS,
    notes=OF_A_FIGURE,
)
MONTHS = Shape(
    "MetricMonths",
    {**METRIC, **ABOUT, "results": [{"period": PERIOD, **FIGURE}]},
    maybe=inside("results[].", UNKNOWN),
    sometimes=inside("results[].", NOT_ALWAYS),
)
BEHIND = Shape("MetricCustomer", {"id": 7, "net": "199.000"}, notes={"net": "What they spent."})
