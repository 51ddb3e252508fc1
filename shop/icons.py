"""Lucide's icons as inline SVG, read once from the package and kept."""

from functools import cache
from html import escape
from importlib.resources import files
from xml.etree import ElementTree
from zipfile import ZipFile

from django.utils.safestring import SafeString, mark_safe

SVG = "{http://www.w3.org/2000/svg}"


class IconMissing(LookupError):
    """There is no icon of this name in the package."""


@cache
def _archive() -> ZipFile:
    return ZipFile(files("lucide").joinpath("lucide.zip").open("rb"))


@cache
def drawing(name: str) -> str:
    """The strokes of one icon on a 24 by 24 grid."""
    try:
        source = _archive().read(f"{name}.svg")
    except KeyError:
        raise IconMissing(name) from None

    strokes = []
    for mark in ElementTree.fromstring(source):  # noqa: S314 (the package's own file)
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in mark.attrib.items())
        strokes.append(f"<{mark.tag.removeprefix(SVG)}{attributes}/>")
    return "".join(strokes)


@cache
def icon(name: str, classes: str = "") -> SafeString:
    """One icon, hidden from screen readers: the word stands beside it."""
    css = f"icon {escape(classes)}".rstrip()
    return mark_safe(f'<svg class="{css}" viewBox="0 0 24 24" aria-hidden="true">{drawing(name)}</svg>')
