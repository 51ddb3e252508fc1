"""A database of its own for each size of shop, kept between runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection, connections

from bench import programme, synthetic
from config.patience import PatientConnection

PatientConnection.SECONDS = 3_600  # filling a shop takes longer than a page may wait


@contextmanager
def shop(customers: int) -> Iterator[None]:
    """Within, the default connection is a filled and recomputed shop of this size, with points."""
    with database(f"bench_{customers}"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM crm_order")
            (orders,) = cursor.fetchone()
        if not orders:
            synthetic.fill(customers)
            call_command("recompute", verbosity=0)
        programme.fill()
        yield


@contextmanager
def database(name: str) -> Iterator[None]:
    """Within, the default connection is this database, made and migrated when it is not there."""
    config = connections["default"].settings_dict
    before = config["NAME"]
    _create(name)
    _point_at(config, name)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        call_command("migrate", verbosity=0)
        connection.close()
        yield
    finally:
        _point_at(config, before)


def url(name: str) -> str:
    """DATABASE_URL with another database, for processes of their own."""
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    return base.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


def _create(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f'CREATE DATABASE "{name}"')


def _point_at(config: dict, name: str) -> None:
    connection.close()
    if config["OPTIONS"].get("pool"):
        connection.close_pool()
    config["NAME"] = name
