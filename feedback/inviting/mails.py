"""The mails that ask: the links of each attempt, and whether they are still wanted."""

from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.mail.kinds import Later, Mail
from crm.mail.markup import Choices
from crm.models import Message
from crm.models.message import AGAIN
from feedback.answering.tokens import form_url
from feedback.inviting import conditions
from feedback.models import Invitation, InvitationToken, Question
from feedback.models.invitation import LASTS

WORDS = {
    "question": _("the first question of the survey"),
    "intro": _("what the survey says before its questions"),
    "scores": _("the scores, each a link; alone on its line"),
    "link": _("address of the form"),
}
FORM = "https://shop.example/f/…"
SAMPLES: dict[str, Any] = {
    "question": "How likely are you to recommend us to a friend?",
    "intro": "",
    "scores": Choices([(str(n), f"{FORM}?score={n}") for n in range(11)], ("not at all likely", "very likely")),
    "link": FORM,
}


def _mail(name: str, label: Any, **more: Any) -> Mail:
    return Mail(
        name,
        label,
        "feedback",
        placeholders=WORDS,
        mint="feedback.inviting.mails.minted",
        still_true="feedback.inviting.mails.still_wanted",
        samples=SAMPLES,
        **more,
    )


MAILS = [
    _mail("survey_invitation", _("Invitation to a survey")),
    _mail("survey_reminder", _("Reminder of a survey"), reminding=True),
    _mail("survey_again", _("The same question again, after a low score")),
]


def minted(message: Message) -> dict[str, str]:
    """Links of this attempt alone. A score chosen in the mail opens the form with it chosen, and stores nothing."""
    invitation = _invitations([message])[message.pk]
    version = invitation.version
    language = version.language_for((get_language() or "en")[:2])
    secret = InvitationToken.issue(purpose=InvitationToken.Purpose.ANSWER, lasts=LASTS, invitation=invitation)
    link = form_url(secret)
    first = version.questions.first()
    return {
        "link": link,
        "question": first.said("ask", language) if first else "",
        "intro": version.said("intro", language),
        "scores": scores(first, language, link),
    }


def scores(question: Question | None, language: str, link: str) -> str:
    if question is None or question.kind != Question.Kind.SCORE:
        return ""
    row = [(str(step), f"{link}?score={step}") for step in question.steps]
    return Choices(row, (question.said("low_end", language), question.said("high_end", language)))


def still_wanted(messages: list[Message]) -> dict[int, str | Later]:
    """Looked at once more when they are sent. Those that are not are withdrawn with their own reason; those of a
    survey that was paused meanwhile wait.
    """
    asked = _invitations(messages)
    gone = conditions.gone(list(asked.values()))
    for one in asked.values():
        if one.pk in gone:
            one.withdraw(gone[one.pk])
    wait = Later(timezone.now() + conditions.AGAIN, "stands_still")
    still = conditions.paused([one for one in asked.values() if not one.test])
    found: dict[int, str | Later] = {pk: wait for pk, one in asked.items() if one.pk in still}
    over = {message.pk for message in messages if message.pk not in asked}
    over |= {pk for pk, one in asked.items() if one.pk in gone or _withdrawn(one)}
    return found | dict.fromkeys(over, "no_longer_true")


def _withdrawn(invitation: Invitation) -> bool:
    """Unless only its mail did not go, which staff may send after all."""
    return invitation.state == Invitation.State.NOT_SENT and invitation.why not in (*AGAIN, "mail_refused")


def _invitations(messages: list[Message]) -> dict[int, Invitation]:
    """Of each message its invitation, by the cause: invitation:17, invitation:17:reminder:1."""
    numbers = {message.pk: int(message.cause.split(":")[1]) for message in messages}
    found = Invitation.objects.select_related("version", "customer").in_bulk(list(numbers.values()))
    return {pk: found[number] for pk, number in numbers.items() if number in found}
