"""One bar cut into parts of a whole, each with its name and share below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from shop import formats
from shop.charts.base import Chart, Column, Row


@dataclass(frozen=True)
class Part:
    """kind is high, middle, low or compare."""

    label: str
    count: int
    kind: str = "high"
    href: str = ""


@dataclass(frozen=True)
class Stack(Chart):
    title: str
    note: str
    parts: Sequence[Part]
    csv: str = ""

    template = "charts/stack.html"

    def pieces(self) -> list[dict[str, Any]]:
        """Each part with its place on a bar of 1000 and its share in words."""
        whole, at, pieces = sum(part.count for part in self.parts) or 1, 0.0, []
        for part in self.parts:
            width = 1000 * part.count / whole
            share = formats.percent(part.count / whole)
            pieces.append({"part": part, "x": f"{at:.1f}", "width": f"{max(width - 2, 0):.1f}", "share": share})
            at += width
        return pieces

    @property
    def columns(self) -> list[Column]:
        return [Column(_("Part"), "text"), Column(_("Count"))]

    def rows(self) -> list[Row]:
        return [Row([part.label, part.count]) for part in self.parts]
