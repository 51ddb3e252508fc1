from crm.models.attachment import Attachment
from crm.models.card_opened import CardOpened
from crm.models.change_set import Change, ChangeSet
from crm.models.complaint import Complaint
from crm.models.complaint_parts import ComplaintPause, Given
from crm.models.complaint_tally import ComplaintTally
from crm.models.consent import Consent, ConsentInForce, OnlyTheCustomerLoosens
from crm.models.contact_slot import ContactSlot
from crm.models.custom_field import CustomField
from crm.models.customer import Customer
from crm.models.customer_token import CustomerToken
from crm.models.erasure import Erasure, FileToRemove, OldCard, PrivacyRequest
from crm.models.event import Event, Reaction
from crm.models.export import Export
from crm.models.identifier import Identifier
from crm.models.imports import Import, ImportedCustomer, RejectedRow, SavedMapping
from crm.models.mail_text import KeptMail, MailText
from crm.models.mention import Mention
from crm.models.merge import Duplicate, Merge
from crm.models.message import Message
from crm.models.note import Note
from crm.models.order import Order, OrderLine, Refund, RefundTooLarge
from crm.models.pause import Pause
from crm.models.reach import Reach
from crm.models.segment import Segment, Tab
from crm.models.suppression import AddressTrouble, NotToBeLifted, Suppression
from crm.models.tag import Tag, Tagging
from crm.models.task import Task
from crm.models.webhook import Delivery, DeliveryAttempt, Webhook

__all__ = [
    "AddressTrouble",
    "Attachment",
    "CardOpened",
    "Change",
    "ChangeSet",
    "Complaint",
    "ComplaintPause",
    "ComplaintTally",
    "Consent",
    "ConsentInForce",
    "ContactSlot",
    "CustomField",
    "Customer",
    "CustomerToken",
    "Delivery",
    "DeliveryAttempt",
    "Duplicate",
    "Erasure",
    "Event",
    "Export",
    "FileToRemove",
    "Given",
    "Identifier",
    "Import",
    "ImportedCustomer",
    "KeptMail",
    "MailText",
    "Mention",
    "Merge",
    "Message",
    "NotToBeLifted",
    "Note",
    "OldCard",
    "OnlyTheCustomerLoosens",
    "Order",
    "OrderLine",
    "Pause",
    "PrivacyRequest",
    "Reach",
    "Reaction",
    "Refund",
    "RefundTooLarge",
    "RejectedRow",
    "SavedMapping",
    "Segment",
    "Suppression",
    "Tab",
    "Tag",
    "Tagging",
    "Task",
    "Webhook",
]
