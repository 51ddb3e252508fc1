"""Surveys in words: when one is sent, what its score means, how it stands."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from feedback.models import Survey
from feedback.surveys.kinds import Kind

Trigger = Survey.Trigger

# What was done to a survey, and what to the look of its form.
STEPS = {
    "made": pgettext_lazy("a survey", "made"),
    "changed": pgettext_lazy("a survey", "settings changed"),
    "link": pgettext_lazy("a survey", "link changed"),
    "published": pgettext_lazy("a survey", "version published"),
    "translated": pgettext_lazy("a survey", "languages added"),
    "started": pgettext_lazy("a survey", "started"),
    "paused": pgettext_lazy("a survey", "paused"),
    "archived": pgettext_lazy("a survey", "put away"),
    "restored": pgettext_lazy("a survey", "brought back"),
}
LOOKS = {
    "name": pgettext_lazy("look of the form", "name"),
    "accent": pgettext_lazy("look of the form", "colour"),
    "logo": pgettext_lazy("look of the form", "logo"),
}


def sent_when(survey: Survey) -> str:
    n = survey.delay_days
    if n == 0 and survey.trigger == Trigger.ORDER:
        return _("Right after an order")
    if n == 0 and survey.trigger == Trigger.COMPLAINT:
        return _("Right after a complaint is closed")
    if survey.trigger == Trigger.ORDER:
        return ngettext("%(n)s day after an order", "%(n)s days after an order", n) % {"n": n}
    if survey.trigger == Trigger.COMPLAINT:
        said = ngettext("%(n)s day after a complaint is closed", "%(n)s days after a complaint is closed", n)
        return said % {"n": n}
    if survey.trigger == Trigger.EVERY:
        n = survey.every_months
        return ngettext("Every month", "Every %(n)s months", n) % {"n": n}
    return str(survey.get_trigger_display())


def reminded(survey: Survey) -> str:
    if not survey.reminders:
        return _("Nobody is reminded.")
    n = survey.reminder_days
    if survey.reminders == 1:
        said = ngettext(
            "Who has not answered is reminded once, %(n)s day later.",
            "Who has not answered is reminded once, %(n)s days later.",
            n,
        )
    else:
        said = ngettext(
            "Who has not answered is reminded twice, %(n)s day apart.",
            "Who has not answered is reminded twice, %(n)s days apart.",
            n,
        )
    return said % {"n": n}


def measures(kind: str) -> str:
    """The convention of its score, said wherever the score is shown."""
    said: dict[str, str] = {
        Kind.NPS: _("From 0 to 10. The score is the share of 9 and 10 minus the share of 0 to 6."),
        Kind.CSAT: _("From 1 to 5. The score is the share of 4 and 5."),
        Kind.CES: _("From 1 to 7, and 7 is very easy. The score is the mean; 5 to 7 is easy, 4 neutral, up to 3 hard."),
        Kind.EXIT: _("No score: the reasons are counted."),
        Kind.OWN: _("No score: each question is counted on its own."),
    }
    return said[kind]


def state(survey: Survey) -> tuple[str, str]:
    """In a word, and the badge it is underlined with."""
    if survey.archived_at:
        return pgettext("a survey", "put away"), ""
    if not survey.started_at:
        return pgettext("a survey", "draft"), "badge--brass"
    if survey.paused_at:
        return pgettext("a survey", "paused"), "badge--warn"
    return pgettext("a survey", "running"), "badge--good"


def happened(what: str, survey: Any) -> str:
    """What a toast says of a change."""
    said = {
        "started": _("%(survey)s is sent from now on."),
        "paused": _("%(survey)s is paused: nobody new is asked. What was sent can still be answered."),
        "archived": _("%(survey)s is put away; its answers stay."),
        "restored": _("%(survey)s is back."),
    }
    return said[what] % {"survey": survey}
