"""Everything the shop keeps, as one text: the database, Redis, files, logs. For looking whether somebody is in it."""

import base64
import re

import redis
from django.conf import settings
from django.db import connection

from shop.logs import JsonFormatter

_BODY = re.compile(r'"body": "([A-Za-z0-9+/=]+)"')
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


def redis_text(url: str = "") -> str:
    """Every key with what it holds; messages of Celery are unpacked, since their arguments are in base64."""
    client = redis.Redis.from_url(url or settings.REDIS_URL)
    found = []
    for key in client.scan_iter():
        found += [key, *_held_by(client, key)]
    text = b"\n".join(found).decode("utf-8", "replace")
    return text + "".join(_unpacked(body) for body in _BODY.findall(text))


def _held_by(client: redis.Redis, key: bytes) -> list[bytes]:
    kind = client.type(key)
    if kind == b"list":
        return list(client.lrange(key, 0, -1))
    if kind == b"hash":
        return [part for pair in client.hgetall(key).items() for part in pair]
    if kind == b"zset":
        return list(client.zrange(key, 0, -1))
    return list(client.smembers(key)) if kind == b"set" else [client.get(key) or b""]


def _unpacked(body: str) -> str:
    return base64.b64decode(body).decode("utf-8", "replace")


def files_text(*folders) -> str:
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path.name}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in paths)


def logs_text(records) -> str:
    formatter = JsonFormatter()
    return "\n".join(formatter.format(record) for record in records)
