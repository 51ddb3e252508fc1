"""What members of staff send without leaving a trace in the audit: the address, and why it needs none."""

UNTRACED = {
    "shop:own_shop": "writes its row itself, before the site turns to the other shop",
    "crm:mail_text_preview": "only shows what was typed; saves nothing",
    "feedback:survey_preview": "only shows the form; an answer given there is not kept",
    "loyalty:till_quote": "only says a price; the payment is an event",
    "loyalty:points_check": "has the ledger checked, which changes nothing",
    "crm:steps_put_away": "how the start page of one person looks",
    "crm:mention_seen": "what somebody has read of their own mentions",
    "crm:customers_columns": "which columns one person sees",
    "crm:segment_pin": "which tabs one person sees",
    "crm:segment_first": "in which order one person sees their tabs",
    "crm:segment_place": "in which order one person sees their tabs",
    "crm:import_mapping": "a file that is being looked at; applying it is an event",
    "loyalty:draft_rehearsals": "only works out what a draft would do",
    "loyalty:discount_rehearsals": "only works out what a discount would do",
    "loyalty:till_extend": "a basket stays put aside for longer; paying or letting go is an event",
}
