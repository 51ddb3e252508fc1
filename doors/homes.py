"""Where a server keeps its data and its socket, and which user it runs as."""

import hashlib
import os
import pwd
import secrets
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doors.paths import ROOT, VAR
from doors.refusal import Refusal

# As root: data and programs that the database's user can reach when the checkout is out of its reach.
SYSTEM_HOME = Path("/var/lib/regulars")
LONGEST_SOCKET_FOLDER = 80  # a Unix socket's whole path has at most 103 bytes on some systems


@dataclass(frozen=True)
class Home:
    path: Path
    user: pwd.struct_passwd | None = None

    @property
    def sockets(self) -> Path:
        """A folder only its owner can enter: whoever reaches the socket is let in."""
        folder = self.path / "run"
        if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
            name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
            folder = Path("/tmp") / f"regulars-{name}"
        _private(folder, self.user)
        return folder

    def run(self, argv: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program as the home's user."""
        return subprocess.run(
            [str(word) for word in argv],
            cwd=self.path,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            **dropped(self.user),
        )


def dropped(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments with which subprocess becomes `user`."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def valkey_home(name: str = "valkey") -> Home:
    _private(VAR / name, None)
    return Home(VAR / name)


def postgres_home(name: str = "postgres") -> Home:
    """var/NAME; as root, a folder of the database's user: in var/ when that user can reach it, else outside."""
    folder = VAR / name
    if os.geteuid() != 0:
        _private(folder, None)
        return Home(folder)
    if not readable_by_others(VAR):
        folder = _outside(name)
    user = _owner(folder) or _database_user()
    _private(folder, user)
    return Home(folder, user)


def throwaway_home(name: str, *, reachable: bool) -> Home:
    """A temporary folder; `reachable`: by the database's user, when we are root."""
    folder = Path(tempfile.mkdtemp(prefix=f"regulars-{name}-"))
    if os.geteuid() != 0 or not reachable:
        return Home(folder)
    if not readable_by_others(folder.parent):
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix=f"regulars-{name}-", dir="/var/tmp"))
    user = _database_user()
    os.chown(folder, user.pw_uid, user.pw_gid)
    return Home(folder, user)


def readable_by_others(path: Path) -> bool:
    """Whether a user with no rights of its own can reach and run this program, or use this folder."""
    path = path.resolve()
    needed = stat.S_IROTH | stat.S_IXOTH
    return path.stat().st_mode & needed == needed and all(
        parent.stat().st_mode & stat.S_IXOTH for parent in path.parents
    )


def _outside(name: str) -> Path:
    """/var/lib/regulars/…, remembered in var/; a copied checkout gets data of its own, a moved one keeps them."""
    pointer = VAR / f"{name}-home"
    if pointer.exists():
        folder = Path(pointer.read_text())
        checkout = folder.with_suffix(".checkout")
        before = Path(checkout.read_text()) if checkout.exists() else ROOT
        if before == ROOT or not (before / "var" / pointer.name).exists():
            checkout.write_text(str(ROOT))
            return folder
    SYSTEM_HOME.mkdir(mode=0o755, exist_ok=True)
    folder = SYSTEM_HOME / f"{name}-{secrets.token_hex(4)}"
    folder.with_suffix(".checkout").write_text(str(ROOT))
    pointer.write_text(str(folder))
    return folder


def _owner(folder: Path) -> pwd.struct_passwd | None:
    """Whoever owns the data already there, unless it is root."""
    if folder.exists() and (uid := folder.stat().st_uid) != 0:
        return pwd.getpwuid(uid)
    return None


def _database_user() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root."""
    for name in ("postgres", "nobody", "daemon"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Refusal("PostgreSQL cannot run as root and this system has no other user: start this as an ordinary user.")


def _private(folder: Path, user: pwd.struct_passwd | None) -> None:
    owner = user.pw_uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if folder.is_symlink() or folder.stat().st_uid not in (owner, os.geteuid()):
            raise Refusal(f"{folder} belongs to another user: remove it, or start this as that user.") from None
    if user and folder.stat().st_uid != owner:
        os.chown(folder, user.pw_uid, user.pw_gid)
