from celery import shared_task

from crm.bulk.jobs import change_many, take_back_many
from crm.complaints import watching
from crm.complaints.watching import mail_deadline
from crm.contact.card_link import mail_card_links
from crm.duplicates.jobs import find_duplicates
from crm.events import reactions
from crm.imports import sweeping
from crm.imports.jobs import apply_import, read_import
from crm.mail import keeping, sending
from crm.models import Attachment, ContactSlot, CustomerToken, Delivery
from crm.privacy.jobs import erase_old_cards, erase_one, propose_erasures, remove_files, run_clocks, sweep_erased
from crm.segments import exporting
from crm.segments.exporting import export_customers
from crm.undo import sweeping as undo_sweeping
from crm.webhooks import delivering

__all__ = [
    "apply_import",
    "change_many",
    "erase_old_cards",
    "erase_one",
    "export_customers",
    "find_duplicates",
    "mail_card_links",
    "mail_deadline",
    "propose_erasures",
    "react",
    "read_import",
    "remove_files",
    "run_clocks",
    "sweep_changes",
    "sweep_contact",
    "sweep_erased",
    "sweep_imports",
    "sweep_reactions",
    "take_back_many",
]


@shared_task(name="crm.react")
def react(name: str) -> None:
    """At least once: a receipt per event and reaction decides what is still to be done."""
    reactions.run_due(name)


@shared_task(name="crm.sweep_reactions")
def sweep_reactions() -> None:
    reactions.park_the_lethal()
    reactions.sweep()


@shared_task(name="crm.sweep_changes")
def sweep_changes() -> None:
    undo_sweeping.sweep()


@shared_task(name="crm.sweep_contact")
def sweep_contact() -> None:
    """Places in the contact budget that no gap reaches back to, and links that are over."""
    ContactSlot.sweep()
    CustomerToken.sweep()


@shared_task(name="crm.sweep_imports")
def sweep_imports() -> None:
    sweeping.sweep()


@shared_task(name="crm.send_mail")
def send_mail(lane: int) -> None:
    """Marketing at most once, service mail at least once: see crm/mail/sending.py. `lane` only tells wake-ups apart."""
    sending.send_due()


@shared_task(name="crm.sweep_kept_mail")
def sweep_kept_mail() -> None:
    keeping.sweep()


@shared_task(name="crm.watch_complaints")
def watch_complaints() -> None:
    """At most one warning and one note of lateness a deadline: the row says what was said."""
    watching.watch()


@shared_task(name="crm.sweep_complaints")
def sweep_complaints() -> None:
    watching.close_the_told()
    Attachment.sweep()


@shared_task(name="crm.sweep_exports")
def sweep_exports() -> None:
    exporting.sweep()


@shared_task(name="crm.deliver")
def deliver() -> None:
    """Webhooks, at least once: see crm/webhooks/delivering.py."""
    delivering.deliver_due()


@shared_task(name="crm.sweep_deliveries")
def sweep_deliveries() -> None:
    delivering.park_the_old()
    Delivery.sweep()
