"""Every kind of event and the keys of its data: the contract between rooms (docs/events.md)."""

from dataclasses import dataclass

# Keys that never hold what somebody typed about a person.
PLAIN_KEYS = frozenset(
    "agreed amount badge callback challenge changed channel complaint created deadline discount due_on format former "
    "invitation invited inviter kind language method metric number owner points purpose purposes reason reference "
    "referral rejected response reward score severity silent_days since skipped state survey target template tier "
    "total until usual_days version webhook what why".split()
)


@dataclass(frozen=True)
class Kind:
    """`typed`: keys that are plain elsewhere and hold what somebody typed here."""

    meaning: str
    keys: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()

    @property
    def personal(self) -> tuple[str, ...]:
        """Keys in which people are named or quoted: erasing a customer empties exactly these. A new key is one."""
        return tuple(key for key in self.keys if key not in PLAIN_KEYS or key in self.typed)


KINDS = {
    "customer.created": Kind("a card was made", ("source",)),
    "customer.edited": Kind("fields of a card changed; `changes` is {field: [old, new]}", ("changes",)),
    "customer.copied": Kind("a copy of everything about the customer was made; `format` is page or json", ("format",)),
    "customer.erased": Kind("the customer's identity was erased; `why` as in crm.Erasure", ("number", "why")),
    "customer.asked": Kind("the customer asked for `what`: a copy of their data, or erasure", ("what",)),
    "customer.tagged": Kind("a tag was put on a card", ("tag",)),
    "customer.untagged": Kind("a tag was taken off a card", ("tag",)),
    "customers.changed_in_bulk": Kind(
        "many cards were changed in one move; `changes` is the number of the move, `question` who was meant",
        ("action", "changes", "count", "question"),
    ),
    "customers.change_undone": Kind("a change of many was taken back", ("action", "changes", "count", "kept")),
    "tag.renamed": Kind("a tag got another name", ("old", "new")),
    "tag.merged": Kind("a tag went into another", ("tag", "into")),
    "tag.deleted": Kind("a tag was deleted", ("tag",)),
    "field.defined": Kind("a field of the shop's own was defined", ("key", "label", "kind")),
    "field.changed": Kind("such a field was changed; `changes` is {what: [old, new]}", ("key", "changes")),
    "field.archived": Kind("such a field was put away; its values stay", ("key",)),
    "field.restored": Kind("such a field is asked for again", ("key",)),
    "customer.merged": Kind("a card went into another", ("merge", "stays", "goes")),
    "customer.unmerged": Kind("two merged cards were taken apart", ("merge", "stays", "goes")),
    "order.placed": Kind("an order came in", ("reference", "total")),
    "order.paid": Kind("an order was paid", ("reference", "total")),
    "order.refunded": Kind("money of an order went back", ("reference", "amount")),
    "order.cancelled": Kind("an order was called off", ("reference",)),
    "points.earned": Kind(
        "points came in; `until` is when they can be spent, empty: at once", ("points", "reason", "until")
    ),
    "points.spent": Kind("points were spent", ("points", "reason")),
    "points.expired": Kind("points were over", ("points",)),
    "points.adjusted": Kind(
        "points came or went otherwise: by staff, by a return, an opening balance", ("points", "reason")
    ),
    "note.logged": Kind("a conversation was written down; `kind` as in crm.Note", ("kind",)),
    "task.created": Kind("a task was set", ("title", "due_on")),
    "task.edited": Kind("words, day or owner changed; `changes` is {field: [old, new]}", ("title", "changes")),
    "task.done": Kind("a task was finished", ("title",)),
    "task.reopened": Kind("a finished task was opened again", ("title",)),
    "complaint.opened": Kind("a complaint came in", ("complaint", "title", "kind", "severity")),
    "complaint.acknowledged": Kind("the customer had a first answer", ("complaint", "title")),
    "complaint.started": Kind("somebody began to solve it", ("complaint", "title")),
    "complaint.paused": Kind("the customer was asked something; the deadline stands still", ("complaint", "title")),
    "complaint.resumed": Kind("the customer answered; the deadline runs on", ("complaint", "title")),
    "complaint.solved": Kind("it was solved", ("complaint", "title", "cause")),
    "complaint.told": Kind(
        "the customer was told how; `agreed` is true, false or null", ("complaint", "title", "agreed")
    ),
    "complaint.closed": Kind("it was closed", ("complaint", "title")),
    "complaint.reopened": Kind("it was not good after all", ("complaint", "title", "why"), typed=("why",)),
    "complaint.assigned": Kind("it has another owner, an actor or empty", ("complaint", "title", "owner")),
    "complaint.edited": Kind(
        "severity or cause changed; `changes` is {field: [old, new]}", ("complaint", "title", "changes")
    ),
    "complaint.late": Kind("a deadline passed; `deadline` is answer or solution", ("complaint", "title", "deadline")),
    "discount.assigned": Kind("a discount was given; `until` is its last day or null", ("discount", "until")),
    "discount.asked": Kind("a discount above a limit was asked for", ("discount",)),
    "discount.approved": Kind("somebody else approved it", ("discount",)),
    "discount.refused": Kind("somebody else refused it", ("discount",)),
    "discount.withdrawn": Kind("a discount that was not used was taken back", ("discount",)),
    "discount.redeemed": Kind("a discount was used", ("discount", "amount", "reference")),
    "discount.returned": Kind("goods came back on which a discount was", ("discount", "amount", "reference")),
    "risk.contacted": Kind("somebody got in touch with a customer at risk", ()),
    "risk.offered": Kind("a customer at risk was given an offer", ()),
    "risk.assigned": Kind("a flag at risk has another owner, an actor or empty, or another day", ("owner", "due_on")),
    "risk.dismissed": Kind("a flag at risk was dismissed; `reason` as in analytics.Flag.Dismissal", ("reason",)),
    "risk.reopened": Kind("what was done to a flag at risk was taken back", ()),
    "risk.released": Kind("flags held back were let out; `count` is how many changes were held back", ("count",)),
    "risk.raised": Kind("the customer became overdue, at risk or likely lost", ("state", "silent_days", "usual_days")),
    "risk.cleared": Kind("the customer is no longer overdue, at risk or likely lost", ("state", "why")),
    "goal.set": Kind("a goal was set; `metric` as in analytics/metrics/table.py", ("metric", "target", "due_on")),
    "goal.changed": Kind("a goal was changed", ("metric", "target", "due_on")),
    "goal.reached": Kind("a complete month reached a goal", ("metric", "target", "due_on")),
    "goal.ended": Kind("a goal was ended", ("metric", "target", "due_on")),
    "goal.resumed": Kind("a goal that was ended was taken up again", ("metric", "target", "due_on")),
    "tier.changed": Kind(
        "the customer is of another tier; `what` as in loyalty.TierPeriod, `until` the day it is kept until",
        ("tier", "former", "what", "until"),
    ),
    "reward.exchanged": Kind("points were exchanged for a reward", ("reward", "points")),
    "referral.joined": Kind("somebody new came with the code of the customer", ("referral",)),
    "referral.rewarded": Kind("both sides of a referral got their points", ("referral", "inviter", "invited")),
    "referral.rejected": Kind("a referral is not rewarded; `why` as in loyalty.Referral", ("referral", "why")),
    "challenge.met": Kind("a challenge was met and rewarded", ("challenge", "points", "badge")),
    "programme.changed": Kind(
        "a rule, the tiers, a reward or a challenge was changed or published; `what` says which",
        ("what", "number", "since"),
    ),
    "survey.changed": Kind(
        "a survey was made, changed, published, translated, started, paused, put away, restored …; `what` says which",
        ("survey", "what", "version"),
    ),
    "brand.changed": Kind(
        "how the shop looks on its forms was changed; `what` names the parts: name, accent, logo", ("what",)
    ),
    "invitation.sent": Kind(
        "a customer was asked to answer a survey; `channel` as in feedback.Response",
        ("invitation", "survey", "kind", "channel"),
    ),
    "invitation.opened": Kind(
        "a customer had the form of a survey before their eyes, the first time", ("invitation", "survey", "kind")
    ),
    "response.recorded": Kind(
        "a customer answered a survey; `callback`: they want to be called",
        ("response", "survey", "kind", "score", "callback"),
    ),
    "response.changed": Kind(
        "they changed the answer; `former` is the score before", ("response", "survey", "kind", "score", "former")
    ),
    "message.sent": Kind("a mail was sent", ("template", "purpose")),
    "message.bounced": Kind("a mail came back; `why` is hard, soft or complaint", ("template", "why")),
    "message.dropped": Kind("a mail was not sent; `why` as in crm/mail/reasons.py", ("template", "why")),
    "mail_text.changed": Kind("the text of a mail was changed", ("template", "language", "version")),
    "consent.given": Kind(
        "a customer allowed something for an address", ("channel", "address", "purposes", "state", "method")
    ),
    "consent.withdrawn": Kind(
        "a customer refused or took back what an address allows", ("channel", "address", "purposes", "state", "method")
    ),
    "pause.chosen": Kind("a customer wants only service mail until a day", ("until",)),
    "pause.ended": Kind("a customer ended their pause early", ()),
    "address.suppressed": Kind("nothing goes to an address any more", ("channel", "address", "reason")),
    "address.released": Kind(
        "an address that bounced works again, say staff", ("channel", "address", "why"), typed=("why",)
    ),
    "import.applied": Kind("a file was imported", ("kind", "created", "changed", "skipped", "rejected")),
    "customers.exported": Kind(
        "customers were written into a file; `filter` is the question without texts that name a person",
        ("filter", "columns", "count", "format"),
    ),
    "import.undone": Kind("an import was taken back", ("kind",)),
    "webhook.changed": Kind(
        "a webhook was made, changed, paused, tested, removed …; `what` says which", ("webhook", "what")
    ),
    "reaction.given_up": Kind(
        "staff decided that what was parked need not follow; `events` are those it would have followed",
        ("name", "events", "why"),
        typed=("why",),
    ),
}
