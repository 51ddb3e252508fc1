"""What those who complained said in the end: the page about the team shows it beside its times."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.complaints.figures import MONTHS
from crm.complaints.question import months
from crm.panels import Panel
from feedback.figures.counting import scores_of
from feedback.figures.measures import FEWEST, MEASURES, Measure, Scores
from feedback.models import AnswerTally, Survey
from shop.access import StaffRequest
from shop.intervals import FEW


@dataclass(frozen=True)
class Afterwards:
    """One survey that follows complaints; the addresses are empty for whoever may not read answers."""

    survey: Survey
    scores: Scores
    url: str
    by_person: str

    @property
    def is_few(self) -> bool:
        return self.scores.n < FEWEST

    @property
    def is_grey(self) -> bool:
        return self.scores.n < FEW

    @property
    def one_by_one(self) -> str:
        return ", ".join(str(score) for score, n in sorted(self.scores.counts.items(), reverse=True) for _n in range(n))

    @property
    def measure(self) -> Measure:
        return MEASURES[self.survey.kind]

    @property
    def value(self) -> str:
        return self.measure.say(self.measure.of(self.scores).value)

    @property
    def range(self) -> str:
        found = self.measure.of(self.scores)
        return _("%(low)s to %(high)s") % {"low": self.measure.say(found.low), "high": self.measure.say(found.high)}


def said_afterwards(request: StaffRequest) -> Panel | None:
    surveys = Survey.objects.filter(kind__in=MEASURES, trigger=Survey.Trigger.COMPLAINT).order_by("-pk")[:4]
    found = {survey.pk: survey for survey in surveys}
    since = months(MONTHS)[-1]
    may_read = request.user.may("reports.view")
    rows = [_of(found[pk], scores, since, may_read) for pk, scores in _scores(list(found), since).items() if scores.n]
    return Panel("feedback/figures/_after_complaints.html", {"rows": rows}, zone="main") if rows else None


def _scores(surveys: list[int], since: date) -> dict[int, Scores]:
    tally = AnswerTally.objects.filter(survey__in=surveys, day__gte=since).order_by("-survey")
    counted = tally.values_list("survey", "score", "nameless").annotate(total=Sum("n"))
    rows: dict[int, list[tuple[int | None, bool, int]]] = {pk: [] for pk in surveys}
    for survey, *row in counted:
        rows[survey].append((row[0], row[1], row[2]))
    return {pk: scores_of(some) for pk, some in rows.items()}


def _of(survey: Survey, scores: Scores, since: date, may_read: bool) -> Afterwards:
    if not may_read:
        return Afterwards(survey, scores, "", "")
    days = {"survey": survey.pk, "from": since.isoformat(), "to": timezone.localdate().isoformat()}
    answers = f"{reverse('feedback:answers')}?{urlencode(days)}"
    people = f"{reverse('feedback:overview')}?{urlencode({'survey': survey.pk, 'by': 'staff'})}"
    return Afterwards(survey, scores, answers, people)
