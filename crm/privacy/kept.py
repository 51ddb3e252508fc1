"""The clocks of customers, of what was written to them, of who looked at them, and of copies beside the cards."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.audit.words import DONE
from crm.models import CardOpened, Delivery, Import, KeptMail, Message
from crm.privacy import clock as old_cards
from crm.privacy.clocks import Clock, Part, local_day
from shop.audit import DEEDS
from shop.models import AuditRow, KeptAnswer

GOES = _("Nothing of it stays.")


def _card(row: Any) -> tuple[str, str]:
    return f"{local_day(row.at)}, #{row.customer_id}", reverse("crm:customer", args=[row.customer_id])


def _deed(row: AuditRow) -> tuple[str, str]:
    when = timezone.localtime(row.at).date().isoformat()
    label = DEEDS[row.kind].label if row.kind in DEEDS else DONE.get(row.kind, row.kind)
    return f"{local_day(row.at)}, {label}", f"{reverse('crm:audit')}?since={when}&until={when}"


CUSTOMERS = Clock(
    "old_cards",
    _("Cards without activity"),
    _("They are proposed for erasure; somebody looks at the list and decides."),
    (Part(lambda before: old_cards.proposed().select_related("customer")),),
    lambda row: (str(row.customer), row.customer.get_absolute_url()),
    setting="privacy.years",
    unit="years",
    page="crm:privacy",
)
ACCESS_LOG = Clock(
    "access_log",
    _("Who opened which card"),
    GOES,
    (Part(lambda before: CardOpened.objects.filter(at__lt=before).order_by("at", "id")),),
    _card,
    setting="privacy.access_log_days",
)
AUDIT = Clock(
    "audit",
    _("Sign-ins, changes of staff, keys and settings"),
    _("The lines of the audit go. What was done to customers stays with their cards."),
    (Part(lambda before: AuditRow.objects.filter(at__lt=before).order_by("at", "id")),),
    _deed,
    setting="privacy.audit_days",
)
MAILS = Clock(
    "mails",
    _("Texts of sent mails"),
    _("The text goes; that it was sent, when and to whom, stays."),
    (
        Part(
            lambda before: Message.objects.filter(sent_at__lt=before).exclude(text="").order_by("sent_at"),
            {"subject": "", "text": "", "html": "", "context": {}},
        ),
    ),
    lambda row: (f"{local_day(row.sent_at)}, {row.subject}", reverse("crm:mail", args=[row.pk])),
    setting="mail.keep_days",
)
WEBHOOKS = Clock(
    "webhooks",
    _("What was sent to webhooks"),
    _("The copy of the message goes; that it was sent stays for a month."),
    (
        Part(
            lambda before: Delivery.objects.filter(queued_at__lt=before).exclude(body="").order_by("queued_at"),
            {"body": ""},
        ),
    ),
    lambda row: (str(row), reverse("crm:delivery", args=[row.webhook_id, row.pk])),
    setting="privacy.copies_hours",
    unit="hours",
)
IMPORTS = Clock(
    "imports",
    _("Files of imports, their rows and those that were rejected"),
    _("They go; what was imported stays."),
    (Part(lambda before: Import.objects.filter(swept_at=None, created_at__lt=before).order_by("created_at")),),
    lambda row: (f"{local_day(row.created_at)}, {row.file_name}", reverse("crm:import_one", args=[row.pk])),
    setting="privacy.copies_hours",
    unit="hours",
)
KEPT_MAILS = Clock(
    "kept_mails",
    _("Mails that did not leave this machine"),
    GOES,
    (Part(lambda before: KeptMail.objects.filter(at__lt=before).order_by("at")),),
    lambda row: (f"{local_day(row.at)}, {row.subject}", reverse("crm:kept_mail", args=[row.pk])),
    setting="privacy.copies_hours",
    unit="hours",
)
ANSWERS = Clock(
    "answers",
    _("Answers to programs, kept so that a request that comes twice does one thing"),
    _("They go; the API promises so many hours."),
    (Part(lambda before: KeptAnswer.objects.filter(at__lt=before).order_by("at")),),
    lambda row: (f"{local_day(row.at)}, {row.client}", ""),
    unit="hours",
    fixed=timedelta(hours=48),
)
