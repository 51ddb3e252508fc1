"""Files that people attach: which kinds are taken, recognised by what is in them, and how they are kept."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from shop import disk

MEGABYTE = 1_000_000
BLOCK = 256 * 1024
LOOKED_AT = 4096
LONGEST_NAME = 200


class NotTaken(Exception):
    """`code`: disk, too_large, empty or kind."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts

    def __str__(self) -> str:
        said = {
            "disk": _("The disk is nearly full, so no file can be taken."),
            "too_large": _("The file is larger than %(limit)s MB."),
            "empty": _("The file is empty."),
            "kind": _("Files of this kind are not taken. Pictures, PDF, text, tables, recordings and films are."),
        }
        return said[self.code] % self.facts


# (offset, bytes, type)
SIGNS = [
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
]
OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
TEXTS = {".txt": "text/plain", ".csv": "text/csv", ".eml": "message/rfc822", ".md": "text/plain", ".log": "text/plain"}


def type_of(upload: Any) -> str:
    """By its contents, not by what the browser says; a text or an office file also by its ending."""
    upload.seek(0)
    head, ending = upload.read(LOOKED_AT), Path(upload.name or "").suffix.lower()
    upload.seek(0)
    if not head:
        raise NotTaken("empty")
    for offset, sign, kind in SIGNS:
        if head[offset : offset + len(sign)] == sign:
            return kind
    if head.startswith(b"PK\x03\x04") and ending in OFFICE:
        return OFFICE[ending]
    if ending in TEXTS and _is_text(head):
        return TEXTS[ending]
    raise NotTaken("kind")


def _is_text(head: bytes) -> bool:
    return not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)


def plain_name(name: str) -> str:
    """As people see it: no folders, nothing unprintable, the ending kept."""
    name = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip() or "file"
    if len(name) <= LONGEST_NAME:
        return name
    ending = Path(name).suffix[:20]
    return name[: LONGEST_NAME - len(ending)] + ending


def copy(upload: Any, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("wb") as file:
            for block in upload.chunks(BLOCK):
                file.write(block)
    except OSError as error:
        if disk.ran_out(error):
            raise NotTaken("disk") from error
        raise
