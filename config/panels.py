"""What the card, Today and other pages show, by place: dotted names of functions(request, …) -> Panel or None.

"card" and "next_step" get the customer too, "complaint" (the right side of its page) the complaint;
"me" (the customer's own page) the customer;
"next_step" and "today_next_step" return a NextStep or None.
"""

PANELS: dict[str, list[str]] = {
    "card": [
        "crm.card.panels.orders_panel",
        "crm.privacy.panels.objects",
        "crm.card.panels.tasks_panel",
        "crm.tagging.tags_panel",
        "crm.own_fields.panel.own_fields_panel",
        "crm.duplicates.panels.duplicates_panel",
        "crm.complaints.panels.complaints_panel",
        "loyalty.points.panels.points_panel",
        "loyalty.discounts.panels.discounts_panel",
        "loyalty.programme.panels.tier_panel",
        "loyalty.programme.panels.rewards_panel",
        "analytics.panels.state_badge",
        "analytics.panels.why_at_risk",
        "analytics.panels.figures_panel",
    ],
    "next_step": [
        "crm.complaints.panels.late_complaint",
        "crm.card.panels.late_task",
        "analytics.panels.next_step",
        "loyalty.programme.panels.tier_ends",
    ],
    "me": [
        "loyalty.me.pass_panel",
        "loyalty.me.offers_panel",
        "loyalty.me.points_panel",
        "loyalty.me.challenges_panel",
    ],
    "today": [
        "crm.complaints.panels.complaints_today",
        "crm.privacy.panels.asked_today",
        "loyalty.points.panels.adjustments_today",
        "crm.today.mentions",
        "analytics.panels.at_risk_today",
        "analytics.panels.came_back_today",
    ],
    "today_next_step": ["crm.complaints.panels.late_complaint_today", "crm.today.late_task"],
}
