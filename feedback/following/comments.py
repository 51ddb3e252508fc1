"""Comments to read: found by their words and by what they are about, newest first, page by page.

Those without a name are shown where at least five of them fit, and tell no day: their neighbours would.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Prefetch, Q, QuerySet

from feedback.figures.measures import HIDDEN_UNDER
from feedback.following.low_scores import score_in_words
from feedback.following.topics import HOLDS
from feedback.models import Response, ResponseTopic, Topic
from feedback.surveys.kinds import Band

SIZE = 30


@dataclass(frozen=True)
class Comment:
    response: Response
    may_name: bool

    @property
    def author(self) -> Any:
        return self.response.customer if self.may_name else None

    @property
    def score(self) -> str:
        return score_in_words(self.response)

    @property
    def tone(self) -> str:
        return {Band.LOW: "low", Band.HIGH: "high"}.get(self.response.band or Band.MIDDLE, "")

    @property
    def topics(self) -> list[Topic]:
        return [one.topic for one in self.response.about]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class CommentPage:
    words: str
    topic: Topic | None
    rows: list[Comment]
    following: int
    alone: bool = False  # one that was asked for by its number


def read(asked: Any, *, may_name: bool) -> CommentPage:
    """`asked`: the query of the address; what cannot be read is left out."""
    words, topic = asked.get("q", "").replace("\x00", "").strip()[:200], topic_of(asked.get("topic", ""))
    fitting = _fitting(words, topic)
    rows = _from(fitting, asked)
    found = list(dressed(rows).order_by("-at", "-pk")[: SIZE + 1])
    following = found[SIZE - 1].pk if len(found) > SIZE else 0
    shown = _hide_few(found[:SIZE], fitting)
    return CommentPage(words, topic, [Comment(one, may_name) for one in shown], following, "answer" in asked)


def one(pk: int, *, may_name: bool) -> Comment:
    return Comment(dressed(Response.objects.filter(pk=pk)).get(), may_name)


def dressed(rows: QuerySet[Response]) -> QuerySet[Response]:
    about = ResponseTopic.objects.filter(HOLDS, topic__archived_at=None).select_related("topic").order_by("topic__name")
    return rows.select_related("survey", "customer").prefetch_related(Prefetch("topics", about, to_attr="about"))


def _fitting(words: str, topic: Topic | None) -> QuerySet[Response]:
    rows = Response.objects.counted().exclude(comment="")
    if words:
        rows = rows.annotate(words=SearchVector("comment", config="simple"))
        rows = rows.filter(words=SearchQuery(words, config="simple", search_type="websearch"))
    if topic:
        rows = rows.filter(pk__in=ResponseTopic.objects.filter(HOLDS, topic=topic).values("response"))
    return rows


def _from(rows: QuerySet[Response], asked: Any) -> QuerySet[Response]:
    """One of them, or those that come after one."""
    if number := _number(asked.get("answer", "")):
        return rows.filter(pk=number)
    last = Response.objects.filter(pk=_number(asked.get("after", ""))).first()
    return rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk)) if last else rows


def _hide_few(found: list[Response], fitting: QuerySet[Response]) -> list[Response]:
    if any(row.nameless for row in found) and fitting.filter(nameless=True)[:HIDDEN_UNDER].count() < HIDDEN_UNDER:
        return [row for row in found if not row.nameless]
    return found


def topic_of(number: str) -> Topic | None:
    return Topic.objects.filter(pk=_number(number), archived_at=None).first()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
