"""How the copy and the certificate name tables and fields, in the reader's language."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.models import Event
from crm.privacy.copying import Copy, Part
from crm.privacy.values import written

TABLES = {
    "crm.Customer": gettext_lazy("About you"),
    "crm.Identifier": gettext_lazy("What you are known by"),
    "crm.Order": gettext_lazy("Orders"),
    "crm.OrderLine": gettext_lazy("What was in the orders"),
    "crm.Refund": gettext_lazy("Refunds"),
    "crm.Event": gettext_lazy("What happened"),
    "crm.Note": gettext_lazy("Conversations"),
    "crm.Task": gettext_lazy("Tasks about you"),
    "crm.Complaint": gettext_lazy("Complaints"),
    "crm.Given": gettext_lazy("What was given after complaints"),
    "crm.Attachment": gettext_lazy("Files"),
    "crm.Consent": gettext_lazy("What you allowed and refused"),
    "crm.ContactSlot": gettext_lazy("When we wrote to you"),
    "crm.Pause": gettext_lazy("Pauses from mail"),
    "crm.Suppression": gettext_lazy("Addresses we no longer write to"),
    "crm.AddressTrouble": gettext_lazy("Mail that did not arrive"),
    "crm.Message": gettext_lazy("Mail to you"),
    "crm.Tagging": gettext_lazy("Tags"),
    "crm.PrivacyRequest": gettext_lazy("What you asked for about your data"),
    "loyalty.TierPeriod": gettext_lazy("Your tiers"),
    "loyalty.Standing": gettext_lazy("Where you stand in the programme"),
    "loyalty.Exchange": gettext_lazy("Rewards you had for points"),
    "loyalty.Referral": gettext_lazy("Invitations"),
    "loyalty.ReferralCode": gettext_lazy("Your code for invitations"),
    "loyalty.BadgeAward": gettext_lazy("Your badges"),
    "loyalty.Progress": gettext_lazy("Your challenges"),
    "loyalty.Grant": gettext_lazy("Your discounts"),
    "loyalty.Drawn": gettext_lazy("Discounts for which lots were drawn"),
    "loyalty.Redemption": gettext_lazy("Discounts you used"),
    "loyalty.Account": gettext_lazy("Your points"),
    "loyalty.Entry": gettext_lazy("Points that came and went"),
    "loyalty.Hold": gettext_lazy("Points put aside for orders"),
    "loyalty.GoodsBack": gettext_lazy("Goods that came back"),
    "feedback.Invitation": gettext_lazy("When we asked what you think"),
    "feedback.Response": gettext_lazy("What you answered"),
    "feedback.Answer": gettext_lazy("What you answered, question by question"),
    "feedback.ResponseChange": gettext_lazy("Answers before you changed them"),
    "analytics.Figures": gettext_lazy("Figures worked out from your orders"),
    "analytics.Scores": gettext_lazy("What your orders let us expect"),
    "analytics.PurchaseDays": gettext_lazy("Days on which you bought"),
    "analytics.Flag": gettext_lazy("When you seemed to stay away"),
    "analytics.Foretold": gettext_lazy("Forecast"),
    "analytics.RfmPeriod": gettext_lazy("RFM group"),
}
# As staff call them, on the preview and on the certificate.
OF_STAFF = {
    "crm.Customer": gettext_lazy("Named on other cards"),
    "crm.Identifier": gettext_lazy("Contacts and numbers"),
    "crm.CardOpened": gettext_lazy("Who opened the card"),
    "crm.Event": gettext_lazy("Entries of the timeline"),
    "crm.Task": gettext_lazy("Tasks"),
    "crm.Consent": gettext_lazy("Consents"),
    "crm.ContactSlot": gettext_lazy("Places in the contact budget"),
    "crm.Suppression": gettext_lazy("Suppressed addresses"),
    "crm.AddressTrouble": gettext_lazy("Bounces"),
    "crm.Message": gettext_lazy("Mails"),
    "crm.Delivery": gettext_lazy("Messages to webhooks"),
    "crm.DeliveryAttempt": gettext_lazy("Attempts to send them"),
    "crm.PrivacyRequest": gettext_lazy("Requests about the data"),
    "crm.OldCard": gettext_lazy("Proposals for erasure"),
    "crm.ComplaintPause": gettext_lazy("Pauses of complaints"),
    "crm.Erasure": gettext_lazy("Certificates"),
    "crm.ComplaintTally": gettext_lazy("Counts of complaints"),
    "crm.Reach": gettext_lazy("What they can be reached by"),
    "crm.ChangeSet": gettext_lazy("Changes that can be taken back"),
    "crm.Segment": gettext_lazy("Saved views"),
    "loyalty.TierPeriod": gettext_lazy("Tiers"),
    "loyalty.Standing": gettext_lazy("Standing in the programme"),
    "loyalty.Exchange": gettext_lazy("Rewards for points"),
    "loyalty.ReferralCode": gettext_lazy("Code for invitations"),
    "loyalty.BadgeAward": gettext_lazy("Badges"),
    "loyalty.Progress": gettext_lazy("Challenges"),
    "loyalty.RehearsedCustomer": gettext_lazy("Rehearsals of the programme"),
    "loyalty.Assignment": gettext_lazy("Reasons for discounts"),
    "loyalty.Grant": gettext_lazy("Discounts"),
    "loyalty.Drawn": gettext_lazy("Lots drawn for discounts"),
    "loyalty.Redemption": gettext_lazy("Uses of discounts"),
    "loyalty.RedemptionLine": gettext_lazy("Goods of uses of discounts"),
    "loyalty.RedemptionReturn": gettext_lazy("Returns after uses of discounts"),
    "loyalty.Checkout": gettext_lazy("Baskets at the till"),
    "loyalty.SoldLine": gettext_lazy("Lines sold at the till"),
    "loyalty.Adjustment": gettext_lazy("Adjustments of points"),
    "loyalty.Account": gettext_lazy("Accounts of points"),
    "loyalty.Lot": gettext_lazy("What is left of earned points"),
    "loyalty.Allocation": gettext_lazy("Where spent points came from"),
    "loyalty.HeldLot": gettext_lazy("Parts of points put aside"),
    "feedback.Invitation": gettext_lazy("Invitations to surveys"),
    "feedback.InvitationToken": gettext_lazy("Links to surveys"),
    "feedback.Response": gettext_lazy("Answers to surveys"),
    "feedback.ResponseTopic": gettext_lazy("Topics of comments"),
    "feedback.LastScores": gettext_lazy("Last scores"),
    "analytics.Figures": gettext_lazy("Worked out figures"),
    "analytics.Scores": gettext_lazy("Forecasts and groups"),
    "analytics.PurchaseDays": gettext_lazy("Days of purchases"),
    "analytics.Flag": gettext_lazy("Flags of risk"),
    "analytics.Foretold": gettext_lazy("Forecast"),
    "analytics.RfmPeriod": gettext_lazy("RFM group"),
    "analytics.Stale": gettext_lazy("Figures to be made anew"),
    "crm.Change": gettext_lazy("Kept old values of changes"),
    "crm.CustomerToken": gettext_lazy("Links in mails"),
    "crm.Mention": gettext_lazy("Mentions of colleagues"),
    "crm.Merge": gettext_lazy("Merges of cards"),
    "crm.Duplicate": gettext_lazy("Possible duplicates"),
    "crm.Import": gettext_lazy("Files on their way in"),
    "crm.Export": gettext_lazy("Exported files"),
    "crm.ImportedCustomer": gettext_lazy("Traces of imports"),
    "crm.KeptMail": gettext_lazy("Kept copies of mails"),
    "crm.Reaction": gettext_lazy("Work that followed events"),
    "crm.ConsentInForce": gettext_lazy("Refusals remembered as a code"),
    "shop.KeptAnswer": gettext_lazy("Kept answers of the API"),
    "shop.Job": gettext_lazy("Work in the background"),
}
FIELDS = {
    "survey": gettext_lazy("Survey"),
    "question": gettext_lazy("Question"),
    "number": gettext_lazy("Number"),
    "chosen": pgettext_lazy("of several answers", "Chosen"),
    "day": gettext_lazy("Day"),
    "score": pgettext_lazy("of an answer", "Score"),
    "comment": gettext_lazy("Comment"),
    "callback": gettext_lazy("You asked for a call"),
    "trigger": gettext_lazy("Why you were asked"),
    "reminded_at": gettext_lazy("Reminded"),
    "answered_at": gettext_lazy("Answered"),
    "changed_at": pgettext_lazy("day", "Changed"),
    "at": gettext_lazy("When"),
    "kind": gettext_lazy("Kind"),
    "value": gettext_lazy("Value"),
    "source": gettext_lazy("Source"),
    "reference": gettext_lazy("Number"),
    "placed_at": gettext_lazy("Placed"),
    "paid_at": pgettext_lazy("day", "Paid"),
    "cancelled_at": gettext_lazy("Cancelled"),
    "created_at": gettext_lazy("Since"),
    "total": gettext_lazy("Total"),
    "net": gettext_lazy("Net"),
    "net_goods": gettext_lazy("Net without tax and shipping"),
    "amount": gettext_lazy("Amount"),
    "quantity": gettext_lazy("Quantity"),
    "name": pgettext_lazy("copy of the data", "Name"),
    "channel": gettext_lazy("Channel"),
    "order": gettext_lazy("Order"),
    "address": gettext_lazy("Address"),
    "purpose": gettext_lazy("Purpose"),
    "state": gettext_lazy("State"),
    "method": gettext_lazy("How"),
    "wording": gettext_lazy("In these words"),
    "subject": gettext_lazy("Subject"),
    "text": gettext_lazy("Text"),
    "body": gettext_lazy("Text"),
    "data": gettext_lazy("Details"),
    "sent_at": gettext_lazy("Sent"),
    "asked_at": gettext_lazy("Asked"),
    "due_on": gettext_lazy("Due"),
    "done_at": pgettext_lazy("day", "Done"),
    "until": pgettext_lazy("day", "Until"),
    "unit_price": gettext_lazy("Price"),
    "paid": pgettext_lazy("amount", "Paid"),
    "discount": gettext_lazy("Discount"),
    "shipping": gettext_lazy("Shipping"),
    "tax": gettext_lazy("Tax"),
    "goods": gettext_lazy("Goods"),
    "refunded": gettext_lazy("Refunded"),
    "orders": gettext_lazy("Orders"),
    "occasions": gettext_lazy("Days with an order"),
    "first_on": gettext_lazy("First order"),
    "last_on": gettext_lazy("Last order"),
    "average_order": gettext_lazy("Average order"),
    "usual_gap": gettext_lazy("Usual days between orders"),
    "rfm": gettext_lazy("Group"),
    "p_alive": gettext_lazy("Chance of still being a customer"),
    "expected_365": gettext_lazy("Orders expected within a year"),
    "value_365": gettext_lazy("Expected to spend within a year"),
    "at_stake": gettext_lazy("Value at stake"),
    "overdue_on": gettext_lazy("Overdue from"),
    "at_risk_on": gettext_lazy("At risk from"),
    "likely_lost_on": gettext_lazy("Likely lost from"),
    "raised_at": gettext_lazy("Noticed"),
    "silent_days": gettext_lazy("Days without an order"),
    "low_score": gettext_lazy("The last score was low"),
    "complained": gettext_lazy("A complaint was open"),
    "smaller": gettext_lazy("The last order was small"),
    "contacted_at": pgettext_lazy("flag", "Contacted"),
    "offered_at": pgettext_lazy("flag", "Offer given"),
    "dismissal": gettext_lazy("Why is this no risk?"),
    "group": gettext_lazy("RFM group"),
    "usual_days": gettext_lazy("Usual days between orders"),
    "closed_at": gettext_lazy("Ended"),
    "opened_at": gettext_lazy("Opened"),
    "stage": gettext_lazy("Stage"),
    "tag": gettext_lazy("Tag"),
    "acknowledged_at": gettext_lazy("First answer"),
    "available": gettext_lazy("Points to spend"),
    "badge": gettext_lazy("Badge"),
    "began_on": pgettext_lazy("day", "From"),
    "branch": gettext_lazy("Branch"),
    "category": gettext_lazy("Category"),
    "challenge": gettext_lazy("Challenge"),
    "chosen_at": gettext_lazy("Chosen"),
    "closed_why": gettext_lazy("Why it ended"),
    "code": gettext_lazy("Code"),
    "committed_at": pgettext_lazy("day", "Used"),
    "counted": gettext_lazy("Counted so far"),
    "debt": gettext_lazy("Points owed"),
    "effective_at": gettext_lazy("Counts from"),
    "ended_at": gettext_lazy("Ended"),
    "ended_on": gettext_lazy("Ended"),
    "ends_on": pgettext_lazy("day", "Until"),
    "expires_at": pgettext_lazy("day", "Until"),
    "given_at": gettext_lazy("Handed over"),
    "given_back": gettext_lazy("Given back"),
    "held": gettext_lazy("Points put aside"),
    "held_at": gettext_lazy("Put aside"),
    "held_back": gettext_lazy("Left without it by lot"),
    "invited_at": gettext_lazy("Invited"),
    "joined_at": gettext_lazy("Joined"),
    "kept_until": gettext_lazy("Kept until"),
    "language": gettext_lazy("Language"),
    "lifetime_earned": gettext_lazy("Points earned in all"),
    "lifted_at": gettext_lazy("Lifted"),
    "lifted_why": gettext_lazy("Why it was lifted"),
    "made_at": gettext_lazy("Since"),
    "money": gettext_lazy("Money"),
    "next_tier": gettext_lazy("Next tier"),
    "pending": gettext_lazy("Points still to come"),
    "points": gettext_lazy("Points"),
    "points_restored": gettext_lazy("Points given back"),
    "points_taken": gettext_lazy("Points taken back"),
    "reached_at": gettext_lazy("Reached"),
    "reason": gettext_lazy("Why"),
    "reward": gettext_lazy("Reward"),
    "rewarded_at": gettext_lazy("Rewarded"),
    "since": gettext_lazy("Since"),
    "sku": gettext_lazy("Article number"),
    "solved_at": gettext_lazy("Solved"),
    "starts_at": pgettext_lazy("day", "From"),
    "status": gettext_lazy("State"),
    "taken": gettext_lazy("Times used"),
    "tier": gettext_lazy("Tier"),
    "to_keep": gettext_lazy("Missing to keep it"),
    "to_next": gettext_lazy("Missing to reach it"),
    "told_at": gettext_lazy("You were told"),
    "uses": gettext_lazy("Times it can be used"),
    "what": gettext_lazy("What"),
}
# In the file, and too much for a page: how it is kept, not what is known.
ONLY_IN_FILE = {
    "normalised", "recorded_at", "actor", "subject_type", "subject_id", "html", "message_id", "provider_id", "cause",
    "batch", "lease_until", "attempts", "last_error", "context", "version", "template", "generation", "path", "sha256",
    "queued_at", "due_at", "position", "by", "left_out_at", "time_zone", "why", "gaps", "gap_low", "gap_high", "r", "f",
    "m", "nine_of_ten", "expected_spend", "last_spend", "second_due_on", "p_silent_90", "announced", "state_since",
    "answer_due_at", "answer_warn_at", "answer_warned_at", "answer_late_at", "solution_due_at", "solution_warn_at",
    "solution_warned_at", "solution_late_at", "next_due_at", "next_warn_at", "look_at", "clock_began_at",
    "answer_minutes", "solution_minutes", "waiting_since", "reopened", "brought_by", "came_by", "imprint", "sequence",
    "last_sequence", "key", "snapshot", "reverses", "account", "as_of", "next_change_at", "grant", "entry",
    "extended_at", "type", "size", "staff", "cost", "days", "p_silent", "reasons", "forecast", "left_behind",
}  # fmt: skip
NUMBERS = {"task", "complaint", "note", "refund", "event"}  # of rows of other tables
TABLES_ONLY_IN_FILE = {"analytics.PurchaseDays"}


@dataclass(frozen=True)
class Table:
    title: str
    heads: list[str]
    rows: list[list[str]]

    @property
    def is_one(self) -> bool:
        """A single row of many columns reads better as a list of facts."""
        return len(self.rows) == 1 and len(self.heads) > 5

    @property
    def told(self) -> list[list[tuple[str, str]]]:
        """Each value with its head: on a phone a row becomes a list."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


def table_name(label: str) -> str:
    return str(TABLES.get(label) or label.rpartition(".")[2])


def name_for_staff(label: str) -> str:
    return str(OF_STAFF.get(label) or table_name(label))


def is_on_the_page(one: models.Field) -> bool:
    return one.name not in ONLY_IN_FILE and one.name not in NUMBERS


def field_name(one: models.Field) -> str:
    return str(FIELDS.get(one.name) or capfirst(str(one.verbose_name)))


def cards(copy: Copy) -> list[list[tuple[str, str]]]:
    """For each card its fields that say something."""
    return [
        [
            (field_name(one), told)
            for one, value in zip(copy.cards.fields, row, strict=True)
            if (told := written(one, value))
        ]
        for row in copy.cards.rows
    ]


def tables(copy: Copy) -> list[Table]:
    return [table(part) for part in copy.parts if part.name not in TABLES_ONLY_IN_FILE]


def table(part: Part) -> Table:
    """Columns in which nothing stands, or only nought, are left out."""
    shown = [at for at, one in enumerate(part.fields) if is_on_the_page(one)]
    rows = [[written(part.fields[at], row[at], _noun(part, row)) for at in shown] for row in part.rows]
    full = [at for at, column in enumerate(shown) if any(row[column] for row in part.rows)]
    return Table(
        table_name(part.name),
        [field_name(part.fields[shown[at]]) for at in full],
        [[row[at] for at in full] for row in rows],
    )


def _noun(part: Part, row: tuple[Any, ...]) -> str:
    """Of an event: what it is about. The same key means something else with another noun."""
    if part.model is not Event:
        return ""
    kind = next(at for at, one in enumerate(part.fields) if one.name == "kind")
    return str(row[kind]).partition(".")[0]


@dataclass(frozen=True)
class Line:
    """One table on the preview and on the certificate."""

    name: str
    gone: int
    emptied: int
    kept: int


def lines(counts: dict[str, dict[str, int]]) -> list[Line]:
    """What goes first, then what stays."""
    found = [
        Line(
            _("The card") if label == "crm.Customer" and "emptied" in done else name_for_staff(label),
            done.get("erased", 0),
            done.get("emptied", 0) + done.get("elsewhere", 0),
            done.get("kept", 0),
        )
        for label, done in counts.items()
    ]
    return sorted(found, key=lambda line: (not (line.gone or line.emptied), line.name))
