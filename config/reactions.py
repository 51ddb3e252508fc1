"""What follows an event, after commit: kind -> dotted names of functions that take a list of events."""

# Each of them brings what it keeps to what the order is now, so one list serves all that happens to orders.
ORDERS = [
    "analytics.reactions.mark_stale",
    "loyalty.reactions.settle_points",
    "loyalty.reactions.follow_referrals",
    "loyalty.reactions.count_challenges",
]

REACTIONS: dict[str, list[str]] = {
    "order.placed": ["loyalty.till.joining.join", "feedback.reactions.invite_after_orders", *ORDERS],
    "order.paid": ["loyalty.till.joining.join", *ORDERS],
    "order.refunded": ["feedback.reactions.withdraw_of_orders", *ORDERS],
    "order.cancelled": [
        "loyalty.discounts.returning.give_back",
        "feedback.reactions.withdraw_of_orders",
        *ORDERS,
    ],
    "customer.created": ["crm.duplicates.reactions.look_again", "loyalty.reactions.reward_profile"],
    "customer.erased": ["analytics.reactions.mark_stale"],
    "customer.edited": [
        "analytics.reactions.mark_stale",
        "crm.duplicates.reactions.look_again",
        "loyalty.reactions.reward_profile",
    ],
    "customer.merged": [
        "analytics.reactions.mark_stale",
        "crm.duplicates.reactions.look_again",
        "loyalty.reactions.look_at_tiers",
    ],
    "customer.unmerged": [
        "analytics.reactions.mark_stale",
        "crm.duplicates.reactions.look_again",
        "loyalty.reactions.look_at_tiers",
    ],
    "customers.changed_in_bulk": ["analytics.reactions.mark_changed_stale"],
    "customers.change_undone": ["analytics.reactions.mark_changed_stale"],
    "note.logged": ["analytics.reactions.count_as_contacted"],
    "discount.assigned": ["analytics.reactions.count_as_offered"],
    "complaint.opened": ["crm.mail.complaints.tell_received"],
    "complaint.solved": ["crm.mail.complaints.tell_solved"],
    "complaint.closed": ["feedback.reactions.invite_after_complaints"],
    "complaint.reopened": ["feedback.reactions.withdraw_of_complaints"],
    "risk.raised": ["feedback.reactions.invite_the_lost"],
    "message.sent": ["feedback.reactions.hear_of_mails"],
    "message.dropped": ["feedback.reactions.hear_of_mails"],
    "message.bounced": ["feedback.reactions.hear_of_mails"],
    "response.recorded": [
        "loyalty.reactions.reward_answers",
        "loyalty.reactions.give_promoters_a_code",
        "feedback.reactions.follow_answers",
    ],
    "response.changed": ["loyalty.reactions.give_promoters_a_code", "feedback.reactions.follow_answers"],
    "import.undone": ["analytics.reactions.mark_imported_stale"],
    "tier.changed": ["loyalty.reactions.tell_tier"],
    "import.applied": ["analytics.reactions.mark_imported_stale", "crm.duplicates.reactions.look_through_imported"],
}
