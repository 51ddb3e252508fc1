"""What merge, unmerge, copy and erase do with every model that points at a customer or an order.

Model and field -> what happens to its rows; crm/policies.py reads it.

merge   move: they follow the customer who stays (one that would be there twice goes) · fold: a function that is
        named does it · keep: they stay where they are · blank: these fields are emptied · delete: they go.
        Unmerge brings every row back as it was.
copy    whole: it is in the copy · fields: these are · leave out: nothing a person could want.
erase   keep: no personal data · delete: they go · blank: these fields are emptied · by: a function that is named.
"""

POLICIES: dict[str, dict[str, str]] = {
    "crm.Customer.merged_into": {"merge": "move", "copy": "leave out", "erase": "keep"},
    "crm.Erasure.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.PrivacyRequest.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "crm.OldCard.customer": {"merge": "delete", "copy": "leave out", "erase": "delete"},
    "crm.Identifier.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.Duplicate.first": {"merge": "fold: crm.duplicates.folding.pairs", "copy": "leave out", "erase": "delete"},
    "crm.Duplicate.second": {"merge": "fold: crm.duplicates.folding.pairs", "copy": "leave out", "erase": "delete"},
    "crm.Merge.stays": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.Merge.goes": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.Order.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "crm.OrderLine.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Refund.customer": {"merge": "move", "copy": "whole", "erase": "blank: note"},
    "crm.Refund.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Event.customer": {"merge": "move", "copy": "whole", "erase": "blank: data"},
    "crm.Event.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Note.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.Consent.customer": {
        "merge": "fold: crm.duplicates.folding.consents",
        "copy": "whole",
        "erase": "blank: address, wording, source",
    },
    "crm.ContactSlot.customer": {"merge": "move", "copy": "whole", "erase": "blank: address"},
    "crm.Pause.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "crm.Suppression.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.AddressTrouble.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.CustomerToken.customer": {"merge": "move", "copy": "leave out", "erase": "delete"},
    "crm.Complaint.customer": {"merge": "move", "copy": "whole", "erase": "blank: title, details, outcome"},
    "crm.Complaint.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Attachment.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    # A trigger on the complaints keeps it.
    "crm.ComplaintTally.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.ImportedCustomer.customer": {"merge": "keep", "copy": "leave out", "erase": "delete"},
    "crm.Message.customer": {"merge": "move", "copy": "whole", "erase": "blank: address, context, subject, text, html"},
    "crm.Tagging.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.Task.customer": {"merge": "move", "copy": "whole", "erase": "blank: title"},
    "crm.Change.customer": {"merge": "keep", "copy": "leave out", "erase": "delete"},
    "analytics.Figures.customer": {"merge": "delete", "copy": "whole", "erase": "delete"},
    "analytics.PurchaseDays.customer": {"merge": "delete", "copy": "whole", "erase": "keep"},
    "analytics.Flag.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "analytics.Stale.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
}
