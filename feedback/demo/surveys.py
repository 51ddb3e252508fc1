"""The surveys of the demo: one of each kind, as if they had been running since the first order."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from feedback.models import Survey
from feedback.surveys.kinds import Kind
from feedback.surveys.ready import make, ready

OWN = Path(__file__).with_name("own_survey.json")
RUNNING_FOR = timedelta(days=360)


def tell(staff: dict[str, Any], today: date) -> None:
    mira = staff["mira"]
    since = timezone.make_aware(datetime.combine(today - RUNNING_FOR, time(9)))
    for kind in (Kind.NPS, Kind.CSAT, Kind.CES, Kind.EXIT):
        _run(make(ready()[kind], kind, by=mira, actor=mira.actor, language="en"), mira, since)
    own = make(json.loads(OWN.read_text()), Kind.OWN, by=mira, actor=mira.actor, language="en")
    _run(own, mira, since + timedelta(days=320))


def _run(survey: Survey, by: Any, since: datetime) -> None:
    version = survey.open_draft(by=by)
    version.publish(by=by, actor=by.actor, at=since)
    survey.start(actor=by.actor, at=since)
    Survey.objects.filter(pk=survey.pk).update(created_at=since)
