"""A database as libpq's programs and psycopg reach it: ours, or one of another name on the same server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

_KNOWN = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()} - {"options", "application_name"}


@dataclass(frozen=True)
class Database:
    name: str
    parameters: tuple[tuple[str, str], ...]
    password: str = ""

    @classmethod
    def ours(cls) -> "Database":
        given = connection.settings_dict
        options = {key: str(value) for key, value in given["OPTIONS"].items() if key in _KNOWN}
        place = {"host": given["HOST"], "port": str(given["PORT"] or ""), "user": given["USER"]}
        parameters = options | {key: value for key, value in place.items() if value}
        return cls(given["NAME"], tuple(sorted(parameters.items())), given["PASSWORD"] or "")

    def called(self, name: str) -> "Database":
        return Database(name, self.parameters, self.password)

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection[Any]]:
        secret = {"password": self.password} if self.password else {}
        told = make_conninfo(self.address, application_name="regulars-backup", **secret)
        with psycopg.connect(told, autocommit=True) as connected:
            yield connected

    @property
    def address(self) -> str:
        """For a command line, so without the password."""
        return make_conninfo(dbname=self.name, **dict(self.parameters))

    @property
    def environment(self) -> dict[str, str]:
        """For libpq's programs."""
        secret = {"PGPASSWORD": self.password} if self.password else {}
        return {**os.environ, **secret, "PGAPPNAME": "regulars-backup"}

    @property
    def site_environment(self) -> dict[str, str]:
        """For a management command that is to work with this database."""
        url = urlsplit(os.environ.get("DATABASE_URL", "postgres:///"))
        return {**os.environ, "DATABASE_URL": url._replace(path=f"/{quote(self.name, safe='')}").geturl()}

    def make(self, like: "Database") -> None:
        """An empty database that sorts and compares text as `like` does."""
        with like.connect() as there:
            row = there.execute(_LOCALE, [like.name]).fetchone()
        assert row
        provider, collate, ctype, locale = row
        wanted = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}")
        statement = wanted.format(sql.Identifier(self.name), sql.Literal(collate), sql.Literal(ctype))
        if provider in _OF_PROVIDER:
            statement += sql.SQL(_OF_PROVIDER[provider]).format(sql.Literal(locale))
        self._at_the_front(statement)

    def drop(self) -> None:
        self._at_the_front(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.name)))

    def take_the_place_of(self, old: "Database", *, kept_as: str) -> None:
        """Both are renamed in one transaction, so there is always one of that name; `old` stays under `kept_as`."""
        names = [old.name, self.name]
        with self._front.connect() as front:
            for name in names:
                front.execute(_allowed(name, False))
            try:
                front.execute(_END_ALL, [names])
                with front.transaction():
                    front.execute(_renamed(old.name, kept_as))
                    front.execute(_renamed(self.name, old.name))
                names = [old.name, kept_as]
            finally:
                for name in names:
                    front.execute(_allowed(name, True))

    @property
    def _front(self) -> "Database":
        """Where one connects to make, rename or drop another database."""
        return self.called("template1")

    def _at_the_front(self, statement: sql.Composed) -> None:
        with self._front.connect() as front:
            front.execute(statement)


_LOCALE = """
SELECT datlocprovider, datcollate, datctype, coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
  FROM pg_database d WHERE datname = %s
"""
_OF_PROVIDER = {
    "b": " LOCALE_PROVIDER builtin BUILTIN_LOCALE {}",
    "i": " LOCALE_PROVIDER icu ICU_LOCALE {}",
}
# Waits, for up to ten seconds each, until their server processes are gone: a database in use cannot be renamed.
_END_ALL = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = ANY (%s)"


def _allowed(name: str, yes: bool) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(name), sql.Literal(yes))


def _renamed(name: str, to: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to))
