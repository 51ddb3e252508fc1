"""The list that makes a folder a backup: what its files are, what must come out of them, and whose it is.

Signed with SECRET_KEY (HMAC-SHA256), for whoever can change a dump can change the checksum beside it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.utils.crypto import constant_time_compare, salted_hmac

from shop.backup.evidence import Evidence
from shop.backup.refusal import Refusal

NAME, DATABASE, FILES = "manifest.json", "database.dump", "files.tar"
FORMAT = 1
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    made_at: datetime
    shop: str
    postgres: int
    evidence: Evidence
    media: int  # how many files of the shop
    files: dict[str, dict[str, Any]]  # of the backup: bytes and sha256 by name

    @property
    def rows(self) -> int:
        return sum(rows for rows, _checksum in self.evidence["tables"].values())

    @property
    def bytes(self) -> int:
        return sum(file["bytes"] for file in self.files.values())

    def write(self, folder: Path) -> None:
        told = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        told = json.loads(json.dumps(told))
        (folder / NAME).write_text(json.dumps({**told, "signature": _signature(told)}, indent=1))

    @classmethod
    def read(cls, folder: Path, *, foreign: bool = False) -> "Manifest":
        """Raises Refusal for what is no backup, is another version's, or (unless `foreign`) another shop's."""
        try:
            told = json.loads((folder / NAME).read_text())
            signature = told.pop("signature")
            form = told.pop("format")
            manifest = cls(**{**told, "made_at": datetime.fromisoformat(told["made_at"])})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Refusal(f"{folder} is not a backup: it has no {NAME} that can be read.") from None
        if form != FORMAT:
            raise Refusal(f"{folder} was made by another version of Regulars, whose backups this one cannot read.")
        if not foreign and not _ours({"format": form, **told}, signature):
            raise Refusal(
                f"{NAME} in {folder} was changed, or made by another shop: its signature does not fit SECRET_KEY."
                " If you know where it comes from and that SECRET_KEY was another then, add --foreign."
            )
        if not foreign and manifest.shop != settings.SHOP:
            raise Refusal(f"{folder} is a backup of the {manifest.shop} shop, and this is the {settings.SHOP} shop.")
        return manifest

    def check_files(self, folder: Path) -> None:
        """Raises Refusal when a file is missing, cut short or changed."""
        for name in (DATABASE, FILES):
            there = described(folder / name)
            if there is None:
                raise Refusal(f"{name} is missing from {folder}.")
            if there["bytes"] < self.files[name]["bytes"]:
                raise Refusal(f"{name} in {folder} was cut short: it should have {self.files[name]['bytes']} bytes.")
            if there != self.files[name]:
                raise Refusal(f"{name} in {folder} was changed after the backup was made: its checksum is another.")

    def check_version(self) -> None:
        """Raises Refusal when a newer Regulars made it: its tables are not known here."""
        known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
        ours = {name.split(".")[0] for name in known}
        newer = [name for name in self.evidence["migrations"] if name not in known and name.split(".")[0] in ours]
        if newer:
            raise Refusal(f"The backup was made by a newer version of Regulars (it knows {newer[-1]}): upgrade first.")


def described(path: Path) -> dict[str, Any] | None:
    """Bytes and sha256 of a file; None when there is none."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
    except FileNotFoundError:
        return None
    return {"bytes": size, "sha256": digest.hexdigest()}


def _signature(told: dict[str, Any], key: str | None = None) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return salted_hmac("regulars.backup", text, secret=key, algorithm="sha256").hexdigest()


def _ours(told: dict[str, Any], signature: str) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(signature, _signature(told, cast(str, key))) for key in keys)
