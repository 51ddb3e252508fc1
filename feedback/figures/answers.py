"""The list of answers: what it is asked for, and one page of it. The newest first, page by page.

Without a name they stand in their week in no order; where the week is one of few, after all others.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.facets import built_in
from crm.models import OrderLine, Segment
from crm.segments.question import Question as CustomerQuestion
from crm.staff import Staff
from feedback.figures.answer_rows import AnswerRow, dressed, shown
from feedback.figures.groups import FACETS, LOOKED_AFTER
from feedback.figures.measures import HIDDEN_UNDER
from feedback.figures.periods import midnight, read_day
from feedback.figures.quiet_weeks import QuietWeeks, tell_no_week
from feedback.following.topics import HOLDS
from feedback.models import Answer, Response, ResponseTopic, Survey, Topic
from feedback.models.invitation import Channel
from feedback.surveys.kinds import SCALES, Band
from shop import formats
from shop.typed import key_in, number_in

SIZE = 25
LONGEST = 200
FEW = 2_000
NOBODY = "-"

LABELS: dict[str, Any] = {
    "survey": gettext_lazy("Survey"),
    "version": pgettext_lazy("of a survey", "Version"),
    "band": pgettext_lazy("answers", "Low or high"),
    "score": gettext_lazy("Score"),
    "topic": gettext_lazy("Topic"),
    "words": gettext_lazy("Comment"),
    "complaint": pgettext_lazy("answers", "Followed up"),
    "channel": pgettext_lazy("answers", "Came by"),
    "language": gettext_lazy("Language"),
    "names": gettext_lazy("Name"),
    "staff": gettext_lazy("Looked after by"),
    "segment": gettext_lazy("Segment"),
    "product": gettext_lazy("Product"),
    "chose": gettext_lazy("Answered"),
}
TYPED = ("product", "chose", "version", "score")  # not offered as a list to tick


@dataclass(frozen=True)
class Chip:
    name: str
    label: Any
    words: list[str]
    off: str
    can_be_changed: bool = True


@dataclass
class AnswerQuestion:
    """Filters by name, each with several values of which one must hold; words; the days it lies between."""

    user: Any
    asked: dict[str, list[str]] = field(default_factory=dict)
    q: str = ""
    first: date | None = None
    last: date | None = None
    after: str = ""
    only: int | None = None  # the number of one answer, where it may be seen
    _options: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, address: QueryDict, user: Any) -> "AnswerQuestion":
        """What cannot be read is left out."""
        question = cls(user, after=address.get("after", "")[:20])
        q = address.get("q", "").strip()[:LONGEST]
        question.q = q if q.isprintable() else ""
        question.first, question.last = read_day(address.get("from", "")), read_day(address.get("to", ""))
        for name in question.labels:
            values = [value for value in dict.fromkeys(address.getlist(name)) if question.knows(name, value)]
            if values:
                question.asked[name] = values[:40]
        return question

    # ---- What can be asked ----------------------------------------------------------------------------
    @property
    def labels(self) -> dict[str, Any]:
        """With the facets of customers that this person may ask about, marked so: c.tier."""
        return LABELS | {f"c.{name}": facet.label for name, facet in built_in(FACETS, self.user).items()}

    def knows(self, name: str, value: str) -> bool:
        if name in ("product", "chose"):
            return bool(value) and len(value) <= LONGEST and value.isprintable()
        if name in ("version", "score"):
            return number_in(value) is not None
        return value in self.options(name)

    def options(self, name: str) -> dict[str, Any]:
        """Asked for once."""
        if name not in self._options:
            self._options[name] = OPTIONS[name](self.user) if name in OPTIONS else self._of_facet(name)
        return self._options[name]

    def _of_facet(self, name: str) -> dict[str, Any]:
        facet = built_in(FACETS, self.user).get(name.removeprefix("c."))
        if facet is None:
            return {}
        unknown = {NOBODY: _("none")} if facet.may_be_unknown else {}
        return {str(value): label for value, label in facet.options()} | unknown

    # ---- Who is meant ---------------------------------------------------------------------------------
    @property
    def rows(self) -> QuerySet[Response]:
        """Without those that have no name where only a few of them are left: they could be told apart."""
        rows = self._met()
        if not self._may_hide:
            return rows
        few = rows.filter(nameless=True)[:HIDDEN_UNDER].count()
        return rows.filter(nameless=False) if 0 < few < HIDDEN_UNDER else rows

    @property
    def _may_hide(self) -> bool:
        return "with" not in self.asked.get("names", []) or len(self.asked["names"]) > 1

    def _met(self) -> QuerySet[Response]:
        rows: Any = Response.objects.counted()
        if self.first:
            rows = rows.filter(at__gte=midnight(self.first))
        if self.last:
            rows = rows.filter(at__lt=midnight(self.last + timedelta(days=1)))
        for name, values in self.asked.items():
            met = Q()
            for value in values:
                met |= self._condition(name, value)
            if name == "staff":
                rows = rows.annotate(looked_after=LOOKED_AFTER)
            rows = rows.filter(met)
        if self.q:
            rows = self._with_words(rows)
        return rows

    def _with_words(self, rows: QuerySet[Response]) -> QuerySet[Response]:
        """A word that is rare is found by its index first: along the newest the way to a page of it may be long."""
        words = SearchQuery(self.q, config="simple", search_type="websearch")
        said = Q(~Q(comment=""), said=words)
        vector = SearchVector("comment", config="simple")
        few = list(Response.objects.alias(said=vector).filter(said).values_list("pk", flat=True)[: FEW + 1])
        return rows.filter(pk__in=few) if len(few) <= FEW else rows.alias(said=vector).filter(said)

    def _condition(self, name: str, value: str) -> Q:
        if name.startswith("c."):
            return Q(customer__in=self._customers(name.removeprefix("c."), value))
        if name == "segment":
            return Q(customer__in=Segment.objects.get(pk=value).customers(self.user).order_by().values("pk"))
        return CONDITIONS[name](value)

    def _customers(self, name: str, value: str) -> Any:
        """Who answers to one facet, as the list of customers would find them."""
        address = QueryDict(mutable=True)
        address[name] = value
        return CustomerQuestion.read(address, self.user).customers.order_by().values("pk")

    # ---- One page -------------------------------------------------------------------------------------
    def page(self, size: int = SIZE) -> tuple[list[AnswerRow], str]:
        """The place after it is the number of its last answer; one that cannot be read is the beginning."""
        rows = self.rows if self.only is None else self.rows.filter(pk=self.only)
        last = Response.objects.filter(pk=key_in(self.after)).first()
        quiet = QuietWeeks.of([int(pk) for pk in self.asked["survey"]] if "survey" in self.asked else None)
        found = list(_in_time(rows, quiet, last)[: size + 1])
        if quiet and len(found) <= size and tell_no_week(self.first, self.last):
            found += _apart(rows, quiet, last)[: size + 1 - len(found)]
        following = str(found[size - 1].pk) if len(found) > size else ""
        return dressed(found[:size], self.user), following

    # ---- How it is written ----------------------------------------------------------------------------
    @property
    def chips(self) -> list[Chip]:
        chips = [self._chip(name, values) for name, values in self.asked.items()]
        if self.first or self.last:
            words = [formats.day(one) if one else "…" for one in (self.first, self.last)]
            chips.insert(0, Chip("days", _("Between"), [" – ".join(words)], self.address(without="days")))
        return chips

    def _chip(self, name: str, values: list[str]) -> Chip:
        labels = {} if name in TYPED else self.options(name)
        words = [str(labels.get(value, value)) for value in values]
        if name == "chose":
            words = [value.replace(":", ": ") for value in values]
        return Chip(name, self.labels[name], words, self.address(without=name), name not in TYPED)

    def address(self, *, without: str = "", **more: str) -> str:
        pairs: list[tuple[str, str]] = [("q", self.q)] if without != "q" else []
        if without != "days":
            pairs += [(name, one.isoformat()) for name, one in (("from", self.first), ("to", self.last)) if one]
        pairs += [(name, value) for name, values in self.asked.items() if name != without for value in values]
        return urlencode([(name, value) for name, value in (*pairs, *more.items()) if value])

    @property
    def names(self) -> list[str]:
        """Of what is asked, for the audit: values can be what somebody typed."""
        typed = {"q": self.q, "from": self.first, "to": self.last}
        return [*(name for name, value in typed.items() if value), *self.asked]

    @property
    def is_open(self) -> bool:
        return not self.asked and not self.q and not self.first and not self.last


def _in_time(rows: QuerySet[Response], quiet: QuietWeeks, last: Response | None) -> QuerySet[Response]:
    if last and quiet.holds(last):
        return rows.none()
    rows = rows.filter(~quiet.condition) if quiet else rows
    if last:
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk), at__lte=last.at)
    return shown(rows).order_by("-at", "-pk")


def _apart(rows: QuerySet[Response], quiet: QuietWeeks, last: Response | None) -> QuerySet[Response]:
    """Those whose week would tell who it was."""
    rows = rows.filter(quiet.condition)
    if last and quiet.holds(last):
        rows = rows.filter(pk__lt=last.pk)
    return shown(rows).order_by("-pk")


# ---- The choices of each filter, and what each means -------------------------------------------------------
def _surveys(_user: Any) -> dict[str, Any]:
    rows = Survey.objects.order_by("archived_at", "-created_at", "-pk").values_list("pk", "name")[:200]
    return {str(pk): name for pk, name in rows}


def _topics(_user: Any) -> dict[str, Any]:
    rows = Topic.objects.filter(archived_at=None).order_by("name").values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def _staff(_user: Any) -> dict[str, Any]:
    names = {actor.removeprefix("staff:"): name for actor, name in Staff.all().names.items()}
    return names | {NOBODY: _("nobody")}


def _segments(user: Any) -> dict[str, Any]:
    if not user.may("customers.view"):
        return {}
    return {str(pk): name for pk, name in Segment.objects.seen_by(user).order_by("name").values_list("pk", "name")}


OPTIONS: dict[str, Any] = {
    "survey": _surveys,
    "topic": _topics,
    "staff": _staff,
    "segment": _segments,
    "version": lambda user: {},
    "score": lambda user: {},
    "product": lambda user: {},
    "chose": lambda user: {},
    "band": lambda user: {str(value): label for value, label in Band.choices},
    "channel": lambda user: {str(value): label for value, label in Channel.choices},
    "language": lambda user: dict(settings.LANGUAGES),
    "words": lambda user: {"yes": _("with a comment"), "no": _("without a comment")},
    "names": lambda user: {"with": _("with a name"), "without": _("without a name")},
    "complaint": lambda user: {
        "open": _("not closed yet"),
        "closed": _("closed"),
        "none": _("nothing to do"),
        "call": _("wants a call"),
    },
}


def _band(value: str) -> Q:
    met = Q()
    for kind, scale in SCALES.items():
        scores = [score for score in scale.steps if scale.band(score) == value]
        met |= Q(survey__kind=kind, score__in=scores)
    return met


def _complaint(value: str) -> Q:
    return {
        "open": Q(complaint__isnull=False, complaint__closed_at=None),
        "closed": Q(complaint__closed_at__isnull=False),
        "none": Q(complaint=None),
        "call": Q(callback=True),
    }[value]


def _chose(value: str) -> Q:
    """why:2 chose the second; price: answered that question at all."""
    name, _colon, told = value.partition(":")
    answers = Answer.objects.filter(question__name=name)
    if (number := number_in(told, digits=4)) is not None:
        answers = answers.filter(Q(chosen__contains=[number]) | Q(number=number, question__kind="yes_no"))
    return Q(pk__in=answers.values("response"))


CONDITIONS: dict[str, Any] = {
    "survey": lambda value: Q(survey=int(value)),
    "version": lambda value: Q(version__number=int(value)),
    "band": _band,
    "score": lambda value: Q(score=int(value)),
    "topic": lambda value: Q(pk__in=ResponseTopic.objects.filter(HOLDS, topic=int(value)).values("response")),
    "words": lambda value: ~Q(comment="") if value == "yes" else Q(comment=""),
    "complaint": _complaint,
    "channel": lambda value: Q(channel=value),
    "language": lambda value: Q(language=value),
    "names": lambda value: Q(nameless=value == "without"),
    "staff": lambda value: Q(looked_after=None, nameless=False) if value == NOBODY else Q(looked_after=int(value)),
    "product": lambda value: Q(Exists(OrderLine.objects.filter(order=OuterRef("order"), name=value))),
    "chose": _chose,
}
