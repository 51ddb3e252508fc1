"""Every metric: its name, its one definition, how it is written, and what of a period's sums it is made of."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.metrics.measured import (
    MONTHLY,
    WINDOW,
    Measured,
    Metric,
    by_email,
    classic,
    counted,
    kept_of_start,
    known_for,
    lapsing,
    moved_of,
    ratio_of,
    reactivated,
    repeat,
    scored,
    share_of,
    two_seasons,
)
from analytics.metrics.sums import HORIZONS
from feedback.surveys.kinds import Kind

__all__ = ["BY_NAME", "METRICS", "MONTHLY", "WINDOW", "Measured", "Metric", "labelled"]

METRICS: list[Metric] = [
    kept_of_start(
        "retention",
        _("Retention, strict"),
        _("Of the customers active at the start of the period, the share active at its end."),
        lambda moved: moved.kept,
        "up",
        "kept",
    ),
    Metric(
        "retention_classic",
        _("Retention, classic"),
        _(
            "Active at the end without the new ones, divided by active at the start. Counts who came back as if they "
            "had stayed, so it can exceed 100%."
        ),
        "percent",
        classic,
        begins=lapsing,
        at_start=True,
        who="active",
        by_mode=True,
    ),
    kept_of_start(
        "churn",
        _("Churn"),
        _("Of the customers active at the start of the period, the share no longer active at its end."),
        lambda moved: moved.churned,
        "down",
        "churned",
    ),
    Metric(
        "reactivation",
        _("Reactivated"),
        _("Of the customers who had lapsed before the period, the share active at its end."),
        "percent",
        reactivated,
        good="up",
        begins=lapsing,
        at_start=True,
        who="returned",
        by_mode=True,
    ),
    Metric(
        "new_customers",
        _("New customers"),
        _("First purchase ever inside the period, and active at its end."),
        "number",
        counted(lambda sums, mode: moved_of(sums, mode).new, lambda sums, mode: sums.customers),
        digits=0,
        compared=False,
        who="new",
        by_mode=True,
    ),
    Metric(
        "nrr",
        _("Revenue retention, net"),
        _(
            "What customers who spent something in the window a year ago spend in the same window now, divided by what "
            "they spent then. Returns count on the day of the return."
        ),
        "percent",
        lambda sums, mode: ratio_of(sums.season.net),
        good="up",
        begins=two_seasons,
        who="season",
    ),
    Metric(
        "grr",
        _("Revenue retention, gross"),
        _("The same, and nobody counts for more than they spent a year ago: growth does not hide losses."),
        "percent",
        lambda sums, mode: ratio_of(sums.season.gross),
        good="up",
        begins=two_seasons,
        who="season",
    ),
    Metric(
        "revenue_lost",
        _("Revenue lost"),
        _("Of the revenue a year ago, the share of customers who spend nothing now."),
        "percent",
        lambda sums, mode: ratio_of(sums.season.lost, sums.season.lost_customers),
        good="down",
        begins=two_seasons,
        who="season_lost",
    ),
    Metric(
        "revenue_shrunk",
        _("Revenue shrunk"),
        _("Of the revenue a year ago, the share that customers who still buy spend less now."),
        "percent",
        lambda sums, mode: ratio_of(sums.season.shrunk, sums.season.shrunk_customers),
        good="down",
        begins=two_seasons,
        who="season_shrunk",
    ),
    *(repeat(days) for days in HORIZONS),
    Metric(
        "average_order",
        _("Average order"),
        _(
            "Net revenue of the orders of the period divided by their number. Returns count on the day of the order. "
            "The median stands beside it: half of the orders were smaller."
        ),
        "money",
        lambda sums, mode: ratio_of(sums.spent, sums.median_order),
        digits=2,
        good="up",
        who="bought",
    ),
    Metric(
        "frequency",
        _("Orders per buyer"),
        _("Orders of the period divided by the customers who bought in it."),
        "number",
        lambda sums, mode: ratio_of(sums.frequency),
        digits=2,
        good="up",
        who="bought",
    ),
    Metric(
        "revenue",
        _("Revenue"),
        _("Net of discounts; returns count on the day of the return."),
        "money",
        counted(lambda sums, mode: sums.revenue, lambda sums, mode: sums.spent.n),
        digits=0,
        compared=False,
        who="bought",
    ),
    Metric(
        "referral_rate",
        _("Came by an invitation"),
        _("Of the customers whose first purchase lies in the period, the share that another customer had invited."),
        "percent",
        lambda sums, mode: share_of(*sums.referred),
        good="up",
        begins=known_for(0),
        who="referred",
    ),
    Metric(
        "historic_value",
        _("Historic value of a customer"),
        _(
            "Net revenue of all orders until the end of the period (the margin of it, where the settings name one), "
            "divided by the customers who had bought by then."
        ),
        "money",
        lambda sums, mode: ratio_of(sums.worth),
        digits=2,
        compared=False,
        who="ever",
    ),
    Metric(
        "email_value",
        _("Value of a known e-mail"),
        _(
            "Historic value of customers with an e-mail divided by that of customers without one who first bought in "
            "the same months. No experiment: who leaves an address may buy more anyway."
        ),
        "times",
        by_email,
        digits=2,
        compared=False,
        who="ever",
    ),
    Metric(
        "response_rate",
        _("Response rate"),
        _(
            "Of the invitations sent in the period at least seven days ago, the share answered. What came back "
            "is left out."
        ),
        "percent",
        lambda sums, mode: share_of(*sums.said.get("rate", (0, 0))),
        good="up",
        who="answered",
    ),
    scored(Kind.NPS, "NPS", _("The share of 9 and 10 less the share of 0 to 6, from −100 to 100."), "points", 0),
    scored(Kind.CSAT, "CSAT", _("Of the answers from 1 to 5, the share of 4 and 5."), "percent", 1),
    scored(Kind.CES, "CES", _("The mean of the answers from 1 to 7; 7 is very easy."), "number", 1),
]
BY_NAME = {metric.name: metric for metric in METRICS}


def labelled(name: str) -> Any:
    return BY_NAME[name].label if name in BY_NAME else name
