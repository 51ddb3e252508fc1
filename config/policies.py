"""What merge, unmerge, copy and erase do with every model that points at a customer or an order.

Model and field -> what happens to its rows; crm/policies.py reads it.

merge   move: they follow the customer who stays (one that would be there twice goes) · fold: a function that is
        named does it · keep: they stay where they are · blank: these fields are emptied · delete: they go.
        Unmerge brings every row back as it was.
copy    whole: it is in the copy · fields: these are · leave out: nothing a person could want.
erase   keep: no personal data · delete: they go · blank: these fields are emptied · by: a function that is named.

Rows of rows that hold text have lines of their own (crm.Reaction.event). Of a table whose rows stay, every text must
either be emptied or stand in PLAIN_TEXT; every text in which others may be named stands in FREE_TEXT. Tests hold both.
"""

POLICIES: dict[str, dict[str, str]] = {
    "crm.Customer.merged_into": {"merge": "move", "copy": "leave out", "erase": "keep"},
    "crm.Erasure.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.PrivacyRequest.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "crm.OldCard.customer": {"merge": "delete", "copy": "leave out", "erase": "delete"},
    # Says who looked at which card; it names nobody, and a clock takes it away.
    "crm.CardOpened.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.Identifier.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.Duplicate.first": {"merge": "fold: crm.duplicates.folding.pairs", "copy": "leave out", "erase": "delete"},
    "crm.Duplicate.second": {"merge": "fold: crm.duplicates.folding.pairs", "copy": "leave out", "erase": "delete"},
    "crm.Merge.stays": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.Merge.goes": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.Order.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "crm.OrderLine.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Refund.customer": {"merge": "move", "copy": "whole", "erase": "blank: note"},
    "crm.Refund.order": {"merge": "keep", "copy": "whole", "erase": "blank: note"},
    "crm.Event.customer": {"merge": "move", "copy": "whole", "erase": "by: crm.privacy.rules.events"},
    "crm.Event.order": {"merge": "keep", "copy": "whole", "erase": "by: crm.privacy.rules.events"},
    "crm.Reaction.event": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.Delivery.event": {"merge": "keep", "copy": "leave out", "erase": "blank: body"},
    "crm.DeliveryAttempt.delivery": {"merge": "keep", "copy": "leave out", "erase": "blank: answer"},
    "crm.Mention.note": {"merge": "keep", "copy": "leave out", "erase": "delete"},
    "crm.Note.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.Consent.customer": {
        "merge": "fold: crm.duplicates.folding.consents",
        "copy": "whole",
        "erase": "by: crm.privacy.rules.consents",
    },
    "crm.ConsentInForce.consent": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.ContactSlot.customer": {"merge": "move", "copy": "whole", "erase": "blank: address"},
    "crm.Pause.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "crm.Suppression.customer": {"merge": "move", "copy": "whole", "erase": "by: crm.privacy.rules.suppressions"},
    "crm.AddressTrouble.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.CustomerToken.customer": {"merge": "move", "copy": "leave out", "erase": "delete"},
    "crm.Complaint.customer": {"merge": "move", "copy": "whole", "erase": "by: crm.privacy.rules.complaints"},
    "crm.Complaint.order": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Given.complaint": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Given.refund": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "crm.Attachment.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    # Triggers keep these two.
    "crm.ComplaintTally.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.Reach.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "crm.ImportedCustomer.customer": {"merge": "keep", "copy": "leave out", "erase": "delete"},
    "crm.Message.customer": {"merge": "move", "copy": "whole", "erase": "by: crm.privacy.rules.messages"},
    "crm.Tagging.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "crm.Task.customer": {"merge": "move", "copy": "whole", "erase": "by: crm.privacy.rules.tasks"},
    "crm.Change.customer": {"merge": "keep", "copy": "leave out", "erase": "delete"},
    "loyalty.TierPeriod.customer": {
        "merge": "fold: loyalty.programme.folding.tiers",
        "copy": "whole",
        "erase": "by: loyalty.programme.erasing.tiers",
    },
    "loyalty.Standing.customer": {"merge": "delete", "copy": "whole", "erase": "delete"},
    "loyalty.Exchange.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "loyalty.Referral.inviter": {
        "merge": "fold: loyalty.programme.folding.referrals",
        "copy": "fields: state, why, invited_at, joined_at",
        "erase": "blank: contact, note",
    },
    "loyalty.Referral.invited": {
        "merge": "fold: loyalty.programme.folding.referrals",
        "copy": "fields: state, why, invited_at, joined_at",
        "erase": "blank: contact, note",
    },
    "loyalty.Referral.order": {
        "merge": "keep",
        "copy": "fields: state, why, invited_at, joined_at",
        "erase": "blank: contact, note",
    },
    # A code that was passed on leads to the card that its own went into.
    "loyalty.ReferralCode.customer": {"merge": "keep", "copy": "whole", "erase": "delete"},
    "loyalty.BadgeAward.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "loyalty.Progress.customer": {"merge": "move", "copy": "whole", "erase": "delete"},
    "loyalty.RehearsedCustomer.customer": {"merge": "delete", "copy": "leave out", "erase": "delete"},
    "loyalty.Assignment.customer": {
        "merge": "move",
        "copy": "leave out",
        "erase": "blank: reason, selection, question",
    },
    "loyalty.Grant.customer": {
        "merge": "move",
        "copy": "fields: discount, source, reason, created_at, starts_at, expires_at, uses, taken",
        "erase": "by: loyalty.discounts.erasing.grants",
    },
    "loyalty.Drawn.customer": {"merge": "move", "copy": "fields: discount, held_back, at", "erase": "keep"},
    "loyalty.Redemption.customer": {
        "merge": "move",
        "copy": "fields: grant, source, reference, state, amount, given_back, held_at, committed_at",
        "erase": "by: loyalty.discounts.erasing.redemptions",
    },
    "loyalty.Redemption.order": {
        "merge": "keep",
        "copy": "fields: grant, source, reference, state, amount, given_back, held_at, committed_at",
        "erase": "by: loyalty.discounts.erasing.redemptions",
    },
    "loyalty.RedemptionLine.redemption": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "loyalty.RedemptionReturn.redemption": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    # Entries stay where they were written: a merge moves points by pairs of entries.
    "loyalty.Checkout.customer": {"merge": "move", "copy": "leave out", "erase": "blank: contact"},
    "loyalty.Checkout.order": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "loyalty.SoldLine.order": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "loyalty.GoodsBack.order": {
        "merge": "keep",
        "copy": "fields: at, money, points_restored, points_taken",
        "erase": "keep",
    },
    "loyalty.Account.customer": {
        "merge": "pairs: loyalty.points.merging.merge, loyalty.points.merging.unmerge",
        "copy": "whole",
        "erase": "by: loyalty.points.erasing.accounts",
    },
    "loyalty.Adjustment.account": {"merge": "keep", "copy": "leave out", "erase": "blank: note"},
    "loyalty.Adjustment.entry": {"merge": "keep", "copy": "leave out", "erase": "blank: note"},
    "loyalty.Entry.account": {"merge": "keep", "copy": "whole", "erase": "blank: note"},
    "loyalty.Entry.order": {"merge": "keep", "copy": "whole", "erase": "blank: note"},
    "loyalty.Lot.account": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "loyalty.Lot.order": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "loyalty.Hold.account": {"merge": "keep", "copy": "whole", "erase": "keep"},
    "loyalty.Hold.entry": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "feedback.Invitation.customer": {
        "merge": "move",
        "copy": "fields: survey, trigger, channel, state, invited_at, sent_at, reminded_at, opened_at, answered_at",
        "erase": "keep",
    },
    "feedback.Invitation.order": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "feedback.Invitation.complaint": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "feedback.Invitation.message": {"merge": "keep", "copy": "leave out", "erase": "keep"},
    "feedback.InvitationToken.invitation": {"merge": "keep", "copy": "leave out", "erase": "delete"},
    # An answer without a name points at nobody, so nothing here finds it.
    "feedback.Response.customer": {
        "merge": "move",
        "copy": "fields: survey, at, score, comment, callback, language, channel, changed_at",
        "erase": "blank: comment, source",
    },
    "feedback.Response.order": {"merge": "keep", "copy": "leave out", "erase": "blank: comment, source"},
    "feedback.Response.complaint": {"merge": "keep", "copy": "leave out", "erase": "blank: comment, source"},
    "feedback.Response.invitation": {"merge": "keep", "copy": "leave out", "erase": "blank: comment, source"},
    "feedback.Answer.response": {
        "merge": "keep",
        "copy": "fields: question, number, chosen, text, day",
        "erase": "blank: text",
    },
    "feedback.ResponseChange.response": {
        "merge": "keep",
        "copy": "fields: at, score, comment, callback",
        "erase": "blank: comment, answers",
    },
    "feedback.LastScores.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},  # triggers keep it
    "analytics.Figures.customer": {"merge": "delete", "copy": "whole", "erase": "delete"},
    "analytics.Scores.customer": {"merge": "delete", "copy": "whole", "erase": "delete"},
    "analytics.PurchaseDays.customer": {"merge": "delete", "copy": "whole", "erase": "keep"},
    "analytics.Flag.customer": {"merge": "move", "copy": "whole", "erase": "keep"},
    "analytics.RfmPeriod.customer": {"merge": "delete", "copy": "whole", "erase": "delete"},
    # A card that was merged away since is left out of the grading.
    "analytics.Foretold.customer": {"merge": "keep", "copy": "whole", "erase": "delete"},
    "analytics.Stale.customer": {"merge": "keep", "copy": "leave out", "erase": "keep"},
}

# Text of rows that stay when their customer is erased: it says nothing about a person.
PLAIN_TEXT: dict[str, tuple[str, ...]] = {
    "crm.CardOpened": ("actor",),
    "crm.Erasure": ("counts",),
    "crm.Given": ("what", "subject_type"),
    "crm.Merge": ("actor", "highest"),
    "crm.Order": ("source", "reference", "channel", "branch", "staff"),
    "crm.OrderLine": ("sku", "name", "category"),
    "crm.Refund": ("source", "reference"),
    "crm.Consent": ("by",),
    "crm.ConsentInForce": ("channel", "address", "purpose", "state"),  # the database itself follows crm.Consent
    "crm.ContactSlot": ("purpose", "cause"),
    "crm.Event": ("kind", "actor", "subject_type"),
    "crm.Reaction": ("name", "last_error"),
    "crm.Delivery": ("trouble",),
    "crm.DeliveryAttempt": ("trouble",),
    "loyalty.TierPeriod": ("actor",),
    "loyalty.Exchange": ("key", "actor"),
    "loyalty.Referral": ("decided_by",),
    "loyalty.Assignment": ("left_out", "over"),
    "loyalty.Grant": ("code",),
    "loyalty.Redemption": ("source", "reference", "key", "lane", "clipped"),
    "loyalty.RedemptionLine": ("sku",),
    "loyalty.RedemptionReturn": ("key",),
    "loyalty.Entry": ("reason", "actor", "key", "snapshot"),
    "loyalty.Hold": ("reference", "key"),
    "loyalty.Adjustment": ("reason", "key"),
    "loyalty.Checkout": ("source", "reference", "digest", "basket", "actor"),
    "loyalty.GoodsBack": ("key", "told", "actor"),
    "feedback.Invitation": ("cause", "batch", "why"),
    "feedback.ResponseChange": ("actor",),
    "crm.Message": ("purpose", "template", "cause", "batch", "why", "message_id"),
}

# Text in which somebody else may be named: looked through when that somebody is erased.
FREE_TEXT: dict[str, tuple[str, ...]] = {
    "crm.Customer": ("about",),
    "crm.Complaint": ("title", "details", "outcome"),
    "crm.Note": ("body",),
    "crm.Task": ("title",),
    "crm.Refund": ("note",),
    "loyalty.Entry": ("note",),
    "loyalty.Adjustment": ("note",),
    "crm.Event": ("data",),
    "crm.Message": ("context", "subject", "text", "html"),
    "crm.ChangeSet": ("data",),
    "crm.Delivery": ("body",),
    "crm.DeliveryAttempt": ("answer",),
    "crm.Segment": ("address",),
    "loyalty.Assignment": ("reason", "selection", "question"),
    "loyalty.Grant": ("reason",),
    "feedback.Response": ("comment",),
    "feedback.Answer": ("text",),
    "feedback.ResponseChange": ("comment", "answers"),
    "shop.Job": ("params", "result", "error"),
}

# The field that names a file below MEDIA_ROOT: when the row goes, the file goes.
FILES_OF_ROWS: dict[str, str] = {"crm.Attachment": "path"}
