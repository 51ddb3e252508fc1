"""The parts of the API, in the order of its papers: (name, sentence, the addresses below /api/v1/ that are of it)."""

# An address is of the first part that it fits, so the list of customers leaves out what is of another part.
GROUPS = [
    (
        "Customers",
        "Cards, notes, tags, and lists of customers by any facet.",
        r"(customers/(?![^/]+/(points|exchanges|refer|consents))|cards/|tags/|fields/)",
    ),
    ("Orders", "Purchases, their payments, refunds and cancellations.", r"(orders|refunds)/"),
    (
        "Points",
        "What somebody has, every movement, rewards, and who invited whom.",
        r"(customers/[^/]+/(points|exchanges|refer)|rewards/|referrals/)",
    ),
    ("Discounts", "Which there are, who has which, giving one and taking one back.", r"(discounts|grants)/"),
    ("The till", "What a basket costs, putting it aside, paid or not, and what comes back.", r"till/"),
    ("Consent", "What a customer allows.", r"customers/[^/]+/consents/"),
    ("Segments", "Saved views that somebody shared, and who answers to them now.", r"segments/"),
    ("Surveys", "What is asked, who was asked, and the answers.", r"(surveys|invitations|responses)/"),
    ("Complaints", "Opened, followed and moved on.", r"complaints/"),
    ("Tasks", "What staff must do by a day.", r"tasks/"),
    ("At risk", "Customers who fall silent, with reasons.", r"flags/"),
    ("Figures", "The figures of the reports.", r"metrics/"),
    ("Events", "All that happens, in order, to be read on from where you were.", r"events/"),
    ("Webhooks", "Who is told of events, what went out, and once more what failed.", r"webhooks/"),
]
