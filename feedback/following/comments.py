"""Comments to read: found by their words and by what they are about, newest first, page by page."""

from dataclasses import dataclass
from typing import Any

from feedback.figures.answer_rows import AnswerRow, dressed, shown
from feedback.figures.answers import AnswerQuestion
from feedback.models import Response, Topic
from shop.typed import key_in, number_in

SIZE = 30


@dataclass(frozen=True)
class CommentPage:
    words: str
    topic: Topic | None
    rows: list[AnswerRow]
    following: str
    alone: bool = False  # one that was asked for by its number


def read(asked: Any, user: Any) -> CommentPage:
    """`asked`: the query of the address; what cannot be read is left out."""
    words, topic = asked.get("q", "").replace("\x00", "").strip()[:200], topic_of(asked.get("topic", ""))
    about = {"words": ["yes"]} | ({"topic": [str(topic.pk)]} if topic else {})
    question = AnswerQuestion(user, about, words, after=asked.get("after", ""), only=number_in(asked.get("answer", "")))
    rows, following = question.page(SIZE)
    return CommentPage(words, topic, rows, following, "answer" in asked)


def one(pk: int, user: Any) -> AnswerRow:
    return dressed(shown(Response.objects.filter(pk=pk)), user)[0]


def topic_of(number: str) -> Topic | None:
    return Topic.objects.filter(pk=key_in(number), archived_at=None).first()
