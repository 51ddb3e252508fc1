"""Container health: the web answers /livez, the worker a ping; relay and beat leave a heartbeat in the database."""

import os
import sys
import urllib.request

# Asked without Django: loading it every 20 seconds for this would cost more than the relay itself.
BEATS = "SELECT EXISTS (SELECT FROM shop_heartbeat WHERE name = %s AND at > now() - interval '120 seconds')"


def web() -> bool:
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".*") or "localhost"
    as_the_proxy = {"Host": host, "X-Forwarded-Proto": "https"}  # else a site that sends http to https would answer so
    request = urllib.request.Request("http://127.0.0.1:8000/livez", headers=as_the_proxy)
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
        return bool(answer.status == 200)


def worker() -> bool:
    from config.celery import app

    return bool(app.control.ping([f"celery@{os.uname().nodename}"], timeout=3))


def beating(name: str) -> bool:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=4) as connection:
        row = connection.execute(BEATS, [name]).fetchone()
    return bool(row and row[0])


if __name__ == "__main__":
    sys.path.insert(0, ".")
    role = sys.argv[1]
    healthy = web() if role == "web" else worker() if role == "worker" else beating(role)
    sys.exit(0 if healthy else 1)
