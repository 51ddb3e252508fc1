"""The fields that a shop defined for itself, on the card."""

from typing import Any

from crm.card.fields import own_shown
from crm.models import Customer, CustomField
from crm.panels import Panel
from shop.at_once import once
from shop.prepared import prepared


@once
@prepared
def own_fields_of(customer: Any) -> Any:
    """What there is to know, the same of every customer."""
    return CustomField.objects.present()


def own_fields_panel(request: Any, customer: Customer) -> Panel | None:
    own = [own_shown(customer, field) for field in own_fields_of(customer)]
    if not own:
        return None
    context = {"customer": customer, "fields": own, "may_edit": request.user.may("customers.edit")}
    return Panel("crm/own_fields/_of_customer.html", context, zone="who", order=20)
