"""What follows an event, after commit: kind -> dotted names of functions that take a list of events."""

REACTIONS: dict[str, list[str]] = {
    "order.placed": ["analytics.reactions.mark_stale"],
    "order.paid": ["analytics.reactions.mark_stale"],
    "order.refunded": ["analytics.reactions.mark_stale"],
    "order.cancelled": ["analytics.reactions.mark_stale"],
    "customer.created": ["crm.duplicates.reactions.look_again"],
    "customer.erased": ["analytics.reactions.mark_stale"],
    "customer.edited": ["analytics.reactions.mark_stale", "crm.duplicates.reactions.look_again"],
    "customer.merged": ["analytics.reactions.mark_stale", "crm.duplicates.reactions.look_again"],
    "customer.unmerged": ["analytics.reactions.mark_stale", "crm.duplicates.reactions.look_again"],
    "customers.changed_in_bulk": ["analytics.reactions.mark_changed_stale"],
    "customers.change_undone": ["analytics.reactions.mark_changed_stale"],
    "complaint.opened": ["crm.mail.complaints.tell_received"],
    "complaint.solved": ["crm.mail.complaints.tell_solved"],
    "import.undone": ["analytics.reactions.mark_imported_stale"],
    "import.applied": ["analytics.reactions.mark_imported_stale", "crm.duplicates.reactions.look_through_imported"],
}
