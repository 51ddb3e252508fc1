"""The role the site works under in production, which owns none of the tables that only grow.

Who owns a table can switch its triggers off, and the triggers are what keeps entries, events and consents as they were
written. So migrations run as the owner, and the site as somebody who may read and write.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.module_loading import import_string
from psycopg import sql


class Command(BaseCommand):
    help = "Makes the role of APP_DATABASE_URL, or gives it what new tables need; run as the owner, after migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.APP_DATABASE_URL:
            self.stdout.write("APP_DATABASE_URL is not set: the site works as the owner of its tables.")
            return
        url = urlsplit(settings.APP_DATABASE_URL)
        role, password = unquote(url.username or ""), unquote(url.password or "")
        if not role or role == connection.settings_dict["USER"]:
            raise CommandError("APP_DATABASE_URL has to name another role than the one that owns the tables.")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
            known = bool(cursor.rowcount)
            for statement in _statements(sql.Identifier(role), password, known=known):
                cursor.execute(statement)
        self.stdout.write(f"{role} may read and write, and owns only what a recompute makes anew.")


def _statements(role: sql.Identifier, password: str, *, known: bool) -> Iterator[sql.Composed]:
    verb = sql.SQL("ALTER ROLE {}" if known else "CREATE ROLE {}").format(role)
    # It makes scratch databases, in which backups are proved.
    yield verb + sql.SQL(" LOGIN NOSUPERUSER NOCREATEROLE CREATEDB PASSWORD {}").format(sql.Literal(password))
    if not known:
        yield sql.SQL("GRANT {} TO CURRENT_USER").format(role)
    # The feed of events asks which transactions are another database's.
    yield sql.SQL("GRANT pg_read_all_stats TO {}").format(role)
    yield sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(role)
    for what, rights in (("TABLES", _rights_on_tables()), ("SEQUENCES", "USAGE, SELECT, UPDATE")):
        yield sql.SQL(f"GRANT {rights} ON ALL {what} IN SCHEMA public TO {{}}").format(role)
        yield sql.SQL(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {what} TO {{}}").format(role)
    for table in import_string(settings.TABLES_MADE_ANEW):
        yield sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(table), role)


def _rights_on_tables() -> str:
    """MAINTAIN, for ANALYZE after an import of many, is known from PostgreSQL 17 on."""
    maintain = ", MAINTAIN" if connection.cursor().connection.info.server_version >= 170_000 else ""
    return f"SELECT, INSERT, UPDATE, DELETE, REFERENCES{maintain}"
