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
        key="l",
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
        "give_discount",
        _("Discount"),
        "badge-percent",
        "discounts.assign",
        form=lambda customer: reverse("loyalty:give_one", args=[customer.pk]),
        verb="loyalty.discounts.assigning.give",
        undo="loyalty.discounts.withdrawing.withdraw",
        place="head",
        many_form=lambda: reverse("loyalty:give_many"),
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
        many_form=lambda: reverse("crm:bulk_merge"),
        takes=2,
    ),
    Action(
        "tag",
        _("Tag"),
        "tag",
        "customers.edit",
        form=lambda customer: "#tags",
        verb="crm.models.Customer.tag",
        undo="crm.models.Customer.untag",
        many="crm.bulk.moves.TagMove",
    ),
    Action("untag", _("Take a tag off"), "tags", "customers.edit", many="crm.bulk.moves.UntagMove"),
    Action("assign", _("Owner"), "user-round", "customers.edit", many="crm.bulk.moves.OwnerMove"),
    Action("edit_field", _("Edit a field"), "pencil", "customers.edit", many="crm.bulk.moves.FieldMove"),
    Action(
        "leave_out",
        _("Leave out of figures"),
        "eye-off",
        "customers.edit",
        form=lambda customer: f"{reverse('crm:bulk_new', args=['leave_out'])}?pick={customer.pk}",
        verb="crm.models.Customer.edit",
        undo="crm.undo.taking_back.take_back",
        many="crm.bulk.moves.LeaveOutMove",
    ),
    Action(
        "copy",
        _("Copy of the data"),
        "file-text",
        "customers.export",
        form=lambda customer: reverse("crm:copy", args=[customer.pk]),
        verb="crm.privacy.copying.copy_of",
    ),
    Action(
        "object",
        _("Risk scoring on or off"),
        "shield-off",
        "customers.edit",
        form=lambda customer: reverse("crm:objection", args=[customer.pk]),
        verb="crm.models.Customer.object_to_profiling",
        undo="crm.models.Customer.object_to_profiling",
    ),
    Action(
        "erase",
        _("Erase"),
        "eraser",
        "customers.erase",
        form=lambda customer: reverse("crm:erasure", args=[customer.pk]),
        verb="crm.privacy.erasing.erase",
    ),
    Action(
        "delete_tag", _("Delete a tag"), "trash-2", "settings.edit", many="crm.bulk.tags.DeleteTagMove", in_list=False
    ),
    Action(
        "merge_tags", _("Merge two tags"), "merge", "settings.edit", many="crm.bulk.tags.MergeTagsMove", in_list=False
    ),
]
