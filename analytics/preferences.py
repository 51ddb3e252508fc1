"""What an owner may decide about the figures; a change starts a new version of the definitions."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from shop.preferences import Preference

PREFERENCES = [
    Preference(
        "analytics.active_days",
        "analytics",
        _("Days within which a customer counts as active"),
        "integer",
        0,
        help=_("0: as proposed from how long customers usually stay away before they come back."),
        minimum=0,
        maximum=1095,
    ),
    Preference(
        "analytics.count_free_orders",
        "analytics",
        _("Orders worth nothing count as purchases"),
        "yes_no",
        False,
    ),
    Preference(
        "analytics.score",
        "analytics",
        _("The chance of an order is foretold"),
        "yes_no",
        True,
        help=_("It is switched off by itself while its grade is no better than the base rate."),
    ),
    Preference(
        "analytics.margin",
        "analytics",
        _("Margin, in percent of what customers spend"),
        "decimal",
        Decimal(0),
        help=_("0: not known. Otherwise historic value is the margin that customers brought, not what they spent."),
        minimum=Decimal(0),
        maximum=Decimal(100),
    ),
    Preference(
        "analytics.rfm_months",
        "analytics",
        _("Months counted for how often and how much somebody buys"),
        "integer",
        24,
        minimum=1,
        maximum=120,
    ),
    Preference(
        "analytics.overdue_below",
        "analytics",
        _("Overdue when the chance of so long a silence is below"),
        "decimal",
        Decimal("0.20"),
        help=_("The chance that somebody who is still a customer stays silent so long."),
        minimum=Decimal("0.01"),
        maximum=Decimal("0.90"),
    ),
    Preference(
        "analytics.at_risk_below",
        "analytics",
        _("At risk when that chance is below"),
        "decimal",
        Decimal("0.10"),
        minimum=Decimal("0.01"),
        maximum=Decimal("0.90"),
    ),
    Preference(
        "analytics.at_risk_alive_below",
        "analytics",
        _("At risk when the chance of still being a customer is below"),
        "decimal",
        Decimal("0.50"),
        minimum=Decimal("0.01"),
        maximum=Decimal("0.90"),
    ),
    Preference(
        "analytics.flag_days",
        "analytics",
        _("Days after which a flag at risk ends by itself"),
        "integer",
        90,
        help=_("Since it was raised, or since the customer was last contacted or given an offer."),
        minimum=14,
        maximum=730,
    ),
    Preference(
        "analytics.likely_lost_below",
        "analytics",
        _("Likely lost when the chance of still being a customer is below"),
        "decimal",
        Decimal("0.15"),
        minimum=Decimal("0.01"),
        maximum=Decimal("0.90"),
    ),
]
