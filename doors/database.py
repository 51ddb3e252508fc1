"""Says in one sentence why a database cannot be used, and makes it when it is missing."""

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from doors.refusal import Refusal

if TYPE_CHECKING:
    from psycopg import Connection

OLDEST = 15


def connected(url: str) -> "Connection[Any]":
    import psycopg

    return psycopg.connect(_plain(url), connect_timeout=5)


def make_if_missing(url: str, *, like: str = "") -> bool:
    """Whether it was missing. `like`: the URL of another that it is a copy of, to which nobody may be connected.

    Refuses, in one sentence and without the password, a URL that cannot work.
    """
    import psycopg
    from psycopg import errors, sql

    try:
        _check_version(url)
        return False
    except psycopg.OperationalError as error:
        name = _name(url)
        if f'database "{name}" does not exist' not in str(error):
            raise Refusal(_why(url, error)) from None
        try:
            with psycopg.connect(_beside(url, "postgres"), autocommit=True, connect_timeout=5) as connection:
                template = sql.Identifier(_name(like) or "template1")
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), template))
            return True
        except errors.DuplicateDatabase:
            return False
        except psycopg.Error as refused:
            raise Refusal(f"The database “{name}” does not exist and cannot be made here: {_first(refused)}") from None
    except psycopg.Error as error:
        raise Refusal(_why(url, error)) from None


def has_orders(url: str) -> bool:
    with connected(url) as connection:
        table = connection.execute("SELECT to_regclass('crm_order')").fetchone()
        if not table or table[0] is None:
            return False
        found = connection.execute("SELECT EXISTS (SELECT FROM crm_order)").fetchone()
        return bool(found and found[0])


def _check_version(url: str) -> None:
    with connected(url) as connection:
        if (major := connection.info.server_version // 10_000) < OLDEST:
            raise Refusal(f"DATABASE_URL is a PostgreSQL {major}; Regulars needs {OLDEST} or newer.")


def _plain(url: str) -> str:
    """The URL as libpq knows it; one that cannot be read is never repeated, for it may hold a password."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    scheme, _, rest = url.partition("://")
    if scheme not in ("postgres", "postgresql", "psql", "pgsql"):
        raise Refusal("DATABASE_URL must begin with postgres:// (no other database will do).")
    plain = f"postgresql://{rest}"
    try:
        parts = conninfo_to_dict(plain)
    except ProgrammingError:
        parts = {}
    if not parts.get("dbname") or not str(parts.get("port", "0")).isdecimal():
        raise Refusal("DATABASE_URL is not readable: it should look like postgres://user:password@host:5432/name.")
    return plain


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.lstrip("/"))


def _beside(url: str, database: str) -> str:
    return urlsplit(_plain(url))._replace(path=f"/{database}").geturl()


def _why(url: str, error: Exception) -> str:
    return f"The database of DATABASE_URL ({_shown(url)}) cannot be used: {_first(error)}"


def _shown(url: str) -> str:
    """Where it is, without who we are there."""
    return url.partition("://")[2].rpartition("@")[2].partition("?")[0]


def _first(error: Exception) -> str:
    """The last line that says what is wrong, not what to do about it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("HINT:")]
    return lines[-1] if lines else type(error).__name__
