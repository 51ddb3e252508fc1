"""What can be done to one customer or to many: the card's buttons and its menu, in this order."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.actions import Action
from crm.complaints.panels import new_complaint

ACTIONS = [
    Action(
        "log_call",
        _("Log a call"),
        "phone",
        "customers.edit",
        form=lambda customer: "#composer-text",
        verb="crm.models.Note.log",
        place="head",
    ),
    Action(
        "plan_task",
        _("Task"),
        "plus",
        "customers.edit",
        form=lambda customer: f"{reverse('crm:task_new')}?customer={customer.pk}",
        verb="crm.models.Task.plan",
        undo="crm.models.Task.finish",
        place="head",
    ),
    Action(
        "open_complaint",
        _("Complaint"),
        "message-square-warning",
        "complaints.work",
        form=new_complaint,
        verb="crm.models.Complaint.open_for",
        place="head",
    ),
    Action(
        "add_contact",
        _("Add an e-mail or a phone"),
        "at-sign",
        "customers.edit",
        form=lambda customer: reverse("crm:contact_new", args=[customer.pk]),
        verb="crm.models.Customer.change_contact",
        undo="crm.models.Customer.change_contact",
    ),
    Action(
        "send_preferences_link",
        _("Send the preferences link"),
        "mail",
        "customers.edit",
        form=lambda customer: reverse("crm:customer_preferences_link", args=[customer.pk]),
        verb="crm.models.Message.queue",
    ),
    Action(
        "merge",
        _("Merge with another card"),
        "merge",
        "customers.merge",
        form=lambda customer: reverse("crm:merge_with", args=[customer.pk]),
        verb="crm.duplicates.merging.merge",
        undo="crm.duplicates.unmerging.unmerge",
    ),
]
