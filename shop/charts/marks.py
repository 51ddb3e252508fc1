"""Writing SVG marks as text, quickly and escaped."""

from collections.abc import Iterable
from html import escape
from typing import Any

NAMES = {"css": "class", "anchor": "text-anchor", "label": "aria-label", "aria_hidden": "aria-hidden"}
FOREIGN = {"href", "label", "title"}


def mark(tag: str, *inside: str, **attributes: Any) -> str:
    """One element; `inside` is already written marks. Numbers get one decimal, None and "" are left out.

    Only href, label and title carry words that come from outside; the rest is ours and not escaped.
    """
    pieces = ["<", tag]
    for name, value in attributes.items():
        if value is None or value == "":
            continue
        if type(value) is float:
            value = f"{value:.1f}"
        elif name in FOREIGN:
            value = escape(str(value))
        pieces.append(f' {NAMES.get(name, name)}="{value}"')
    pieces.append(f">{''.join(inside)}</{tag}>" if inside else "/>")
    return "".join(pieces)


def words(x: float, y: float, said: Any, *, css: str = "", anchor: str = "") -> str:
    return mark("text", escape(str(said)), css=css, x=float(x), y=float(y), anchor=anchor)


def rule(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return mark("line", css=css, x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2))


def dots(points: Iterable[tuple[float, float]]) -> str:
    """x,y x,y: what polylines and polygons are made of."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def svg(css: str, width: int, height: int, label: str, marks: Iterable[str], *, role: str = "group") -> str:
    viewbox = f"0 0 {width} {height}"
    return f'<svg class="{css}" viewBox="{viewbox}" role="{role}" aria-label="{escape(label)}">{"".join(marks)}</svg>'
