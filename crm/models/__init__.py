from crm.models.customer import Customer
from crm.models.erasure import Erasure, FileToRemove, OldCard, PrivacyRequest
from crm.models.event import Event, Reaction
from crm.models.identifier import Identifier
from crm.models.imports import Import, ImportedCustomer, RejectedRow
from crm.models.mail_text import KeptMail, MailText
from crm.models.mention import Mention
from crm.models.message import Message
from crm.models.note import Note
from crm.models.order import Order, OrderLine, Refund, RefundTooLarge
from crm.models.task import Task

__all__ = [
    "Customer",
    "Erasure",
    "Event",
    "FileToRemove",
    "Identifier",
    "Import",
    "ImportedCustomer",
    "KeptMail",
    "MailText",
    "Mention",
    "Message",
    "Note",
    "OldCard",
    "Order",
    "OrderLine",
    "PrivacyRequest",
    "Reaction",
    "Refund",
    "RefundTooLarge",
    "RejectedRow",
    "Task",
]
