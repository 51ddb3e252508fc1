from crm.models.customer import Customer
from crm.models.event import Event, Reaction
from crm.models.identifier import Identifier
from crm.models.imports import Import, ImportedCustomer, RejectedRow
from crm.models.note import Note
from crm.models.order import Order, OrderLine, Refund, RefundTooLarge
from crm.models.task import Task

__all__ = [
    "Customer",
    "Event",
    "Identifier",
    "Import",
    "ImportedCustomer",
    "Note",
    "Order",
    "OrderLine",
    "Reaction",
    "Refund",
    "RefundTooLarge",
    "RejectedRow",
    "Task",
]
