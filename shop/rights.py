"""What a member of staff, or an API key, may do. Roles are made of rights; API scopes have the same names."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _


class RightMissing(PermissionDenied):
    """`right`: what a verb needs beside the right of the address it was called from."""

    def __init__(self, right: str) -> None:
        super().__init__(right)
        self.right = right


RIGHTS = {
    "customers.view": _("See customers"),
    "customers.edit": _("Edit customers, log conversations, keep tasks"),
    "customers.merge": _("Merge customers"),
    "customers.export": _("Export customers"),
    "customers.erase": _("Erase customers"),
    "segments.edit": _("Change the views that others share"),
    "orders.add": _("Send orders in"),
    "till.use": _("Sell and take back at the till"),
    "complaints.work": _("Work on complaints"),
    "complaints.assign": _("Assign complaints"),
    "points.adjust": _("Adjust points"),
    "discounts.assign": _("Assign discounts"),
    "discounts.approve": _("Approve discounts above the limit"),
    "programme.edit": _("Change the points programme"),
    "surveys.edit": _("Change surveys"),
    "comments.see_author": _("See who wrote a comment"),
    "reports.view": _("See reports"),
    "goals.edit": _("Set goals"),
    "risk.release": _("Let out risk flags that are held back"),
    "team.view": _("See the figures of the team"),
    "imports.run": _("Import files"),
    "settings.edit": _("Change settings"),
    "staff.manage": _("Invite and remove staff"),
    "keys.manage": _("Make and withdraw API keys"),
    "audit.view": _("Read the audit"),
    "audit.export": _("Export the audit"),
}

SUPPORT = {"customers.view", "customers.edit", "complaints.work", "points.adjust", "discounts.assign", "till.use"}
ADMINISTRATOR = set(RIGHTS) - {"orders.add"}
MANAGER = ADMINISTRATOR - {"settings.edit", "staff.manage", "keys.manage", "audit.view", "audit.export"}

ROLES = {"support": SUPPORT, "manager": MANAGER, "administrator": ADMINISTRATOR}
