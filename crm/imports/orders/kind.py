from django.utils.translation import gettext_lazy as _

from crm.imports import newcomers
from crm.imports.kinds import Kind
from crm.imports.orders import applying, fields, matching, undoing, wording
from crm.models import Customer, Order

ORDERS = Kind(
    name="orders",
    label=_("Orders"),
    lead=_("Orders, refunds and order lines. Customers without a card get one."),
    hint=_("Rows that share an order number are its lines. A cancellation or a negative amount is a refund."),
    fields=lambda: fields.FIELDS,
    needed=fields.NEEDED,
    told_by=("order_id",),
    dates=("ordered_at",),
    numbers=("amount",),
    staging=fields.staging,
    staged=fields.staged,
    left_out=fields.left_out,
    match=matching.match,
    write=applying.write,
    steps=("customers", "orders", "refunds", "lines"),
    found_by_matching=matching.FOUND_BY_MATCHING,
    created=wording.created,
    stats=wording.stats,
    changes=wording.changes,
    undo=undoing.undo,
    fresh=("crm_customer", "crm_identifier", "crm_reach", "crm_order", "crm_refund", "crm_orderline"),
    steps_back=((Order, undoing.take_some_away), (Customer, newcomers.take_some_away)),
)
