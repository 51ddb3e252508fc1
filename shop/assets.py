"""Static files for production: many small files in the source, one request each for the reader.

`collectstatic` joins what an entry file imports, CSS with its layers and scripts
in blocks of their own, and leaves the parts out.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

ENTRIES = ("css/app.css", "css/customer.css", "css/form.css", "js/app.js")

CSS_IMPORT = re.compile(r'@import url\("(?P<path>[^"]+)"\)(?: layer\((?P<layer>[\w-]+)\))?;')
JS_IMPORT = re.compile(r'^import "(?P<path>\./[^"]+)";$', re.MULTILINE)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
JS_COMMENT_LINE = re.compile(r"^\s*//.*\n", re.MULTILINE)
SPACE = re.compile(r"\s+")


def read(files: dict[str, Any], name: str) -> str:
    storage, path = files[name]
    with storage.open(path) as source:
        return source.read().decode()


def joined(files: dict[str, Any], entry: str) -> tuple[str, set[str]]:
    """The text of an entry with its imports inside, and the names of the parts."""
    parts: set[str] = set()
    pattern = CSS_IMPORT if entry.endswith(".css") else JS_IMPORT

    def part(found: re.Match[str]) -> str:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(entry), found["path"]))
        parts.add(name)
        text = read(files, name)
        if pattern is JS_IMPORT:
            return f"{{\n{text}}}"
        return f"@layer {found['layer']} {{\n{text}}}" if found["layer"] else text

    text = pattern.sub(part, read(files, entry))
    return (slim_css(text) if pattern is CSS_IMPORT else JS_COMMENT_LINE.sub("", text)), parts


def slim_css(text: str) -> str:
    return SPACE.sub(" ", CSS_COMMENT.sub("", text)).strip() + "\n"


class JoinedStorage(CompressedManifestStaticFilesStorage):
    """Joins the entries, then hashes and compresses as WhiteNoise does."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            paths = self._join(paths)
        yield from super().post_process(paths, dry_run, **options)

    def _join(self, paths: dict[str, Any]) -> dict[str, Any]:
        everything, parts = dict(paths), set()
        for entry in ENTRIES:
            text, used = joined(everything, entry)
            parts |= used
            self._replace(entry, text)
            paths[entry] = (self, entry)
        for name in parts:
            paths.pop(name, None)
            self.delete(name)
        return paths

    def _replace(self, name: str, text: str) -> None:
        self.delete(name)
        self.save(name, ContentFile(text.encode()))
