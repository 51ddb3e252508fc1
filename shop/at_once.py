"""What one page wants to know, asked in one statement: each question stays a QuerySet, only the way is shared.

`once` keeps a question with what it is about, so that everybody who asks it again on this page has the same rows;
`fetch` fills several that have not been answered yet. A question that nobody fetched is answered alone, as ever.
When all of them are put together once (shop/prepared.py), PostgreSQL plans the statement once a connection, too:
planning the twenty questions of a card took five times as long as answering them.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    ForeignKey,
    IntegerField,
    JSONField,
    QuerySet,
    TextField,
)
from django.db.models.sql.compiler import SQLCompiler

from shop.asking import ask_one
from shop.prepared import Rows

About = TypeVar("About")
Answer = TypeVar("Answer")
Question: TypeAlias = QuerySet[Any] | Rows | None


def once(question: Callable[[About], Answer]) -> Callable[[About], Answer]:
    """Asked about the same object again, it gives the same answer; about the same row read anew, a new one."""

    @wraps(question)
    def kept(about: About) -> Answer:
        answers = about.__dict__.setdefault("_asked_once", {})
        if kept not in answers:
            answers[kept] = question(about)
        return answers[kept]

    return kept


_page: ContextVar[dict[Any, Any] | None] = ContextVar("answers_of_this_page", default=None)


def once_a_page(question: Callable[[], Answer]) -> Callable[[], Answer]:
    """Asked about nothing but the shop: while a page is read, which changes nothing, the first answer holds."""

    @wraps(question)
    def kept() -> Answer:
        answers = _page.get()
        if answers is None:
            return question()
        if kept not in answers:
            answers[kept] = question()
        return answers[kept]

    return kept


@contextmanager
def one_page(method: str | None) -> Iterator[None]:
    token = _page.set({} if method in ("GET", "HEAD") else None)
    try:
        yield
    finally:
        _page.reset(token)


def fetch(questions: Iterable[Question]) -> None:
    """Rows come as JSON and become again what the driver would have given."""
    asked = [one for one in questions if one is not None]
    querysets = [one.queryset if isinstance(one, Rows) else one for one in asked]
    open_ = [one for one in querysets if one._result_cache is None]
    if len(open_) < 2:
        return
    compilers = [one.query.get_compiler(using=open_[0].db) for one in open_]
    parts = [_part(compiler) for compiler in compilers]
    statement, values = ", ".join(sql for sql, _params in parts), [value for _sql, params in parts for value in params]
    way = ask_one if all(isinstance(one, Rows) for one in asked) else _ask_anew
    answers = way(f"SELECT {statement}", values)
    for question, compiler, answer in zip(open_, compilers, answers, strict=True):
        _fill(question, compiler, answer)


def _ask_anew(statement: str, values: list[Any]) -> Any:
    """What is written differently each time is not worth keeping a plan for."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _part(compiler: SQLCompiler) -> tuple[str, tuple[Any, ...]]:
    """Columns by number: two joined tables may both have an id."""
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return "NULL::text", ()
    columns = ", ".join(f"c{number}" for number in range(len(compiler.select)))
    return f"(SELECT json_agg(row_to_json(part))::text FROM ({sql}) AS part ({columns}))", tuple(params)


def _fill(question: QuerySet[Any], compiler: SQLCompiler, answer: str | None) -> None:
    """Django makes the objects itself: it is handed a compiler that has been to the database already."""
    rows = json.loads(answer, parse_float=Decimal) if answer else []
    reads = [_reader(expression.output_field) for expression, _sql, _alias in compiler.select or ()]
    found = [
        [
            value if value is None or read is None else read(value)
            for read, value in zip(reads, row.values(), strict=False)
        ]
        for row in rows
    ]
    compiler.execute_sql = lambda *_args, **_options: [found]  # type: ignore[method-assign,assignment]
    question.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
    try:
        len(question)
    finally:
        del question.query.get_compiler


def _reader(field: Any) -> Callable[[Any], Any] | None:
    """What makes of JSON's value the one that the driver would have given; None where it is that already."""
    if isinstance(field, ForeignKey):
        return _reader(field.target_field)
    if isinstance(field, (CharField, TextField, IntegerField, BooleanField)):
        return None
    if isinstance(field, DateTimeField):
        return datetime.fromisoformat
    return _as_text if isinstance(field, JSONField) else field.to_python


def _as_text(value: Any) -> str:
    """Django reads JSON itself."""
    return json.dumps(value, default=float)
