"""A figure with what it rests on, as the tiles at the head of a report show it."""

from dataclasses import dataclass
from typing import Any

from shop.charts.whisker import Whisker


@dataclass(frozen=True)
class Tile:
    """`is_small`: in place of a number `value` says that there is none yet, and `range` why."""

    name: Any
    value: str
    aside: str = ""
    whisker: Whisker | None = None
    range: str = ""
    verdict: str = ""
    tone: str = ""
    change: str = ""
    url: str = ""
    range_url: str = ""  # where the range is a count of its own
    is_small: bool = False
