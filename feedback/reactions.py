"""What follows events in this room (config/reactions.py names these). Each is safe to run twice."""

from crm.models import Event
from feedback.following import low_scores
from feedback.inviting import sent, triggers


def invite_after_orders(events: list[Event]) -> None:
    triggers.after_orders(events)


def withdraw_of_orders(events: list[Event]) -> None:
    triggers.withdraw_of_orders(events)


def invite_after_complaints(events: list[Event]) -> None:
    triggers.after_complaints(events)
    low_scores.ask_again(events)


def withdraw_of_complaints(events: list[Event]) -> None:
    triggers.withdraw_of_complaints(events)


def invite_the_lost(events: list[Event]) -> None:
    triggers.when_lapsed(events)


def hear_of_mails(events: list[Event]) -> None:
    sent.heard(events)


def follow_answers(events: list[Event]) -> None:
    low_scores.follow(events)
