"""A pytest plugin: a throwaway PostgreSQL and Valkey for the run, unless DATABASE_URL and REDIS_URL are set.

Loaded with -p in pyproject.toml: in a conftest it would come after Django has read its settings.
"""

import os
import re
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from doors import pytest_tables
from doors.servers import throwaway

running = ExitStack()
started: dict[str, str] = {}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        started.update(running.enter_context(throwaway()))
        os.environ.update(started)
    else:
        os.environ["REDIS_URL"] = numbered(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) + 1)
    os.environ.setdefault("REGULARS_TESTING", "true")
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    if "DATABASE_URL" in started and config.getoption("numprocesses", None) and not config.option.collectonly:
        running.callback(pytest_tables.begin().kill)


def pytest_unconfigure() -> None:
    running.close()


def numbered(url: str, number: int) -> str:
    """The same Redis server, another of its databases: a parallel run must not empty its neighbour's."""
    if url.startswith("unix://"):
        return f"{url.partition('?')[0]}?db={number}"
    return re.sub(r"(?<=[^/:])(/\d*)?$", f"/{number}", url, count=1)
