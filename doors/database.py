"""Makes the databases, brings them up to date, and says in one sentence when one cannot be used."""

from urllib.parse import unquote, urlsplit

from doors.console import say
from doors.guard import Guard
from doors.paths import LOGS, PYTHON, ROOT, shown
from doors.processes import Program, last_lines, start, stop_together
from doors.refusal import Refusal
from doors.servers import Servers
from doors.variables import database_urls, environment

OLDEST = 15


def prepare(servers: Servers, guard: Guard, *, only_new: bool = False) -> None:
    """Every shop's database exists and has today's tables (`only_new`: when it has just been made)."""
    urls = database_urls(servers)
    made = [shop for shop, url in urls.items() if make_if_missing(url)]
    if shops := made if only_new else list(urls):
        _migrate(servers, guard, shops)


def _migrate(servers: Servers, guard: Guard, shops: list[str]) -> None:
    say("Bringing the databases up to date")
    command = (PYTHON, ROOT / "manage.py", "migrate", "--no-input", "--verbosity", "1")
    children = [start(Program(f"migrate-{shop}", command, environment(servers, shop)), guard) for shop in shops]
    try:
        failed = [child.program.name for child in children if child.process.wait() != 0]
    finally:
        stop_together(children)
    for name in failed:
        log = LOGS / f"{name}.log"
        raise Refusal(f"The database cannot be brought up to date; {shown(log)} ends with:\n{last_lines(log)}")


def make_if_missing(url: str) -> bool:
    """Refuses, in one sentence and without the password, a URL that cannot work."""
    import psycopg
    from psycopg import errors, sql

    try:
        _check_version(url)
    except psycopg.OperationalError as error:
        name = _name(url)
        if f'database "{name}" does not exist' not in str(error):
            raise Refusal(_why(url, error)) from None
        try:
            with psycopg.connect(_beside(url, "postgres"), autocommit=True, connect_timeout=5) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except errors.DuplicateDatabase:
            pass
        except psycopg.Error as refused:
            raise Refusal(f"The database “{name}” does not exist and cannot be made here: {_first(refused)}") from None
        return True
    except psycopg.Error as error:
        raise Refusal(_why(url, error)) from None
    return False


def has_orders(url: str) -> bool:
    import psycopg

    with psycopg.connect(_plain(url), connect_timeout=5) as connection:
        table = connection.execute("SELECT to_regclass('crm_order')").fetchone()
        if not table or table[0] is None:
            return False
        found = connection.execute("SELECT EXISTS (SELECT FROM crm_order)").fetchone()
        return bool(found and found[0])


def _check_version(url: str) -> None:
    import psycopg

    with psycopg.connect(_plain(url), connect_timeout=5) as connection:
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
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
