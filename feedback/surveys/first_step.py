"""The first survey, on Today of a new shop (config/panels.py)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.first_steps import Step
from feedback.models import Survey
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import prepared


@once
def survey_of(request: StaffRequest) -> Any:
    return None if request.user.first_steps_put_away_at else _started(None)


@prepared
def _started(_shop: Any) -> Any:
    return Survey.objects.filter(started_at__isnull=False).order_by().values_list("pk")[:1]


def first_step(request: StaffRequest) -> Step | None:
    if not request.user.may("surveys.edit"):
        return None
    return Step(
        _("Ask what customers think"),
        _("Each is written in four languages and can be sent as it is. Nobody is asked before you start it."),
        _("Choose a survey"),
        reverse("feedback:survey_new"),
        done=bool(survey_of(request)),
    )
