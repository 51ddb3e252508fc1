"""Comments to read: found by their words and by what they are about, newest first, page by page."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Prefetch

from feedback.following.low_scores import score_in_words
from feedback.following.topics import HOLDS
from feedback.models import Response, ResponseTopic, Topic

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
    def topics(self) -> list[Topic]:
        return [one.topic for one in self.response.about]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class CommentPage:
    words: str
    topic: Topic | None
    rows: list[Comment]
    following: int


def read(asked: Any, *, may_name: bool) -> CommentPage:
    """`asked`: the query of the address; what cannot be read is left out."""
    words, topic = asked.get("q", "").strip()[:200], topic_of(asked.get("topic", ""))
    rows = Response.objects.counted().exclude(comment="")
    if words:
        rows = rows.annotate(words=SearchVector("comment", config="simple"))
        rows = rows.filter(words=SearchQuery(words, config="simple", search_type="websearch"))
    if topic:
        rows = rows.filter(pk__in=ResponseTopic.objects.filter(HOLDS, topic=topic).values("response"))
    after = asked.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 18:
        rows = rows.filter(pk__lt=int(after))
    about = ResponseTopic.objects.filter(HOLDS, topic__archived_at=None).select_related("topic").order_by("topic__name")
    rows = rows.select_related("survey", "customer").prefetch_related(Prefetch("topics", about, to_attr="about"))
    found = list(rows.order_by("-pk")[: SIZE + 1])
    following = found[SIZE - 1].pk if len(found) > SIZE else 0
    return CommentPage(words, topic, [Comment(one, may_name) for one in found[:SIZE]], following)


def topic_of(number: str) -> Topic | None:
    known = number.isascii() and number.isdigit() and len(number) < 18
    return Topic.objects.filter(pk=int(number), archived_at=None).first() if known else None
