"""A question that is put together once a process; each time it is asked, only what it is about goes in.

Making the same querysets and their SQL anew for every customer took a third of the card.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import date
from functools import cache, wraps
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import BooleanField, DateField, DateTimeField, Expression, Field, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from shop.asking import ask


class Given(Expression):
    """Stands in a question for a value that is known only when it is asked; `value` reads it off what it is about."""

    def __init__(self, value: Callable[[Any], Any], output_field: Field | None = None) -> None:
        super().__init__(output_field)
        self.value = value

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


WHOEVER = Given(lambda about: getattr(about, "pk", about))
NOW = Given(lambda _about: timezone.now(), DateTimeField())
TODAY = Given(lambda _about: timezone.localdate(), DateField())


class IsOneOf(Func):
    """`IsOneOf("customer_id", WHOEVER)`: one of the numbers the question is about, given as one value."""

    arg_joiner = " = ANY("
    template = "%(expressions)s::bigint[])"
    output_field = BooleanField()


class Rows(Sequence[Any]):
    """An answer, read when it is first looked at. No QuerySet: what is compiled can no longer be narrowed down."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self.queryset = queryset

    def __iter__(self) -> Iterator[Any]:
        return iter(self.queryset)

    def __len__(self) -> int:
        return len(self.queryset)

    def __getitem__(self, place: Any) -> Any:
        return list(self)[place]


class _Question(NamedTuple):
    queryset: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]


def prepared(question: Callable[[Any], QuerySet[Any]]) -> Callable[[Any], Rows]:
    """Of a function of a customer (a user …) that does nothing but make a queryset: it is called with WHOEVER."""
    return _prepared(question, _about)


def planned(question: Callable[[Any], QuerySet[Any]]) -> Callable[[Any], Rows]:
    """The same, and PostgreSQL plans it once a connection, too: where it is compared with columns and no more."""
    return _prepared(question, _sent)


def _prepared(question: Callable[[Any], QuerySet[Any]], ask_it: Callable[..., QuerySet[Any]]) -> Callable[[Any], Rows]:
    @cache
    def made() -> _Question:
        queryset = question(WHOEVER)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, params = compiler.as_sql()
        if frozen := [value for value in params if isinstance(value, date)]:
            raise ValueError(f"{question.__qualname__} would ask about {frozen} for ever; give it NOW or TODAY")
        return _Question(queryset, compiler, sql, params)

    @wraps(question)
    def asked(about: Any) -> Rows:
        return Rows(ask_it(about, *made()))

    asked.made = made  # type: ignore[attr-defined]  # a test puts each together without a database
    return asked


def _about(
    about: Any, queryset: QuerySet[Any], compiler: SQLCompiler, sql: str, params: tuple[Any, ...]
) -> QuerySet[Any]:
    """The queryset with a compiler that knows its SQL, on this thread's own connection.

    Django asks a query for its compiler and the compiler for its SQL, and has no other place for what is known already.
    So these two answers are put in place of its own, on copies that belong to this one asking.
    """
    values = tuple(value.value(about) if isinstance(value, Given) else value for value in params)
    rows, mine = queryset.all(), copy(compiler)
    mine.connection, mine.query = connections[queryset.db], rows.query
    mine.as_sql = lambda *_args, **_options: (sql, values)  # type: ignore[method-assign]
    rows.query.get_compiler = lambda *_args, **_options: mine  # type: ignore[method-assign]
    return rows


def _sent(about: Any, *question: Any) -> QuerySet[Any]:
    """Django makes the objects itself, of rows that came another way."""
    rows = _about(about, *question)
    mine = rows.query.get_compiler()
    mine.execute_sql = lambda *_args, **_options: [ask(*mine.as_sql())]
    return rows
