"""What the card, Today and other pages show, by place: dotted names of functions(request, …) -> Panel or None.

QUESTIONS: what they will want to know, with the right for it, asked in one statement beforehand: dotted names of
functions(customer) for the card and functions(request) for Today, each giving a QuerySet, Rows (shop/prepared.py),
a tuple of them, or None (shop/at_once.py).

"card" and "next_step" get the customer too, "complaint" (the right side of its page) the complaint;
"me" (the customer's own page) the customer, "thanks" (after an answer with a name) the answer,
"feedback" (the tiles and the notes of a score) the report;
"first_steps" (what a new shop needs, on Today) return a Step or None;
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
        "feedback.following.panels.answers_panel",
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
        "loyalty.me.invitation_panel",
        "feedback.answering.me.invitations_panel",
    ],
    "thanks": ["feedback.following.promoters.review", "loyalty.me.thanks_panel"],
    "feedback": ["analytics.panels.who_did_not_answer", "analytics.panels.who_did_not_answer_means"],
    "today": [
        "crm.complaints.panels.complaints_today",
        "feedback.following.panels.low_scores_today",
        "crm.privacy.panels.asked_today",
        "loyalty.points.panels.adjustments_today",
        "loyalty.discounts.panels.assignments_today",
        "crm.today.mentions",
        "analytics.panels.at_risk_today",
        "analytics.panels.came_back_today",
        "analytics.panels.goals_today",
        "analytics.panels.second_due_today",
    ],
    "team": ["feedback.figures.after_complaints.said_afterwards"],
    "first_steps": [
        "crm.first_steps.name",
        "crm.first_steps.customers",
        "crm.first_steps.orders",
        "crm.first_steps.key",
        "loyalty.programme.panels.first_step",
        "feedback.surveys.first_step.first_step",
    ],
    "today_next_step": ["crm.complaints.panels.late_complaint_today", "crm.today.late_task"],
}

QUESTIONS: dict[str, dict[str, str]] = {
    "card": {
        "crm.contact.beside.known_of": "customers.view",
        "crm.contact.beside.said_of": "customers.view",
        "crm.contact.beside.suppressed_of": "customers.view",
        "crm.card.bought.sums_of": "customers.view",
        "crm.card.bought.newest_orders": "customers.view",
        "crm.card.panels.open_tasks": "customers.view",
        "crm.tagging.tags_of": "customers.view",
        "crm.own_fields.panel.own_fields_of": "customers.view",
        "crm.complaints.panels.open_complaints": "complaints.work",
        "feedback.following.panels.answers_of": "customers.view",
        "feedback.following.panels.asked_of": "customers.view",
        "crm.duplicates.panels.merges_of": "customers.merge",
        "crm.duplicates.panels.pairs_of": "customers.merge",
        "analytics.panels.flag_of": "customers.view",
        "loyalty.points.panels.asked_of": "customers.view",
        "loyalty.discounts.panels.grants_of": "customers.view",
        "loyalty.programme.panels.steps_of": "customers.view",
        "loyalty.programme.panels.progress_of": "customers.view",
        "loyalty.programme.panels.awards": "customers.view",
        "loyalty.programme.panels.periods_of": "customers.view",
        "loyalty.programme.panels.rewards_of": "points.adjust",
    },
    "today": {
        "crm.today.tasks_of": "customers.view",
        "crm.complaints.panels.my_pressing": "customers.view",
        "feedback.following.panels.low_scores_of": "complaints.work",
        "crm.privacy.panels.waiting_of": "customers.erase",
        "crm.privacy.panels.old_of": "customers.erase",
        "crm.today.unseen_of": "customers.view",
        "crm.first_steps.has_of": "customers.view",
        "crm.first_steps.key_of": "keys.manage",
        "loyalty.programme.panels.rule_of": "programme.edit",
        "feedback.surveys.first_step.survey_of": "surveys.edit",
        "loyalty.points.panels.adjustments_of": "points.adjust",
        "loyalty.discounts.panels.assignments_of": "discounts.approve",
        "analytics.panels.mine_of": "customers.view",
        "analytics.panels.all_of": "customers.view",
        "analytics.panels.back_of": "customers.view",
        "analytics.panels.goals_of": "reports.view",
        "analytics.panels.second_due_of": "customers.view",
    },
}
