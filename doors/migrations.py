"""Brings the databases up to date, when there is something new: each remembers what it was last brought to."""

import hashlib
from contextlib import suppress

from doors.console import say
from doors.database import connected, make_if_missing
from doors.guard import Guard
from doors.paths import LOGS, PYTHON, ROOT, shown
from doors.processes import Program, last_lines, start, stop_together
from doors.refusal import Refusal
from doors.servers import Servers
from doors.variables import database_urls, environment

APPLIED = "SELECT count(*), max(applied)::text FROM django_migrations"
REMEMBERED = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"


def prepare(servers: Servers, guard: Guard, *, only: str = "", only_new: bool = False) -> None:
    """Every shop's database exists and has today's tables (`only`: of this shop; `only_new`: of those without any)."""
    urls = database_urls(servers)
    shops = [only] if only else list(urls)
    made = [shop for shop in shops if make_if_missing(urls[shop])]

    remembered = {shop: _remembered(urls[shop]) for shop in shops}
    behind = [shop for shop in shops if remembered[shop] != _state(urls[shop])]
    if only_new:
        behind = [shop for shop in behind if remembered[shop] is None]
    if behind:
        _migrate(servers, guard, behind)
        for shop in behind:
            _remember(urls[shop])
    if only in made:
        _copy(urls[only], [url for shop, url in urls.items() if shop != only])


def _copy(first: str, others: list[str]) -> None:
    """The same empty tables for the others, sooner than by migrations, while nobody is in the first."""
    for url in others:
        with suppress(Refusal):  # the migrations make it later, or say why not
            if make_if_missing(url, like=first):
                _remember(url)


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


def _state(url: str) -> str:
    """The code's migrations, and what the database says it has applied: a step back by hand shows in it."""
    from psycopg import errors

    with connected(url) as connection:
        try:
            applied = connection.execute(APPLIED).fetchone()
        except errors.UndefinedTable:
            applied = None
    files = [*sorted(ROOT.glob("*/migrations/*.py")), *sorted(ROOT.glob("*/models/*.py")), ROOT / "requirements.txt"]
    code = hashlib.sha256()
    for path in files:
        code.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return f"Migrated {code.hexdigest()[:16]} {applied}"


def _remembered(url: str) -> str | None:
    with connected(url) as connection:
        found = connection.execute(REMEMBERED).fetchone()
        return found[0] if found else None


def _remember(url: str) -> None:
    """A comment on the database goes where the database goes; whoever may not write one migrates each time."""
    from psycopg import errors, sql

    with connected(url) as connection:
        name = sql.Identifier(connection.info.dbname)
        try:
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, _state(url)))
        except errors.InsufficientPrivilege:
            connection.rollback()
