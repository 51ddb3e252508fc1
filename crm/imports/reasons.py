"""Why a file is refused, a row rejected or left out: codes to store, sentences to show."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# The whole file is refused; nothing of it comes in.
REFUSALS = {
    "missing": _("There is no such file."),
    "directory": _("This is a folder. Name the file in it."),
    "unreadable": _("The file cannot be read; check who may open it."),
    "empty": _("The file is empty."),
    "header_only": _("The file has a header line and no rows below it."),
    "old_excel": _("This is a file of an old Excel. Save it as .xlsx or as CSV (UTF-8), and import that."),
    "excel_password": _("The Excel file is protected by a password. Take the password off, and import it again."),
    "excel_broken": _("The Excel file is damaged. Open it in Excel, save it anew, and import that."),
    "sheet_too_large": _("The Excel file is too large: %(limit)s MB at most. Save it as CSV (UTF-8), and import that."),
    "no_sheet": _("There is no sheet of that name. The workbook has: %(sheets)s."),
    "not_csv": _("This is not a CSV file, a table as plain text with names of columns above and one row a line."),
    "no_table": _("The sheet “%(sheet)s” holds no table with a header line."),
    "too_large": _("The file is larger than %(limit)s MB. Compress it with gzip, or split it."),
    "unpacks_too_large": _("Unpacked, the file is larger than %(limit)s MB. Split it."),
    "broken_gzip": _("The compressed file ends early or is damaged. Send it again."),
    "encoding": _("Line %(line)s is not %(encoding)s. Choose the encoding in which the file was saved."),
    "unknown_encoding": _("The encoding of the file cannot be told. Save it as UTF-8."),
    "quotes": _("A quote is opened in line %(line)s and not closed properly. Put it right, and import the file again."),
    "long_cell": _("In line %(line)s begins a cell of more than 128 kB. Shorten it, and import the file again."),
    "duplicate_columns": _("The column “%(column)s” is there twice. Rename or remove one of them."),
    "missing_columns": _("These columns are missing: %(columns)s. Choose which column of the file holds each."),
    "column_twice": _("The column “%(column)s” is chosen for two things."),
    "changed": _("The file has changed since the preview. Look at the preview again, then apply."),
    "disk": _("The disk is nearly full. Free some space, then import again."),
    "swept": _("What was read has been cleared away after 48 hours. Choose the file again."),
    "nothing_fits": _("No row of the file can be imported. The rejected rows say why."),
}

# One row is rejected; its owner can put it right.
REJECTIONS = {
    "cells": _("The row has more or fewer cells than the header."),
    "quotes": _("The quotes in this row do not match."),
    "long_cell": _("A cell holds more than 128 kB."),
    "nul": _("The cell holds a NUL byte."),
    "error_cell": _("The cell holds an error of a spreadsheet, such as #N/A."),
    "long_text": _("The text is too long."),
    "no_order": _("The order number is missing."),
    "no_date": _("The date is missing."),
    "date": _("This is not a date."),
    "ambiguous_date": _("It cannot be told whether the day or the month comes first. Choose it above."),
    "early_date": _("The date lies before 1970."),
    "future_date": _("The date lies in the future."),
    "time": _("This is not a time of day."),
    "no_amount": _("The amount is missing."),
    "amount": _("This is not a number."),
    "ambiguous_amount": _("It cannot be told whether this is a decimal or a thousands separator. Choose it above."),
    "large_amount": _("The number is too large."),
    "kind": _("This is not sale, refund, cancellation or adjustment."),
    "conversation": _("This is not call, visit, chat, e-mail or note."),
    "no_body": _("What was said is missing."),
    "early_birthday": _("The birthday lies before 1900."),
    "email": _("This is not an e-mail address."),
    "phone": _("A phone number has at least four digits."),
    "language": _("This language is not known. Write en, ru, uk or pl."),
    "owner": _("Nobody of the staff has this e-mail address."),
    "tag": _("A tag is a word or a few, of at most 60 characters."),
    "yes_or_no": _("This is neither yes nor no."),
    "own_field": _("This is no value of that field."),
    "points": _("This is not a whole number of points above zero."),
    "score": _("This is not a whole number from 0 to 10."),
    # Found when the rows meet each other and the orders already here.
    "incomplete": _("Another row of this order is rejected. Put that one right, and import them together."),
    "two_customers": _("The rows of this order name different customers."),
    "two_amounts": _("The rows of this order give different amounts."),
    "two_kinds": _("This refund is told twice, once as a refund and once as a sale of less than nothing."),
    "other_customer": _("This order belongs to another customer."),
    "below_refunded": _("More than this amount has already been refunded."),
    "over_refunded": _("The refund is larger than what is left of its order."),
    "unknown_customer": _("Nobody here has this number, card, e-mail or phone. Import the customer first."),
    "several_customers": _("Several customers have this address. Name the one by number or card."),
    "twice": _("An earlier row is about the same customer."),
    "card_taken": _("The card number belongs to another customer."),
    "points_over": _("These points would be over before anybody could use them."),
    "no_survey": _("There is no such survey with published questions. Name it as it is called here, or by its number."),
    "nameless_survey": _("This survey is answered without a name; such answers cannot be told apart, so none come in."),
    "no_answer": _("There is neither a score nor a comment."),
    "off_scale": _("The survey has no such score."),
    "unknown_order": _("The customer has no order of this number here."),
    "answer_differs": _("This answer was brought before and says something else now. Answers are not changed."),
    "brought_before": _("Another number of points was brought for this customer before. Adjust them on the card."),
}
# One row is left out on purpose.
SKIPS = {
    "no_customer": _("without a customer"),
    "adjustment": _("bookkeeping adjustments"),
    "nothing_known_by": _("without a number, an e-mail or a phone"),
    "no_points": _("without points"),
    "unchanged": _("already here, unchanged"),
}


class Refused(Exception):
    """The file as a whole cannot be imported."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(str(REFUSALS[code]) % params)

    @property
    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params}


class Rejected(Exception):
    """One cell that cannot be understood."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


def refusal_in_words(refusal: dict[str, Any]) -> str:
    return str(REFUSALS[refusal["code"]]) % refusal["params"] if refusal else ""


def rejection_in_words(reason: str) -> str:
    return str(REJECTIONS.get(reason, reason))
