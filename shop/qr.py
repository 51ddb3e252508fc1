"""A QR code as SVG that follows the page's own styles: one path, filled by the stylesheet."""

import io

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString

QUIET = 2


def drawn(text: str, label: str) -> SafeString:
    """Dark modules of a row that touch are one stroke."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    size = len(rows) + 2 * QUIET
    path = "".join(_strokes(row, y + QUIET) for y, row in enumerate(rows))
    return format_html(
        '<svg class="pass__code" viewBox="0 0 {} {}" role="img" aria-label="{}" shape-rendering="crispEdges">'
        '<path d="{}"/></svg>',
        size,
        size,
        label,
        path,
    )


def _strokes(row: bytes, y: int) -> str:
    found, begin = [], -1
    for x, dark in enumerate([*row, 0]):
        if dark and begin < 0:
            begin = x
        elif not dark and begin >= 0:
            found.append(f"M{begin + QUIET} {y}h{x - begin}v1h-{x - begin}z")
            begin = -1
    return "".join(found)


def file(text: str, kind: str) -> bytes:
    """For print: svg or png, of a size that a phone reads from a counter."""
    made = io.BytesIO()
    segno.make(text, error="m", micro=False).save(made, kind=kind, scale=12, border=4)
    return made.getvalue()
