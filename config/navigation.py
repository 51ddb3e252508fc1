"""The places of the navigation, in their order; a role sees those it has the right for."""

from django.utils.translation import gettext_lazy as _

from shop.navigation import Place

NAVIGATION = [
    Place(
        _("Today"),
        "crm:today",
        "sunrise",
        "customers.view",
        key="t",
        also=("crm:tasks",),
    ),
    Place(
        _("Customers"),
        "crm:customers",
        "users",
        "customers.view",
        key="c",
        also=("crm:customer", "crm:customer_new"),
    ),
    Place(_("At risk"), "analytics:at_risk", "flag", "reports.view", key="a"),
    Place(_("Retention"), "analytics:retention", "refresh-cw", "reports.view", key="r"),
    Place(_("Import"), "crm:import", "file-up", "imports.run", key="i", end=True),
    Place(
        _("Settings"),
        "shop:settings",
        "sliders-horizontal",
        "settings.edit",
        key="s",
        end=True,
    ),
]
