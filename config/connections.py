"""How to reach PostgreSQL and Redis, from two URLs."""

from typing import Any
from urllib.parse import quote, urlsplit

import environ

from config.patience import PatientConnection

# Milliseconds a statement may take, by what the process is for. Long jobs set their own per stage.
STATEMENT_TIMEOUT = {"web": 5_000, "relay": 5_000, "worker": 60_000}


def database(env: environ.Env, role: str) -> dict[str, Any]:
    config = env.db("DATABASE_URL", default="postgres:///regulars")
    limits: dict[str, int | str] = {
        "lock_timeout": 5_000,
        "statement_timeout": STATEMENT_TIMEOUT.get(role, 0),
        "idle_in_transaction_session_timeout": 60_000,
    }
    if role == "web":
        limits["jit"] = "off"
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    config["OPTIONS"] = {**config.get("OPTIONS", {}), "options": options, "application_name": f"regulars-{role}"}
    if role == "web":
        # Seconds: a pool that gives up soon asks anew with the next request, instead of after ever longer pauses.
        pool = {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=16), "timeout": 4, "reconnect_timeout": 5}
        config["OPTIONS"]["pool"] = {**pool, "connection_class": PatientConnection}
        config["OPTIONS"]["connect_timeout"] = 5
        config["CONN_HEALTH_CHECKS"] = True  # connections that died with the database are not handed out
    config["OPTIONS"]["prepare_threshold"] = 5  # any number: only what shop.asking sends is prepared at all
    config["CONN_MAX_AGE"] = 0
    return config


def broker_url(redis_url: str) -> str:
    """Celery's spelling: a Unix socket is `redis+socket://`, its database a query."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database_number = dict(pair.split("=") for pair in parts.query.split("&") if "=" in pair).get("db", "0")
    return f"redis+socket://{quote(parts.path, safe='/%')}?virtual_host={database_number}"
