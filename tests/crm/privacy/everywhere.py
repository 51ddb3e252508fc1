"""Everything the shop keeps, as one text: the database, Redis, files, logs. For looking whether somebody is in it."""

import redis
from django.conf import settings
from django.db import connection

from shop.logs import JsonFormatter

_TABLES = "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def database() -> dict[str, str]:
    """Each table as COPY writes it: what a dump holds. Bytes are given as text too."""
    dumped = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for (table,) in cursor.fetchall():
            with cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
                dumped[table] = _readable(b"".join(bytes(piece) for piece in copy))
    return dumped


def _readable(dumped: bytes) -> str:
    text = dumped.decode()
    for cell in text.replace("\n", "\t").split("\t"):
        if cell.startswith("\\\\x"):
            text += bytes.fromhex(cell[3:]).decode("utf-8", "replace")
    return text


def redis_text() -> str:
    client = redis.Redis.from_url(settings.REDIS_URL)
    found = []
    for key in client.scan_iter():
        found += [key, client.dump(key) or b""]
    return b"\n".join(found).decode("utf-8", "replace")


def files_text(*folders) -> str:
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path.name}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in paths)


def logs_text(records) -> str:
    formatter = JsonFormatter()
    return "\n".join(formatter.format(record) for record in records)
