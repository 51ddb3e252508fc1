"""The customers behind a response rate or a score: also those who never bought anything."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analytics.metrics import said
from analytics.metrics.groups import Group
from analytics.metrics.spans import Span
from crm.models import Customer

ANSWERED = "answered"


def asked(who: str, span: Span, group: Group) -> tuple[str, str, QuerySet[Customer]] | None:
    """A title, how it is meant, and who it is; None: nothing of the kind is asked for."""
    names = {"period": span.name}
    if who == ANSWERED:
        title = _("Asked, and answered: %(period)s") % names
        return (
            title,
            _("Of those who have had a week to answer. Who answered twice is here once."),
            _who(said.answered(span, group)),
        )
    survey = said.survey_of(who)
    if survey is None:
        return None
    title = _("Answered “%(survey)s”: %(period)s") % {**names, "survey": survey.name}
    return (
        title,
        _("Answers without a name are missing here. Who answered twice is here once."),
        _who(said.answers(survey, span, group)),
    )


def _who(rows: QuerySet) -> QuerySet[Customer]:
    return Customer.objects.filter(pk__in=rows.values("customer"))
