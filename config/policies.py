"""What merge, unmerge, copy and erase do with every model that points at a customer or an order.

Model and field -> what happens. `move` the row follows the customer who stays; `keep` it stays as it is;
`delete` it goes when the customer is erased; `blank: …` these fields are emptied then.
"""

POLICIES: dict[str, dict[str, str]] = {
    "crm.Customer.merged_into": {"merge": "move", "copy": "leave out", "erase": "keep"},
    "crm.Erasure.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.PrivacyRequest.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "crm.OldCard.customer": {"merge": "delete", "copy": "leave out", "erase": "delete"},
    "crm.Identifier.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.Order.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "crm.OrderLine.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Refund.customer": {"merge": "move", "copy": "whole", "erase": "blank: note"},
    "crm.Refund.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Event.customer": {"merge": "move", "copy": "whole", "erase": "blank: data"},
    "crm.Event.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Note.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.ImportedCustomer.customer": {"merge": "move", "copy": "leave out", "erase": "delete"},
    "crm.Message.customer": {"merge": "move", "copy": "whole", "erase": "blank: address, context, subject, text, html"},
    "crm.Task.customer": {"merge": "move", "copy": "whole", "erase": "blank: title"},
    "analytics.Figures.customer": {"merge": "delete", "copy": "whole", "erase": "delete"},
    "analytics.PurchaseDays.customer": {"merge": "delete", "copy": "whole", "erase": "keep"},
    "analytics.Flag.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "analytics.Stale.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
}
