"""What kind of file it is and in which writing: found out in one pass over its bytes, before any row is read."""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from crm.imports.reasons import Refused
from crm.imports.writing import WORDS, code_page

MEGABYTE = 1024 * 1024
BLOCK = MEGABYTE
SAMPLE = 256 * 1024

OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
OTHER = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"BZh", b"SQLite format")
GZIP = b"\x1f\x8b"


@dataclass
class Look:
    """What one pass over the file tells."""

    sha256: str = ""
    lines: int = 0
    encoding: str = ""
    has_nul: bool = False
    start: bytes = field(default=b"", repr=False)


def check_path(path: Path) -> None:
    if path.is_dir():
        raise Refused("directory")
    try:
        with path.open("rb"):
            pass
        size = path.stat().st_size
    except FileNotFoundError:
        raise Refused("missing") from None
    except OSError:
        raise Refused("unreadable") from None
    if size == 0:
        raise Refused("empty")
    if size > settings.IMPORT_LIMIT * MEGABYTE:
        raise Refused("too_large", limit=settings.IMPORT_LIMIT)


def opened(path: Path) -> BinaryIO:
    """The bytes of the table, unpacked when they are packed: by their first bytes, not by the name of the file."""
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def fingerprint(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def look(path: Path) -> Look:
    check_path(path)
    found = Look(sha256=fingerprint(path))
    utf8, odd = codecs.getincrementaldecoder("utf-8")(), b""
    valid, size = True, 0
    for block in blocks(path):
        found.start = found.start or block[:SAMPLE]
        size += len(block)
        found.lines += max(block.count(b"\n"), block.count(b"\r"))
        found.has_nul = found.has_nul or b"\0" in block
        if valid:
            valid = _goes_on(utf8, block)
        if not valid and len(odd) < SAMPLE:
            odd += b" ".join(WORDS.findall(block))
    check_start(found.start)
    found.encoding = _encoding(found, valid and _goes_on(utf8, b"", final=True), odd[:SAMPLE])
    if not found.start.lstrip(b"\xef\xbb\xbf\xff\xfe\0").strip():
        raise Refused("empty")
    return found


def blocks(path: Path) -> Iterator[bytes]:
    size, limit = 0, 10 * settings.IMPORT_LIMIT
    try:
        with opened(path) as source:
            while block := source.read(BLOCK):
                size += len(block)
                if size > limit * MEGABYTE:
                    raise Refused("unpacks_too_large", limit=limit)
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Refused("broken_gzip") from None


def check_start(start: bytes) -> None:
    if start.startswith((*OFFICE, *OTHER, GZIP)):
        raise Refused("not_csv")


def _goes_on(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(found: Look, valid_utf8: bool, odd: bytes) -> str:
    """UTF-16 by its mark or its NULs, UTF-8 when every byte agrees, else the likelier of the Windows code pages."""
    start = found.start
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if wide := _wide(start):
        return wide
    if valid_utf8:
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    if start.count(0) > len(start) // 20 or b"\0" in start.split(b"\n", 1)[0]:
        raise Refused("not_csv")
    if not odd:  # it ends in the middle of a letter
        return "utf-8"
    page = code_page(odd)
    if not page:
        raise Refused("unknown_encoding")
    return page


def _wide(start: bytes) -> str:
    """UTF-16 without its mark: every other byte of its separators, digits and line ends is a NUL."""
    high, low = start[1::2].count(0), start[0::2].count(0)
    if max(high, low) < max(4, len(start) // 20) or min(high, low) * 10 > max(high, low):
        return ""
    return "utf-16-le" if high > low else "utf-16-be"


def text(path: Path, encoding: str) -> io.TextIOWrapper:
    """The table as text, its line ends as they are: the csv module must see those within quotes."""
    return io.TextIOWrapper(opened(path), encoding=encoding, errors="strict", newline="")


def first_line_not_in(path: Path, encoding: str) -> int:
    """Where the text stops being of this encoding; a decoder that reads in blocks cannot say."""
    if encoding.startswith("utf-16"):
        return 1
    with opened(path) as source:
        for number, line in enumerate(source, start=1):
            try:
                line.decode(encoding)
            except UnicodeError:
                return number
    return 1
