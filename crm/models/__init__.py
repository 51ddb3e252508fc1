from crm.models.customer import Customer
from crm.models.event import Event, Reaction
from crm.models.identifier import Identifier
from crm.models.note import Note
from crm.models.order import Order, OrderLine, Refund, RefundTooLarge
from crm.models.task import Task

__all__ = [
    "Customer",
    "Event",
    "Identifier",
    "Note",
    "Order",
    "OrderLine",
    "Reaction",
    "Refund",
    "RefundTooLarge",
    "Task",
]
